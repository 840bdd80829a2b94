//! A fleet: its devices, and the handle by which it is told things.

use std::sync::Arc;
use std::time::Duration;

use cutover::{Route, Side};
use probes::{Aim, Fault, Pins, ProbeError};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::board::{Board, Standing};
use crate::device::Device;
use crate::{FleetContext, FleetPlan, PlanError, tally};

/// How many devices of a fleet register at the same time: they are many, and the API has users to serve.
const REGISTRATIONS: usize = 64;

/// What all devices of a fleet share.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) plan: FleetPlan,
    pub(crate) context: FleetContext,
    /// The way of a device: it follows DNS. Each lookup is a query of its own, nothing is cached or merged.
    pub(crate) aim: Aim,
    pub(crate) board: Board,
    pub(crate) registrations: Semaphore,
}

impl Fleet {
    /// The side on which a failure happened: that of the peer, as far as it was the target's fault. What the canary
    /// itself did wrong happened on neither side.
    pub(crate) fn blame(&self, error: &ProbeError) -> Option<Side> {
        match error.fault {
            Fault::Failed(_) => error.peer.and_then(|peer| self.aim.side_of(peer).side()),
            Fault::Aborted(_) => None,
        }
    }
}

/// A running fleet. Cheap to clone; dropping it ends nothing, the context's token does.
#[derive(Debug, Clone)]
pub struct FleetHandle {
    name: Arc<str>,
    count: u32,
    split: Arc<watch::Sender<f64>>,
}

/// Starts a fleet: each device and the tally are tasks on `tracker`, and end when the context's token is cancelled,
/// the devices within a second or two, the tally after them.
///
/// # Errors
/// When the plan is none; then nothing was started.
pub fn start(
    plan: FleetPlan,
    context: FleetContext,
    tracker: &TaskTracker,
) -> Result<FleetHandle, PlanError> {
    plan.check()?;
    let now = Instant::now();
    let sides = Arc::clone(&context.sides);
    let fleet = Arc::new(Fleet {
        aim: Aim::new(Route::Live, sides, Arc::new(Pins::default()), context.resolver.clone()),
        board: Board::new(plan.shares.assign(plan.count), now),
        registrations: Semaphore::new(REGISTRATIONS),
        plan,
        context,
    });
    let (split, splits) = watch::channel(0.0);
    let devices = TaskTracker::new();
    for index in 0..fleet.plan.count {
        let turn = now + Duration::from_secs_f64(f64::from(index) / f64::from(fleet.plan.ramp));
        // Whose turn has not come is connecting, and not lost however long the ramp.
        fleet.board.stand(index, Standing::Without(turn));
        let device = Device::new(Arc::clone(&fleet), index, turn);
        tracker.spawn(devices.track_future(device.live(splits.clone())));
    }
    devices.close();
    let handle =
        FleetHandle { name: Arc::clone(&fleet.plan.name), count: fleet.plan.count, split: Arc::new(split) };
    tracker.spawn(tally::keep(fleet, devices));
    Ok(handle)
}

impl FleetHandle {
    /// The fleet's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How many devices it has.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// From now on this share of the devices (0 to 1, spread over the fleet) behaves as `both`: each holds a session at
    /// the first address that it ever had beside the one that DNS names. There is no way back, and a smaller share
    /// than before changes nothing. In the tallies the devices stay what they were meant to be.
    pub fn split(&self, share: f64) {
        self.split.send_if_modified(|present| {
            let more = share > *present;
            if more {
                *present = share.min(1.0);
            }
            more
        });
    }
}

/// Whether a device belongs to a share of the fleet: every so-many-th does, so that ten percent of ten is one.
pub(crate) fn belongs(index: u32, share: f64) -> bool {
    let upto = |count: f64| (count * share + 1e-9).floor();
    upto(f64::from(index) + 1.0) > upto(f64::from(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_exact_and_spread() {
        let chosen = |share| (0..200).filter(|index| belongs(*index, share)).collect::<Vec<_>>();
        assert_eq!(chosen(0.02), [49, 99, 149, 199]);
        assert_eq!(chosen(0.29).len(), 58);
        assert_eq!(chosen(0.0).len(), 0);
        assert_eq!(chosen(1.0).len(), 200);
    }
}
