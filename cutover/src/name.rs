//! What a resolver says of a name that moves.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Reached, Sides};

/// One resolver's answer to one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameAnswer {
    /// When it was asked.
    pub at: DateTime<Utc>,
    /// The name asked for.
    pub name: Arc<str>,
    /// The resolver asked, by the name it has in the configuration.
    pub resolver: Arc<str>,
    /// Whether this resolver is authoritative for the name: it knows no TTL that runs down.
    pub authoritative: bool,
    /// How long the answer took.
    pub took: Duration,
    /// What it said.
    pub view: NameView,
}

/// What a resolver said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameView {
    /// Addresses.
    Addresses {
        /// All of them, in the order of the answer.
        addresses: Vec<IpAddr>,
        /// The least TTL in the answer.
        ttl: Duration,
    },
    /// An answer without an address: the name does not exist, or the server reported an error. The text says which.
    Failed(String),
    /// No answer at all: nobody can tell whether the name or the resolver is to blame.
    Silent(String),
}

impl NameView {
    /// The sides on which the addresses lie, each once, in the order old, new, other.
    pub fn sides(&self, sides: &Sides) -> Vec<Reached> {
        let Self::Addresses { addresses, .. } = self else { return Vec::new() };
        let mut found: Vec<_> = addresses.iter().map(|address| sides.side_of(*address)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
