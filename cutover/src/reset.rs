//! What became of a reset instruction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What became of one instruction in a fleet, summed up. Each device counts once in each figure, however often the
/// instruction came to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetSums {
    /// The instruction's id.
    pub id: Arc<str>,
    /// Devices that were meant to get it; 0 where nobody said who was.
    pub meant: u32,
    /// Devices that received it.
    pub received: u32,
    /// Received on the old side only.
    pub on_old: u32,
    /// Received on the new side only.
    pub on_new: u32,
    /// Received on both sides.
    pub on_both: u32,
    /// Received more than once, on whichever side.
    pub again: u32,
    /// Devices that obeyed: dropped their sessions and came anew.
    pub obeyed: u32,
    /// Came back, with the first acknowledged datapoint on the old side.
    pub returned_old: u32,
    /// The same on the new side.
    pub returned_new: u32,
    /// The same on neither side's address.
    pub returned_other: u32,
    /// The longest time from reset to that datapoint so far, in thousandths of a second.
    pub slowest_ms: u32,
    /// Devices that were meant to get it and did not.
    pub missed: Stragglers,
    /// Devices that received it and have not come back.
    pub away: Stragglers,
}

/// Devices that are behind: how many, and the first of them by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stragglers {
    /// How many.
    pub count: u32,
    /// The first ones, for people.
    pub names: Vec<String>,
}

impl ResetSums {
    /// Devices that came back, wherever.
    pub const fn returned(&self) -> u32 {
        self.returned_old + self.returned_new + self.returned_other
    }

    /// Whether nothing more is to be expected: all who were meant have received it, and all who have are back.
    pub const fn is_over(&self) -> bool {
        self.received > 0 && self.missed.count == 0 && self.away.count == 0
    }
}

/// What became of one instruction in all fleets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetReport {
    /// The instruction's id.
    pub id: Arc<str>,
    /// Who sent it, where that was said.
    pub by: Option<String>,
    /// Since when it is known who is meant, where that was said.
    pub since: Option<DateTime<Utc>>,
    /// The waves that it was sent to, in order.
    pub waves: Vec<Arc<str>>,
    /// What became of it in each fleet that knows of it.
    pub fleets: Vec<FleetReset>,
}

/// What became of an instruction in one fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetReset {
    /// The fleet.
    pub fleet: Arc<str>,
    /// What became of it.
    pub sums: ResetSums,
}
