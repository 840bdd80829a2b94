//! Once a second, what a fleet has to say.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use cutover::{FleetTally, Observation};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::task::TaskTracker;

use crate::fleet::Fleet;
use crate::handle;

/// The time between two tallies.
const SECOND: Duration = Duration::from_secs(1);
/// At the end: how long the devices may take to leave, and how long the last tally may wait for its place.
const LEAVING: Duration = Duration::from_secs(3);

/// Sends a tally each second until the fleet is told to end, then waits for its `devices` to leave and sends the last
/// one. While the channel is full this waits, and the next tally sums up more than a second.
pub(crate) async fn keep(fleet: Arc<Fleet>, devices: TaskTracker) {
    let mut ticks = interval_at(Instant::now() + SECOND, SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let observations = &fleet.context.observations;
    loop {
        tokio::select! {
            () = fleet.context.cancel.cancelled() => break,
            _ = ticks.tick() => {}
        }
        // The place comes first: what happens while waiting for it is in the tally that takes it.
        let place = tokio::select! {
            () = fleet.context.cancel.cancelled() => break,
            place = observations.reserve() => place,
        };
        // Nobody listens any more: the process is ending, and says so elsewhere.
        let Ok(place) = place else { return };
        place.send(Observation::Fleet(tally(&fleet)));
    }
    // A device that hangs must not keep the last tally back.
    let _ = timeout(LEAVING, devices.wait()).await;
    let last = observations.send_timeout(Observation::Fleet(tally(&fleet)), LEAVING).await;
    if last.is_err() {
        tracing::debug!(fleet = %fleet.plan.name, "nobody took the fleet's last tally");
    }
}

fn tally(fleet: &Fleet) -> FleetTally {
    let happened = fleet.board.take();
    let census = fleet.board.census(Instant::now(), fleet.plan.grace);
    let names = |indices: Vec<u32>| indices.into_iter().map(|index| fleet.plan.device(index)).collect();
    FleetTally {
        at: Utc::now(),
        fleet: Arc::clone(&fleet.plan.name),
        devices: census.devices,
        events: happened.events,
        returned_after: happened.returned_after,
        verified_after: happened.verified_after,
        split: names(census.split),
        lost: names(census.lost),
        old: names(census.old),
        lookups: happened.lookups,
        reset: handle::reset(&fleet.plan, &fleet.board, None),
    }
}
