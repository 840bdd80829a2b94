//! What resolvers say of the names that move.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What one resolver said last of one name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameViewLine {
    /// The name asked for.
    pub name: Arc<str>,
    /// The resolver asked, by its name in the configuration.
    pub resolver: Arc<str>,
    /// Whether it is authoritative for the name.
    pub authoritative: bool,
    /// Where the addresses lie, in words: `old`, `old+new`, or what went wrong.
    pub view: String,
    /// The addresses, in the order of the answer.
    pub addresses: Vec<IpAddr>,
    /// The least TTL in the answer.
    #[serde(serialize_with = "crate::seconds::some")]
    pub ttl: Option<Duration>,
    /// How long the answer took.
    #[serde(serialize_with = "crate::seconds::one")]
    pub took: Duration,
    /// When it was asked.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds() {
        let line = NameViewLine {
            name: "api.acme.example".into(),
            resolver: "zone".into(),
            authoritative: true,
            view: "new".to_owned(),
            addresses: vec!["198.51.100.7".parse().unwrap()],
            ttl: Some(Duration::from_secs(60)),
            took: Duration::from_millis(2),
            at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        };
        let line = serde_json::to_value(line).unwrap();
        assert_eq!((&line["ttl"], &line["took"]), (&serde_json::json!(60.0), &serde_json::json!(0.002)));
    }
}
