//! How a fleet is spread over time and addresses.

use std::sync::Arc;

use crate::{Delays, Openings, Pace, Shape, Shard, Sources};

/// How a fleet is spread over time and addresses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scale {
    /// How much of it is there, over time.
    pub shape: Shape,
    /// How long its devices take to come back, by personality.
    pub delays: Delays,
    /// From which addresses they connect.
    pub sources: Sources,
    /// How many of them begin a connection in a second; `None`: as many as want to.
    pub connects_per_second: Option<u32>,
}

/// What the fleets of one process have in common.
#[derive(Debug, Clone, Default)]
pub struct Process {
    /// Which share of every fleet is in it.
    pub shard: Shard,
    /// How many connections its devices begin in a second, all together; `None`: as many as want to.
    pub pace: Option<Arc<Pace>>,
    /// How many of them look a name up or open a session at the same time.
    pub openings: Openings,
}
