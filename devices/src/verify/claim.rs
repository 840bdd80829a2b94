//! What devices say of their datapoints to who reads them back.

use cutover::Reached;
use tokio::time::Instant;

/// What a device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// A datapoint must be there.
    Claim(Claim),
    /// The datapoint with this number goes once more, whether it was claimed or not.
    Again(u64),
}

/// A datapoint of which the other end said that it has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Its number.
    pub(crate) seq: u64,
    /// When it was sent for the last time.
    pub(crate) sent: Instant,
    /// How often it was sent: so many copies of it are the device's own.
    pub(crate) sends: u8,
    /// Where.
    pub(crate) reached: Reached,
}

/// Words that may wait for the reader. A claim more is not read back, and counted so.
pub(crate) const WAITING: usize = 4096;
