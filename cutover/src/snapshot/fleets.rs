//! Fleets, and where their devices stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{DeviceEvent, DeviceState, Personality, ResetSums, Side, Stragglers};

/// One fleet.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FleetView {
    /// The fleet's name.
    pub fleet: Arc<str>,
    /// How many devices it has.
    pub total: u32,
    /// How many of them stand where.
    pub states: BTreeMap<DeviceState, u32>,
    /// The same by personality.
    pub by_personality: BTreeMap<Personality, BTreeMap<DeviceState, u32>>,
    /// How often each event happened since the start.
    pub events: BTreeMap<DeviceEvent, BySide>,
    /// The devices that came back after a reset.
    pub returned: Returned,
    /// Devices in session with both sides at once: the first ones, by name.
    pub split: Vec<String>,
    /// Devices lost: the first ones, by name.
    pub lost: Vec<String>,
    /// Devices still in session with the old side only, once they should have left it (phases `go` and `settled`).
    pub still_old: Stragglers,
    /// What became of the last reset instruction; `None`: there was none yet.
    pub reset: Option<ResetSums>,
    /// The devices' own lookups.
    pub lookups: Lookups,
    /// The datapoints that were read back on each side, if any are.
    pub verified: Vec<VerifiedOn>,
    /// The migration, a point a second, the last 600 of them, oldest first.
    pub curve: Vec<CurvePoint>,
}

/// A count, by the side on which it was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BySide {
    /// On the old side.
    pub old: u64,
    /// On the new side.
    pub new: u64,
    /// On neither.
    pub neither: u64,
}

/// From the reset to the first datapoint acknowledged after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Returned {
    /// How many devices came back.
    pub count: u64,
    /// The median of the time it took, in seconds.
    pub p50: Option<f64>,
    /// The 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// The datapoints that were read back on one side; how many were not is among the events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VerifiedOn {
    /// The side; `None`: neither.
    pub side: Option<Side>,
    /// How many were there.
    pub count: u64,
    /// The median of the time from sending until they could be read, in seconds, known within a quarter.
    pub p50: Option<f64>,
    /// The 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// The lookups that devices made themselves: nothing is cached or merged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Lookups {
    /// How many were answered with an address.
    pub count: u64,
    /// The median of the time it took, in seconds.
    pub p50: Option<f64>,
    /// The 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// Where a fleet's devices stood at the end of one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CurvePoint {
    /// The end of the second.
    pub at: DateTime<Utc>,
    /// In session with the old side only.
    pub old: u32,
    /// In session with the new side only.
    pub new: u32,
    /// In session with both.
    pub both: u32,
    /// In session with neither's address.
    pub other: u32,
    /// Trying.
    pub connecting: u32,
    /// Without a session for longer than their grace.
    pub lost: u32,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn maps_by_a_closed_set_are_json_objects_by_its_words() {
        let states = BTreeMap::from([(DeviceState::New, 3), (DeviceState::Connecting, 1)]);
        let by_personality = BTreeMap::from([(Personality::AtTtl, states.clone())]);
        let events = BTreeMap::from([(DeviceEvent::ConnectFailed, BySide { new: 2, ..BySide::default() })]);
        assert_eq!(
            serde_json::to_value((states, by_personality, events)).unwrap(),
            serde_json::json!([
                { "new": 3, "connecting": 1 },
                { "at-ttl": { "new": 3, "connecting": 1 } },
                { "connect-failed": { "old": 0, "new": 2, "neither": 0 } },
            ])
        );
    }
}
