//! Datapoints that a fleet should have delivered.
//!
//! How often a device delivers is learned before Go, as is how much of what that leads to expect is missing even then.
//! From Go on a missing datapoint is Z of the guard. A block lasts two of a device's intervals at least, so that none
//! is missed that is merely not due; one in which the old side misses its own is skipped: a common fault.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::health::OLD_RATE;
use super::words::percent;
use crate::evidence::{Counts, Guard};
use crate::{Cause, Decision, DeviceEvent, DeviceState, FleetTally, Phase, Reason, Side};

/// So many datapoints show how often a device delivers.
const LEARNED: f64 = 60.0;

/// Intervals of a device in one block, at least.
const INTERVALS: f64 = 2.0;

/// Clean blocks that end it.
const CLEAN: u32 = 6;

/// One fleet's datapoints.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Heartbeats {
    /// Before Go: datapoints, and seconds of devices in session.
    seen: f64,
    in_session: f64,
    open: Open,
    guard: Guard,
    since: Option<DateTime<Utc>>,
    missing: f64,
    clean: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Open {
    began: Option<DateTime<Utc>>,
    tallies: f64,
    devices: f64,
    seen: f64,
    /// On the old side: datapoints that came, and that did not.
    old: (f64, f64),
}

impl Heartbeats {
    /// Takes one second.
    pub(crate) fn observe(&mut self, tally: &FleetTally, phase: Phase) {
        let event = |event: DeviceEvent, on: Option<Side>| {
            let of =
                tally.events.iter().filter(|((is, side), _)| *is == event && (on.is_none() || *side == on));
            of.map(|(_, count)| f64::from(*count)).sum::<f64>()
        };
        let devices = |counts: fn(DeviceState) -> bool| {
            let of = tally.devices.iter().filter(|((_, state), _)| counts(*state));
            of.map(|(_, count)| f64::from(*count)).sum::<f64>()
        };
        let seen = event(DeviceEvent::Datapoint, None);
        if matches!(phase, Phase::Ready | Phase::Set) {
            self.seen += seen;
            self.in_session += devices(|state| !matches!(state, DeviceState::Connecting | DeviceState::Lost));
        }
        let open = &mut self.open;
        open.began.get_or_insert(tally.at);
        open.tallies += 1.0;
        open.devices += devices(|_| true);
        open.seen += seen;
        open.old.0 += event(DeviceEvent::Datapoint, Some(Side::Old));
        open.old.1 += event(DeviceEvent::DatapointFailed, Some(Side::Old));
    }

    /// Closes the open block, if it has lasted long enough.
    pub(crate) fn close_block(&mut self, phase: Phase, margin: f64, ln_threshold: f64) {
        let per_second = self.seen / self.in_session;
        if self.seen < LEARNED || !per_second.is_finite() {
            self.open = Open::default();
            return;
        }
        if self.open.tallies * per_second < INTERVALS {
            return;
        }
        let open = std::mem::take(&mut self.open);
        let Some(began) = open.began else { return };
        let expected = per_second * open.devices;
        let missing = Counts { failed: (expected - open.seen).clamp(0.0, expected), trials: expected };
        if matches!(phase, Phase::Ready | Phase::Set) {
            self.guard.learn(missing);
            return;
        }
        let (came, not) = open.old;
        if phase == Phase::RolledBack || (not >= 4.0 && not >= OLD_RATE * (came + not)) {
            return;
        }
        let q0 = self.guard.tolerated(margin);
        if missing.failed <= q0 * missing.trials {
            self.clean = self.clean.saturating_add(1);
        } else {
            (self.clean, self.missing) = (0, missing.failed / missing.trials);
        }
        if let Some(alarm) = self.guard.step(began, missing, q0, ln_threshold) {
            self.since.get_or_insert(alarm.since);
        }
        self.since.take_if(|_| self.clean >= CLEAN);
    }

    /// A phase begins: before a new attempt what was suspected is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.open = Open::default();
        if matches!(phase, Phase::Ready | Phase::Set) {
            (self.guard, self.since) = (self.guard.renewed(), None);
        }
    }

    /// The logarithm of the evidence so far.
    pub(crate) fn ln(&self) -> f64 {
        self.guard.detector().ln().max(0.0)
    }

    /// The reason to hold.
    pub(crate) fn reason(&self, fleet: &str, margin: f64) -> Option<Reason> {
        let since = self.since?;
        let text = format!(
            "{} of the datapoints expected of {fleet} are missing (tolerated: {})",
            percent(self.missing),
            percent(self.guard.tolerated(margin))
        );
        Some(Reason::plain(Cause::Heartbeats, Decision::Hold, text, Some(since)))
    }
}
