//! What is claimed of a datapoint.

use cutover::Reached;
use tokio::time::Instant;

/// A datapoint of which the other end said that it has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The device.
    pub(crate) index: u32,
    /// Its number.
    pub(crate) seq: u64,
    /// When it was sent for the last time.
    pub(crate) sent: Instant,
    /// How often it was sent: so many copies of it are the device's own.
    pub(crate) sends: u8,
    /// Where.
    pub(crate) reached: Reached,
}

/// Claims that may wait for the reader. What is more is not read back, and counted so.
pub(crate) const WAITING: usize = 4096;
