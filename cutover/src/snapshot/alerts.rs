//! Alerts, and what became of their notices.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertState {
    /// Its condition holds.
    Firing,
    /// Its condition held, and does no longer.
    Resolved,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertView {
    /// The rule's name.
    pub name: Arc<str>,
    /// Where it stands.
    pub state: AlertState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What it says, in one line.
    pub summary: String,
}

/// What became of one attempt to deliver a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryResult {
    /// The channel acknowledged it.
    Sent,
    /// It failed for now, and is tried again.
    Retry,
    /// The channel refused it for good.
    Rejected,
    /// It was given up: the canary stopped, or the queue was full.
    Undelivered,
}

/// One attempt to deliver a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    /// The channel's name.
    pub channel: Arc<str>,
    /// What became of it.
    pub result: DeliveryResult,
    /// When the attempt ended.
    pub at: DateTime<Utc>,
    /// The notice's subject.
    pub subject: String,
    /// The channel's words, for people: why it failed, or how it was acknowledged.
    pub detail: String,
}

impl AlertState {
    /// Both states.
    pub const ALL: [Self; 2] = [Self::Firing, Self::Resolved];

    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

impl DeliveryResult {
    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retry => "retry",
            Self::Rejected => "rejected",
            Self::Undelivered => "undelivered",
        }
    }
}
