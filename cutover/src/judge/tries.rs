//! What a fleet tries on the new side, and how much of it fails: plain counts of the last minute. They need no
//! comparison, so that they also see what befalls a fleet of which nothing is left on the old side.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words::{counted, percent};
use crate::evidence::Settings;
use crate::{Cause, Decision, DeviceEvent, FleetTally, Phase, Reason, Side, Window};

/// Fewer failures than this in a minute are a device that has bad luck.
const FEW: u64 = 4;

/// From this share of datapoints that are not acknowledged on it is no longer a matter of single devices.
const SHARE: f64 = 0.2;

/// The seconds that a window holds.
const MINUTE: f64 = 60.0;

/// One fleet's tries.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tries {
    /// Datapoints sent on the new side; hits were not acknowledged.
    datapoints: Window,
    /// Sessions on the new side that were lost or refused.
    sessions: Window,
    /// Before Go, wherever it was: sessions lost or refused, and seconds of devices.
    usual: (f64, f64),
    unacknowledged: Option<Many>,
    broken: Option<Many>,
}

/// Too many, of so many, since then.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Many {
    many: u64,
    of: u64,
    since: DateTime<Utc>,
}

impl Tries {
    /// Takes one second of a fleet of `total` devices.
    pub(crate) fn observe(&mut self, tally: &FleetTally, total: u32, settings: &Settings, phase: Phase) {
        let on = |side: Side, event: DeviceEvent| {
            u64::from(tally.events.get(&(event, Some(side))).copied().unwrap_or(0))
        };
        let broken = |side| on(side, DeviceEvent::Disconnected) + on(side, DeviceEvent::ConnectFailed);
        if matches!(phase, Phase::Ready | Phase::Set) {
            self.usual.0 += broken(Side::Old) as f64;
            self.usual.1 += f64::from(total);
        }
        // In `ready` the new side is not up, and after a rollback nothing is asked of it.
        if matches!(phase, Phase::Ready | Phase::RolledBack) {
            return;
        }
        let failed = on(Side::New, DeviceEvent::DatapointFailed);
        self.datapoints.add_many(tally.at, failed, failed + on(Side::New, DeviceEvent::Datapoint));
        self.sessions.add_many(tally.at, broken(Side::New), broken(Side::New));
        let (failed, sent) = self.datapoints.counts(tally.at);
        let bad = failed >= FEW && failed as f64 >= SHARE * sent as f64;
        self.unacknowledged = bad.then(|| Many::since(self.unacknowledged, failed, sent, tally.at));
        let (lost, total) = (self.sessions.counts(tally.at).0, u64::from(total));
        let usual = settings.fleet_ratio * MINUTE * self.usual.0 / self.usual.1.max(1.0);
        let bad = lost >= FEW && lost as f64 > settings.lost_tolerated.max(usual) * total as f64;
        self.broken = bad.then(|| Many::since(self.broken, lost, total, tally.at));
    }

    /// A phase begins: before a new attempt what was seen of the last one is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        if matches!(phase, Phase::Ready | Phase::Set | Phase::RolledBack) {
            *self = Self { usual: self.usual, ..Self::default() };
        }
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, fleet: &str) -> impl Iterator<Item = Reason> + use<> {
        let unacknowledged = self.unacknowledged.map(|Many { many, of, since }| {
            let (share, of) = (percent(many as f64 / of as f64), counted(of, "datapoint"));
            (format!("{share} of {of} of {fleet} on new were not acknowledged in the last minute"), since)
        });
        let broken = self.broken.map(|Many { many, of, since }| {
            let (sessions, devices) = (counted(many, "session"), counted(of, "device"));
            let was = if many == 1 { "was" } else { "were" };
            (
                format!(
                    "{sessions} of {fleet} on new {was} lost or refused in the last minute, with {devices}"
                ),
                since,
            )
        });
        let told = unacknowledged.into_iter().chain(broken);
        told.map(|(text, since)| Reason::plain(Cause::FleetTrouble, Decision::Hold, text, Some(since)))
    }
}

impl Many {
    fn since(before: Option<Self>, many: u64, of: u64, at: DateTime<Utc>) -> Self {
        Self { many, of, since: before.map_or(at, |before| before.since) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;

    use super::*;
    use crate::{DeviceState, Personality};

    /// 200 devices on new with a datapoint each 5 s, after five minutes of health; then what happens in each second.
    /// Says after how many seconds it was held first, and how.
    fn held(events: impl Fn(u32) -> BTreeMap<(DeviceEvent, Option<Side>), u32>) -> Option<(u32, String)> {
        let mut tries = Tries::default();
        let (settings, well) = (Settings::default(), [((DeviceEvent::Datapoint, Some(Side::New)), 40)]);
        let mut now = DateTime::UNIX_EPOCH;
        let mut second = |tries: &mut Tries, events| {
            now += TimeDelta::seconds(1);
            let tally = FleetTally {
                at: now,
                fleet: "lamps".into(),
                devices: [((Personality::AtTtl, DeviceState::New), 200)].into(),
                events,
                ..FleetTally::default()
            };
            tries.observe(&tally, 200, &settings, Phase::Go);
            tries.reasons("lamps").next().map(|reason| reason.text)
        };
        assert!((0..300).all(|_| second(&mut tries, well.into()).is_none()));
        (1..=120).find_map(|at| second(&mut tries, events(at)).map(|text| (at, text)))
    }

    #[test]
    fn a_broker_that_takes_sessions_and_acknowledges_nothing_holds_within_a_minute() {
        // Each is given up after 10 s, while the next ones wait.
        let unacknowledged = |second| {
            let failed = if second > 10 { 40 } else { 0 };
            BTreeMap::from([((DeviceEvent::DatapointFailed, Some(Side::New)), failed)])
        };
        let (after, text) = held(unacknowledged).unwrap_or_default();
        assert!((1..=30).contains(&after), "{after} s: {text}");
        assert!(text.contains("of lamps on new were not acknowledged"), "{text}");
    }

    #[test]
    fn devices_whose_sessions_are_cut_again_and_again_hold_within_a_minute() {
        let flapping = |_| {
            BTreeMap::from([
                ((DeviceEvent::Connected, Some(Side::New)), 20),
                ((DeviceEvent::Disconnected, Some(Side::New)), 20),
            ])
        };
        let (after, text) = held(flapping).unwrap_or_default();
        assert_eq!(
            (after, text.as_str()),
            (1, "20 sessions of lamps on new were lost or refused in the last minute, with 200 devices")
        );
    }

    #[test]
    fn the_odd_failure_is_none() {
        let odd = |second: u32| {
            let one = u32::from(second.is_multiple_of(10));
            BTreeMap::from([
                ((DeviceEvent::Datapoint, Some(Side::New)), 40),
                ((DeviceEvent::DatapointFailed, Some(Side::New)), one),
                ((DeviceEvent::Disconnected, Some(Side::New)), one),
            ])
        };
        assert_eq!(held(odd), None);
    }
}
