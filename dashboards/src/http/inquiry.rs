//! What can be asked of, and told to, those who know the devices one by one.

use cutover::{DevicePage, DeviceQuery, ResetReport};
use tokio::sync::oneshot;

/// Something about single devices, or an order to them. Whoever holds the fleets answers through `reply`.
#[derive(Debug)]
pub enum Inquiry {
    /// Which devices there are.
    Devices {
        /// Those that are asked for.
        query: DeviceQuery,
        /// Some of them, or what is wrong with the question.
        reply: oneshot::Sender<Result<DevicePage, String>>,
    },
    /// What became of a reset instruction.
    Reset {
        /// Its id.
        id: String,
        /// What became of it; `None`: nobody knows of it.
        reply: oneshot::Sender<Option<ResetReport>>,
    },
    /// Send a reset, or take note of one that somebody else sends.
    Order {
        /// What, to whom.
        order: ResetOrder,
        /// The instruction's id, or why it cannot be done.
        reply: oneshot::Sender<Result<String, String>>,
    },
}

/// An order to reset devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetOrder {
    /// The instruction's id; without one it is given one.
    pub id: Option<String>,
    /// Only this fleet.
    pub fleet: Option<String>,
    /// Only this device.
    pub device: Option<String>,
    /// Only this wave.
    pub wave: Option<String>,
    /// Who orders it.
    pub by: String,
    /// Whether it is to be sent from here; otherwise whoever orders it sends it.
    #[serde(default = "yes")]
    pub send: bool,
    /// Whether somebody else has sent it by now.
    #[serde(default)]
    pub sent: bool,
}

const fn yes() -> bool {
    true
}
