//! What one must know to command a running canary.

use std::fmt;

use subtle::ConstantTimeEq;

/// A shared secret. It is compared in constant time, and never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The token with this text; `None` for an empty one, which everybody knows.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        Some(text.into()).filter(|text: &String| !text.trim().is_empty()).map(Self)
    }

    /// Whether `given` is this token. How long that takes tells no more than the token's length.
    pub fn admits(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_is_admitted() {
        assert!(Token::new("").is_none() && Token::new(" ").is_none());
        let token = Token::new("hunter2hunter2");
        let admits = |given| token.as_ref().is_some_and(|token| token.admits(given));
        assert!(admits("hunter2hunter2"));
        assert!(!admits("") && !admits("hunter2") && !admits("hunter2hunter3"));
        assert_eq!(format!("{token:?}"), "Some(Token(..))");
    }
}
