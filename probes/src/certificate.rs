//! The peer's certificate, as far as people ask about it.

use std::time::{Duration, SystemTime};

/// The peer's certificate, as far as people ask about it (RFC 5280).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The names and addresses that it is for, as they stand in it (section 4.2.1.6).
    pub names: Vec<String>,
    /// Whose it is: `CN=api.acme.example`.
    pub subject: String,
    /// Who vouches for it: `C=US, O=Let's Encrypt, CN=R11`.
    pub issuer: String,
    /// From when on it is valid.
    pub not_before: SystemTime,
    /// Until when it is valid.
    pub not_after: SystemTime,
}

impl Certificate {
    /// For how many whole days it is valid yet; negative when its time is over.
    pub fn days_left(&self, now: SystemTime) -> i64 {
        let days = |span: Duration| i64::try_from(span.as_secs() / 86_400).unwrap_or(i64::MAX);
        match self.not_after.duration_since(now) {
            Ok(left) => days(left),
            Err(over) => -1 - days(over.duration()),
        }
    }
}
