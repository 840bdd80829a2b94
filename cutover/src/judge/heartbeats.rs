//! Datapoints that a fleet should have delivered.
//!
//! How often a device delivers is learned before Go, as is how much of what that leads to expect is missing even then.
//! From Go on a missing datapoint is Z of the guard. A block lasts two of a device's intervals at least, so that none
//! is missed that is merely not due; one in which the old side misses its own is skipped: a common fault.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::health::OLD_RATE;
use super::words::{percent, tolerated};
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
            tolerated(&self.guard, margin)
        );
        Some(Reason::plain(Cause::Heartbeats, Decision::Hold, text, Some(since)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::Personality;

    const LN_THRESHOLD: f64 = 12.0;

    /// A hundred devices that deliver every 10 s, so many of them silent; blocks of 10 s.
    struct Fleet {
        heartbeats: Heartbeats,
        now: DateTime<Utc>,
    }

    impl Fleet {
        fn seconds(&mut self, seconds: u32, phase: Phase, silent: u32, old_fails: bool) {
            for second in 1..=seconds {
                self.now += TimeDelta::seconds(1);
                let mut events = std::collections::BTreeMap::new();
                let side = if phase == Phase::Go { Side::New } else { Side::Old };
                events.insert((DeviceEvent::Datapoint, Some(side)), (100 - silent) / 10);
                if old_fails {
                    events.insert((DeviceEvent::DatapointFailed, Some(Side::Old)), 2);
                }
                let tally = FleetTally {
                    at: self.now,
                    fleet: "lamps".into(),
                    devices: [
                        ((Personality::AtTtl, DeviceState::New), 100 - silent),
                        ((Personality::AtTtl, DeviceState::Lost), silent),
                    ]
                    .into(),
                    events,
                    ..FleetTally::default()
                };
                self.heartbeats.observe(&tally, phase);
                if second % 10 == 0 {
                    self.heartbeats.close_block(phase, 0.0025, LN_THRESHOLD);
                }
            }
        }

        fn learned() -> Self {
            let mut fleet = Self { heartbeats: Heartbeats::default(), now: DateTime::UNIX_EPOCH };
            fleet.seconds(300, Phase::Set, 0, false);
            fleet.heartbeats.enter(Phase::Go);
            fleet
        }
    }

    #[test]
    fn missing_datapoints_hold_and_are_over_when_they_come_again() {
        let mut fleet = Fleet::learned();
        fleet.seconds(1_000, Phase::Go, 0, false);
        assert_eq!(fleet.heartbeats.reason("lamps", 0.0025), None);
        fleet.seconds(120, Phase::Go, 20, false);
        let reason = fleet.heartbeats.reason("lamps", 0.0025).map(|reason| reason.text);
        let said = "20.0 % of the datapoints expected of lamps are missing";
        assert!(reason.as_ref().is_some_and(|text| text.starts_with(said)), "{reason:?}");
        fleet.seconds(300, Phase::Go, 0, false);
        assert_eq!(fleet.heartbeats.reason("lamps", 0.0025), None);
    }

    #[test]
    fn a_fault_that_the_old_side_shares_and_a_fleet_of_which_nothing_is_known_are_silent() {
        let mut fleet = Fleet::learned();
        fleet.seconds(300, Phase::Go, 20, true);
        assert_eq!(fleet.heartbeats.reason("lamps", 0.0025), None);
        let mut unknown = Fleet { heartbeats: Heartbeats::default(), now: DateTime::UNIX_EPOCH };
        unknown.seconds(300, Phase::Go, 50, false);
        assert_eq!(unknown.heartbeats.reason("lamps", 0.0025), None);
    }
}
