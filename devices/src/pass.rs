//! With what a device shows that it may come in.

use http::HeaderValue;
use probes::basic;
use serde::Deserialize;

use crate::plan::Account;

/// With what a device shows that it may come in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Pass {
    /// A user name and a password.
    Account(Account),
    /// A token.
    Token(String),
}

/// What a registration answers; more may stand beside it.
#[derive(Deserialize)]
struct Registered {
    username: Option<String>,
    password: Option<String>,
    token: Option<String>,
}

impl Pass {
    /// Reads what a registration answered.
    pub(crate) fn read(answer: &[u8]) -> Result<Self, String> {
        let registered: Registered = serde_json::from_slice(answer)
            .map_err(|error| format!("the registration's answer is no account: {error}"))?;
        match registered {
            Registered { username: Some(username), password: Some(password), .. } => {
                Ok(Self::Account(Account { username, password }))
            }
            Registered { token: Some(token), .. } => Ok(Self::Token(token)),
            _ => {
                Err("the registration's answer has neither `username` and `password` nor `token`".to_owned())
            }
        }
    }

    /// As a broker wants it: a token is the password of a user with the device's name.
    pub(crate) fn credentials(self, device: &str) -> (String, String) {
        match self {
            Self::Account(Account { username, password }) => (username, password),
            Self::Token(token) => (device.to_owned(), token),
        }
    }

    /// As an HTTP API wants it: `Basic` (RFC 7617) or `Bearer` (RFC 6750). `None`: it cannot stand in a header.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Account(Account { username, password }) => basic(username, password),
            Self::Token(token) => format!("Bearer {token}"),
        };
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn an_account_or_a_token_is_a_pass_and_nothing_else_is() {
        let account = Pass::read(br#"{"device":"d","username":"u","password":"p","token":"t"}"#).unwrap();
        assert_eq!(account.authorization().unwrap(), "Basic dTpw");
        assert_eq!(account.credentials("d"), ("u".to_owned(), "p".to_owned()));
        let token = Pass::read(br#"{"token":"t"}"#).unwrap();
        assert_eq!(token.authorization().unwrap(), "Bearer t");
        assert_eq!(token.credentials("d"), ("d".to_owned(), "t".to_owned()));
        assert!(Pass::read(br#"{"username":"u"}"#).is_err() && Pass::read(b"<html>").is_err());
        assert_eq!(Pass::Token("a\nb".to_owned()).authorization(), None);
    }
}
