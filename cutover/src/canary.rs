//! Real canaries: designated devices of the field that move first, what is heard of them, and how it is shown.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Side;

/// A real canary, as far as it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealCanary {
    /// Its name.
    pub name: Arc<str>,
    /// How often it is to be heard of.
    pub every: Duration,
    /// How much later than that it may be.
    pub grace: Duration,
    /// Whether it is listened for on both sides' brokers. One that only checks in comes by itself.
    pub subscribed: bool,
}

/// A sign of life: a datapoint on a side's broker, or a check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanarySeen {
    /// When it was heard, by our own clock.
    pub at: DateTime<Utc>,
    /// The canary's name.
    pub canary: Arc<str>,
    /// The side on which it was heard; `None`: it checked in and did not say.
    pub side: Option<Side>,
    /// When it was sent, by the canary's clock, if it says so.
    pub told_at: Option<DateTime<Utc>>,
}

/// How the watch itself fares on one side: a canary that cannot be heard is not silent. Said when that changes, and again
/// and again while it listens, since a connection may have died without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryLink {
    /// Until when this is known.
    pub at: DateTime<Utc>,
    /// The canaries that are listened for by it.
    pub canaries: Arc<[Arc<str>]>,
    /// On which side's broker.
    pub side: Side,
    /// What can be heard there.
    pub hearing: Hearing,
}

/// What the watch can hear on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hearing {
    /// All that the broker was told in this time.
    All {
        /// Since when: the broker has granted the subscription then.
        since: DateTime<Utc>,
    },
    /// Nothing.
    Nothing {
        /// Why.
        why: Arc<str>,
    },
}

/// Where a real canary stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CanaryState {
    /// Listened for, not heard yet, and not yet due.
    Waiting,
    /// It checks in, and does not say where it is.
    Alive,
    /// On the old side.
    Old,
    /// On the new side.
    New,
    /// On both sides at once.
    Both,
    /// Overdue.
    Silent,
    /// Overdue, but where it could be nobody listens: it cannot be said whether it is silent.
    Unwatched,
}

/// A real canary as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CanaryView {
    /// Its name.
    pub canary: Arc<str>,
    /// Where it stands.
    pub state: CanaryState,
    /// How often it is to be heard of.
    #[serde(serialize_with = "crate::seconds::one")]
    pub every: Duration,
    /// How much later than that it may be.
    #[serde(serialize_with = "crate::seconds::one")]
    pub grace: Duration,
    /// When it was last heard of.
    pub last_seen: Option<DateTime<Utc>>,
    /// The side on which that was.
    pub last_side: Option<Side>,
    /// When it was last heard of on the old side.
    pub on_old: Option<DateTime<Utc>>,
    /// When it was last heard of on the new side.
    pub on_new: Option<DateTime<Utc>>,
    /// While it is silent: since when nothing was heard of it.
    pub silent_since: Option<DateTime<Utc>>,
    /// Of its latest intervals, those that it kept.
    pub kept: u32,
    /// How many latest intervals that are, 20 at most.
    pub intervals: u32,
    /// Messages that were no news: copies of one heard on the other side, and those that came far too late.
    pub stale: u64,
    /// Where it is listened for and nothing can be heard, with the reason.
    pub deaf: Vec<DeafSide>,
}

/// A side on which nothing can be heard of a canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeafSide {
    /// The side.
    pub side: Side,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// Why.
    pub why: Arc<str>,
}

impl RealCanary {
    /// How long after it was heard it is overdue.
    pub(crate) fn due(&self) -> Duration {
        self.every.saturating_add(self.grace)
    }
}

impl CanaryState {
    /// All states, in the order of the tables.
    pub const ALL: [Self; 7] =
        [Self::Waiting, Self::Alive, Self::Old, Self::New, Self::Both, Self::Silent, Self::Unwatched];

    /// The word used in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Alive => "alive",
            Self::Old => "old",
            Self::New => "new",
            Self::Both => "both",
            Self::Silent => "silent",
            Self::Unwatched => "unwatched",
        }
    }

    /// Whether a canary in this state is on `side`.
    pub fn is_on(self, side: Side) -> bool {
        self == Self::Both || self == Self::from(side)
    }
}

impl From<Side> for CanaryState {
    fn from(side: Side) -> Self {
        match side {
            Side::Old => Self::Old,
            Side::New => Self::New,
        }
    }
}

impl fmt::Display for CanaryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
