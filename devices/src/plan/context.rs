//! What a fleet needs from the process that it lives in.

use std::sync::Arc;

use cutover::{Observation, Sides};
use probes::{Pins, Resolver, Timeouts, Trust};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Process;

/// What all the devices of a fleet need from the process that they live in.
#[derive(Debug, Clone)]
pub struct FleetContext {
    /// The DNS server that the fleet asks.
    pub resolver: Resolver,
    /// Which address is on which side.
    pub sides: Arc<Sides>,
    /// Where the names that move are on each side, for what is read back there.
    pub pins: Arc<Pins>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How long each part of an exchange may take.
    pub timeouts: Timeouts,
    /// Where the fleet's tallies go. When it is full the fleet waits, and sums up what happens meanwhile.
    pub observations: mpsc::Sender<Observation>,
    /// Ends the fleet.
    pub cancel: CancellationToken,
    /// What each HTTP request calls itself.
    pub user_agent: Arc<str>,
    /// What the fleets of this process have in common.
    pub process: Process,
}
