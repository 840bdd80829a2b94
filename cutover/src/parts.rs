//! The parts of one exchange's time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A part of an exchange, as it is named in labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Looking up the name.
    Resolve,
    /// Establishing the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// From the request sent to the first byte of the answer.
    Wait,
    /// From the first byte of the answer to its last.
    Transfer,
    /// All of it.
    Total,
}

impl Part {
    /// Every part, in the order in which they happen.
    pub const ALL: [Self; 6] =
        [Self::Resolve, Self::Connect, Self::Tls, Self::Wait, Self::Transfer, Self::Total];

    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Wait => "wait",
            Self::Transfer => "transfer",
            Self::Total => "total",
        }
    }
}

/// How long each part of an exchange took. A part that did not happen (no TLS, a connection used again) is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Looking up the name.
    pub resolve: Option<Duration>,
    /// Establishing the TCP connection.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the request sent to the first byte of the answer.
    pub wait: Option<Duration>,
    /// From the first byte of the answer to its last.
    pub transfer: Option<Duration>,
    /// All of it, set also when the exchange failed on its way.
    pub total: Duration,
}

impl Parts {
    /// The duration of one part, if it happened.
    pub const fn get(&self, part: Part) -> Option<Duration> {
        match part {
            Part::Resolve => self.resolve,
            Part::Connect => self.connect,
            Part::Tls => self.tls,
            Part::Wait => self.wait,
            Part::Transfer => self.transfer,
            Part::Total => Some(self.total),
        }
    }

    /// The parts that happened, with their durations.
    pub fn iter(&self) -> impl Iterator<Item = (Part, Duration)> + '_ {
        Part::ALL.into_iter().filter_map(|part| self.get(part).map(|took| (part, took)))
    }

    /// These, and those of an exchange before: what both took together.
    #[must_use]
    pub fn and(&self, before: &Self) -> Self {
        let sum = |one: Option<Duration>, other: Option<Duration>| match (one, other) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        Self {
            resolve: sum(self.resolve, before.resolve),
            connect: sum(self.connect, before.connect),
            tls: sum(self.tls, before.tls),
            wait: sum(self.wait, before.wait),
            transfer: sum(self.transfer, before.transfer),
            total: self.total + before.total,
        }
    }
}
