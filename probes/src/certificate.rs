//! What a peer's certificate says.

use chrono::{DateTime, Utc};

/// What a peer's certificate says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// For whom it is, as `CN=api.acme.example`.
    pub subject: String,
    /// Who issued it, as `CN=R11, O=Let's Encrypt, C=US`.
    pub issuer: String,
    /// The names and addresses for which it stands (subject alternative names, RFC 5280 section 4.2.1.6).
    pub names: Vec<String>,
    /// When it expires.
    pub not_after: DateTime<Utc>,
}

impl Certificate {
    /// The whole days until it expires; less than 0 once it has.
    pub fn days_left(&self, now: DateTime<Utc>) -> i64 {
        (self.not_after - now).num_seconds().div_euclid(24 * 60 * 60)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn days_are_whole_ones_and_count_on_below_zero() {
        let not_after = DateTime::<Utc>::UNIX_EPOCH;
        let certificate =
            Certificate { subject: String::new(), issuer: String::new(), names: Vec::new(), not_after };
        let left = |hours| certificate.days_left(not_after - TimeDelta::hours(hours));
        assert_eq!([49, 24, 23, 0, -1, -25].map(left), [2, 1, 0, 0, -1, -2]);
    }
}
