//! The handle by which a running fleet is told things, and asked.

use std::sync::Arc;

use cutover::{Behind, DeviceLine, DeviceQuery, ResetSums};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::FleetPlan;
use crate::board::{Board, NAMES};
use crate::fleet::Fleet;

/// A running fleet. Cheap to clone; dropping it ends nothing, the context's token does.
#[derive(Debug, Clone)]
pub struct FleetHandle {
    plan: Arc<FleetPlan>,
    // Not the fleet itself: whoever holds that keeps the tallies' channel open.
    board: Arc<Board>,
    split: Arc<watch::Sender<f64>>,
}

impl FleetHandle {
    pub(crate) fn new(fleet: &Fleet, split: watch::Sender<f64>) -> Self {
        Self { plan: Arc::new(fleet.plan.clone()), board: Arc::clone(&fleet.board), split: Arc::new(split) }
    }

    /// The fleet's name.
    pub fn name(&self) -> &Arc<str> {
        &self.plan.name
    }

    /// How many of its devices are in this process.
    pub fn count(&self) -> u32 {
        self.board.count()
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

    /// Takes note that the devices with these indices are meant to get a reset instruction, as far as they are in this
    /// process and there now; `None`: all of them. Said again, it adds to them. One that leaves by the fleet's shape
    /// before it got the instruction is meant no more; one that leaves before it is back goes on when it returns, and
    /// counts nowhere meanwhile.
    pub fn meant(&self, id: &str, indices: Option<&[u32]>) {
        match indices {
            Some(indices) => {
                let here = indices.iter().filter_map(|index| self.board.place(*index));
                self.board.meant(id, here);
            }
            None => self.board.meant(id, 0..self.board.count()),
        }
    }

    /// What became of a reset instruction in this process; `None` if the fleet knows nothing of it.
    pub fn reset(&self, id: &str) -> Option<ResetSums> {
        reset(&self.plan, &self.board, Some(id))
    }

    /// The devices that are asked for, those after the one with this index, at most `limit`; and whether there are more.
    pub fn devices(&self, query: &DeviceQuery, after: Option<u32>, limit: usize) -> (Vec<DeviceLine>, bool) {
        let now = Instant::now();
        let mut lines = Vec::new();
        // Indices grow with the places.
        let places =
            (0..self.board.count()).filter(|place| after.is_none_or(|it| self.board.index(*place) > it));
        for place in places {
            let Some(state) = self.board.state(place, now, self.plan.grace) else { continue };
            if query.state.is_some_and(|wanted| wanted != state) {
                continue;
            }
            let reset = self.board.resets().of(place);
            let behind = reset.as_ref().is_some_and(|reset| match query.behind {
                Some(Behind::NoReset) => reset.meant && !reset.heard,
                Some(Behind::NotReturned) => reset.heard && reset.returned_ms.is_none(),
                None => true,
            });
            if query.behind.is_some() && !behind {
                continue;
            }
            if lines.len() == limit {
                return (lines, true);
            }
            let index = self.board.index(place);
            let (device, personality) = (self.plan.device(index), self.board.personality(index));
            let fleet = Arc::clone(&self.plan.name);
            lines.push(DeviceLine { device, fleet, personality, state, reset });
        }
        (lines, false)
    }

    /// The plan of the fleet.
    pub fn plan(&self) -> &FleetPlan {
        &self.plan
    }
}

/// What became of an instruction, or of the last one, with the first stragglers by name.
pub(crate) fn reset(plan: &FleetPlan, board: &Board, id: Option<&str>) -> Option<ResetSums> {
    let (mut sums, [missed, away]) = board.resets().sums(id, NAMES)?;
    let names = |places: Vec<u32>| places.into_iter().map(|place| plan.device(board.index(place))).collect();
    (sums.missed.names, sums.away.names) = (names(missed), names(away));
    Some(sums)
}
