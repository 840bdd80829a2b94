//! What a fleet of devices says, a second at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Side;
use crate::reset::ResetSums;
use crate::side::UnknownWord;

/// How a device treats DNS: the one thing that decides when it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personality {
    /// Resolves again only after a reset instruction; reconnects to the address it knows.
    ResetOnly,
    /// Resolves again when the answer's TTL has run out, and moves if the address changed.
    AtTtl,
    /// Resolves at each reconnect.
    AtReconnect,
    /// Resolves every few seconds, and moves if the address changed.
    Eager,
    /// Never resolves again, not even after a reset.
    Never,
    /// Picks up a new address early and keeps its session on the old one beside it.
    Both,
}

/// Where a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// In session with the old side only.
    Old,
    /// In session with the new side only.
    New,
    /// In session with both sides at once: split.
    Both,
    /// In session with an address of neither side.
    Other,
    /// Without a session, and trying.
    Connecting,
    /// Without a session for longer than its grace.
    Lost,
}

/// What happens in a device's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceEvent {
    /// Registered over HTTP.
    Registered,
    /// The registration failed.
    RegisterFailed,
    /// Asked DNS.
    Resolved,
    /// DNS gave no address.
    ResolveFailed,
    /// A session was established.
    Connected,
    /// A session could not be established.
    ConnectFailed,
    /// A session was lost, not by the device's own doing.
    Disconnected,
    /// A datapoint was acknowledged.
    Datapoint,
    /// A datapoint was sent and not acknowledged in time.
    DatapointFailed,
    /// A reset instruction was received and obeyed.
    Reset,
    /// A reset instruction came that had been obeyed before.
    ResetAgain,
    /// After a reset, the first datapoint was acknowledged.
    Returned,
    /// An acknowledged datapoint was read back.
    Verified,
    /// An acknowledged datapoint could not be read back in time: it is not there.
    DatapointLost,
    /// There is a copy of a datapoint that the device did not send.
    DatapointDuplicate,
    /// A datapoint stands behind one that the device sent after it.
    DatapointOutOfOrder,
    /// Nobody answered whether a datapoint is there.
    DatapointUnread,
}

impl Personality {
    /// All personalities, in the order of the tables.
    pub const ALL: [Self; 6] =
        [Self::ResetOnly, Self::AtTtl, Self::AtReconnect, Self::Eager, Self::Never, Self::Both];

    /// The word used in configuration and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResetOnly => "reset-only",
            Self::AtTtl => "at-ttl",
            Self::AtReconnect => "at-reconnect",
            Self::Eager => "eager",
            Self::Never => "never",
            Self::Both => "both",
        }
    }
}

impl FromStr for Personality {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = "reset-only, at-ttl, at-reconnect, eager, never, both";
        let found = Self::ALL.into_iter().find(|personality| personality.as_str() == text);
        found.ok_or_else(|| UnknownWord { given: text.to_owned(), what: "personality", words })
    }
}

impl DeviceState {
    /// All states, in the order of the tables.
    pub const ALL: [Self; 6] = [Self::Old, Self::New, Self::Both, Self::Other, Self::Connecting, Self::Lost];

    /// The word used in messages and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Both => "both",
            Self::Other => "other",
            Self::Connecting => "connecting",
            Self::Lost => "lost",
        }
    }
}

impl DeviceEvent {
    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::RegisterFailed => "register-failed",
            Self::Resolved => "resolved",
            Self::ResolveFailed => "resolve-failed",
            Self::Connected => "connected",
            Self::ConnectFailed => "connect-failed",
            Self::Disconnected => "disconnected",
            Self::Datapoint => "datapoint",
            Self::DatapointFailed => "datapoint-failed",
            Self::Reset => "reset",
            Self::ResetAgain => "reset-again",
            Self::Returned => "returned",
            Self::Verified => "verified",
            Self::DatapointLost => "datapoint-lost",
            Self::DatapointDuplicate => "datapoint-duplicate",
            Self::DatapointOutOfOrder => "datapoint-out-of-order",
            Self::DatapointUnread => "datapoint-unread",
        }
    }
}

impl fmt::Display for Personality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A second of a fleet's life.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetTally {
    /// The end of the second.
    pub at: DateTime<Utc>,
    /// The fleet's name.
    pub fleet: Arc<str>,
    /// How many devices of each personality stand where, at the end of the second. Every device is counted once.
    pub devices: BTreeMap<(Personality, DeviceState), u32>,
    /// How many events there were in this second, by the side on which they happened (`None`: neither).
    pub events: BTreeMap<(DeviceEvent, Option<Side>), u32>,
    /// For each device that returned in this second: on which side, and the time from the reset to its first datapoint,
    /// in seconds.
    pub returned_after: Vec<(Option<Side>, f64)>,
    /// For each datapoint that was read back in this second: the side on which it was, and how long after it was sent
    /// it was there to be read, in seconds.
    #[serde(default)]
    pub verified_after: Vec<(Option<Side>, f64)>,
    /// Devices in session with both sides at once, by name: the first ones, for people.
    pub split: Vec<String>,
    /// Devices lost, by name: the first ones, for people.
    pub lost: Vec<String>,
    /// Devices in session with the old side only, by name: the first ones, for people.
    pub old: Vec<String>,
    /// How long the devices' own lookups took in this second, in seconds (within 5 %), and how many took so long.
    pub lookups: Vec<(f64, u32)>,
    /// What became of the last reset instruction; `None`: there was none yet.
    pub reset: Option<ResetSums>,
}
