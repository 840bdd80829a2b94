//! A fleet: what its devices share, and how they are started.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use cutover::{DeviceEvent, Route, Side};
use probes::{Aim, Fault, Pins, ProbeError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::board::{Board, Standing};
use crate::device::Device;
use crate::verify::{self, WAITING, Word};
use crate::{FleetContext, FleetHandle, FleetPlan, Pace, PlanError, pace, tally};

/// How many devices of a fleet register at the same time: they are many, and the API has users to serve.
const REGISTRATIONS: usize = 64;

/// The devices of a fleet send their datapoints on common beats, this far apart: one by one, each would wake the process
/// twice, and that is half of what a datapoint costs.
const BEAT: Duration = Duration::from_millis(20);
/// Nobody waits longer for a beat than this part of the time between two datapoints.
const BEAT_PART: u32 = 50;

/// What all devices of a fleet share.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) plan: FleetPlan,
    pub(crate) context: FleetContext,
    /// The way of a device: it follows DNS. Each lookup is a query of its own, nothing is cached or merged.
    pub(crate) aim: Aim,
    pub(crate) board: Arc<Board>,
    pub(crate) registrations: Semaphore,
    /// Where a device says what who reads back has to know, if anybody does.
    pub(crate) claims: Option<mpsc::Sender<(u32, Word)>>,
    /// How many of its devices begin a connection in a second.
    pub(crate) pace: Option<Pace>,
    pub(crate) started: Instant,
    /// The number of each device's first datapoint: the moment of the start, in milliseconds since 1970. What an earlier
    /// life of the canary sent has lower numbers, and is never taken for what this one sends.
    pub(crate) first_seq: u64,
}

impl Fleet {
    /// Tells who reads back what a device says of a datapoint, if the device is among those of which all are.
    pub(crate) fn tell(&self, index: u32, word: impl FnOnce() -> Word) {
        let (Some(claims), Some(verify)) = (&self.claims, &self.plan.verify) else { return };
        if !belongs(index, verify.share) {
            return;
        }
        let word = word();
        if claims.try_send((index, word)).is_err()
            && let Word::Claim(claim) = word
        {
            self.board.happened(DeviceEvent::DatapointUnread, claim.reached.side());
        }
    }

    /// The side on which a failure happened: that of the peer, as far as it was the target's fault. What the canary
    /// itself did wrong happened on neither side.
    pub(crate) fn blame(&self, error: &ProbeError) -> Option<Side> {
        match error.fault {
            Fault::Failed(_) => error.peer.and_then(|peer| self.aim.side_of(peer).side()),
            Fault::Aborted(_) => None,
        }
    }

    /// When a device comes or goes next by the fleet's shape, having `done` so so often.
    pub(crate) fn turn(&self, index: u32, done: u16) -> Option<Instant> {
        let FleetPlan { count, ramp, ref scale, .. } = self.plan;
        Some(self.started + scale.shape.next(index, count, ramp, done)?)
    }

    /// Waits until the device may begin a connection, and holds its place for as long as the turn lasts.
    pub(crate) async fn may_connect(&self, index: u32) -> Option<OwnedSemaphorePermit> {
        let paces = self.pace.iter().chain(self.context.process.pace.as_deref());
        pace::wait(paces, |turn| self.board.held_back(index, turn)).await;
        self.opening(index).await
    }

    /// Waits until the device may ask others for anything, and holds its place for as long as the turn lasts.
    pub(crate) async fn opening(&self, index: u32) -> Option<OwnedSemaphorePermit> {
        self.context.process.openings.turn(|| self.board.held_back(index, Instant::now())).await
    }

    /// The first beat at or after `at`.
    pub(crate) fn on_beat(&self, at: Instant) -> Instant {
        at + to_beat(at.saturating_duration_since(self.started), self.plan.datapoint_every)
    }

    /// The address from which a device connects to a broker at `to`.
    pub(crate) fn source(&self, index: u32, to: IpAddr) -> Option<IpAddr> {
        self.plan.scale.sources.pick(self.board.place(index)?, to)
    }

    /// How long a device takes to come back.
    pub(crate) fn delay(&self, index: u32, dice: f64) -> Duration {
        self.plan.scale.delays.of(self.board.personality(index)).draw(dice)
    }
}

/// Starts the share of a fleet that is in this process: each device and the tally are tasks on `tracker`, and end when
/// the context's token is cancelled, the devices within a second or two, the tally after them.
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
    let (claims, claimed) = mpsc::channel(WAITING);
    let fleet = Arc::new(Fleet {
        aim: Aim::new(Route::Live, sides, Arc::new(Pins::default()), context.resolver.clone()),
        board: Arc::new(Board::new(&plan.shares.assign(plan.count), context.process.shard, now)),
        registrations: Semaphore::new(REGISTRATIONS),
        pace: plan.scale.connects_per_second.map(Pace::per_second),
        started: now,
        first_seq: u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default().max(1),
        claims: plan.verify.is_some().then_some(claims),
        plan,
        context,
    });
    let (split, splits) = watch::channel(0.0);
    let devices = TaskTracker::new();
    for place in 0..fleet.board.count() {
        let index = fleet.board.index(place);
        // Whose turn has not come is connecting, and not lost however long the ramp.
        let turn = fleet.turn(index, 0);
        let waits = turn.filter(|_| fleet.plan.scale.shape.steps().is_empty());
        fleet.board.stand(index, waits.map_or(Standing::Away, Standing::Without));
        let device = Device::new(Arc::clone(&fleet), index, turn.unwrap_or(now));
        tracker.spawn(devices.track_future(device.live(splits.clone())));
    }
    if fleet.claims.is_some() {
        tracker.spawn(verify::read_back(Arc::clone(&fleet), claimed));
    }
    devices.close();
    let handle = FleetHandle::new(&fleet, split);
    tracker.spawn(tally::keep(fleet, devices));
    Ok(handle)
}

/// Whether a device belongs to a share of the fleet: every so-many-th does, so that ten percent of ten is one.
pub(crate) fn belongs(index: u32, share: f64) -> bool {
    let upto = |count: f64| (count * share + 1e-9).floor();
    upto(f64::from(index) + 1.0) > upto(f64::from(index))
}

/// How long it is from `since` to the next beat of a fleet with a datapoint `every` so often.
fn to_beat(since: Duration, every: Duration) -> Duration {
    let beat = BEAT.min(every / BEAT_PART).as_nanos().max(1);
    let beyond = since.as_nanos() % beat;
    let wait = if beyond == 0 { 0 } else { beat - beyond };
    // Shorter than a beat, and so it always fits.
    u64::try_from(wait).map_or(BEAT, Duration::from_nanos)
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

    #[test]
    fn datapoints_fall_on_common_beats_and_none_waits_long_for_its_own() {
        let (millis, minute) = (Duration::from_millis, Duration::from_secs(60));
        assert_eq!(to_beat(millis(40), minute), Duration::ZERO);
        assert_eq!(to_beat(millis(41), minute), millis(19));
        // Each 100 ms: beats are 2 ms apart.
        assert_eq!(to_beat(millis(41), millis(100)), millis(1));
        assert_eq!(to_beat(minute, Duration::from_nanos(1)), Duration::ZERO);
    }
}
