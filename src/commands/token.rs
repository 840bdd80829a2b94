//! The token, from where it was put.

use crate::cli::Token;
use crate::config::Secret;
use crate::failure::Failure;

/// The environment variable that holds it, where no file is named.
const VARIABLE: &str = "SERIN_TOKEN";

/// The token that the user gave, if any. It is one that a header can carry (RFC 6750 section 2.1), so that it can be
/// shown as well as asked for.
pub(crate) fn given(token: &Token) -> Result<Option<Secret>, Failure> {
    let read = match &token.token_file {
        Some(file) => Secret::from_file(file).map(Some),
        None if std::env::var_os(VARIABLE).is_some() => Secret::from_env(VARIABLE).map(Some),
        None => Ok(None),
    };
    let read = read.map_err(|why| Failure::usage(format!("there is no token: {why}")))?;
    match read {
        Some(secret) if !secret.reveal().chars().all(|c| c.is_ascii_graphic()) => {
            let way = "one line of letters, digits and punctuation, without spaces";
            Err(Failure::usage(format!("the token cannot be shown in a request: it must be {way}")))
        }
        read => Ok(read),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn from_file(content: &str) -> Result<Option<Secret>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, content).unwrap();
        given(&Token { token_file: Some(file) }).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_token_can_be_carried_by_a_header() {
        assert_eq!(from_file("hunter2hunter2\n").unwrap().unwrap().reveal(), "hunter2hunter2");
        for bad in ["two words", "two\nlines", "caf\u{e9}", " padded"] {
            assert!(from_file(bad).unwrap_err().contains("cannot be shown in a request"), "{bad}");
        }
        assert!(from_file("\n").unwrap_err().ends_with("is empty"));
    }
}
