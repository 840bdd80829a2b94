//! Devices by name, for people who ask: never a label, never all at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{DeviceState, Personality, Side};

/// Which devices are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceQuery {
    /// Only of this fleet.
    pub fleet: Option<String>,
    /// Only those that stand there.
    pub state: Option<DeviceState>,
    /// Only those that are behind in this way.
    pub behind: Option<Behind>,
    /// Only those after this one, in the order of fleets and devices.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// In which way a device is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behind {
    /// It was meant to get the last instruction, and did not.
    NoReset,
    /// It received the last instruction and has not come back.
    NotReturned,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLine {
    /// Its name.
    pub device: String,
    /// Its fleet.
    pub fleet: Arc<str>,
    /// How it treats DNS.
    pub personality: Personality,
    /// Where it stands.
    pub state: DeviceState,
    /// The last instruction that it was meant to get, or got; `None`: there was none.
    pub reset: Option<DeviceReset>,
}

/// What became of the last instruction on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReset {
    /// The instruction's id.
    pub id: Arc<str>,
    /// Whether it was meant to get it.
    pub meant: bool,
    /// The sides on which it received it.
    pub received: Vec<Side>,
    /// Whether it received it at all: also on an address of neither side.
    pub heard: bool,
    /// Whether it received it more than once.
    pub again: bool,
    /// Whether it obeyed.
    pub obeyed: bool,
    /// From the instruction to the first datapoint acknowledged after it, in thousandths of a second.
    pub returned_ms: Option<u32>,
    /// On which side that was; `None` with a time: on neither.
    pub returned_on: Option<Side>,
}

/// Some of the devices, and where to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePage {
    /// The devices, in the order of fleets and devices.
    pub devices: Vec<DeviceLine>,
    /// The last one of them, if there are more: ask for those after it.
    pub next: Option<String>,
}

impl Behind {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::NoReset, Self::NotReturned];

    /// The word in queries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoReset => "no-reset",
            Self::NotReturned => "not-returned",
        }
    }
}
