//! What became of datapoints that were acknowledged, as far as they are read back: plain counts of the last minute.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words::counted;
use crate::evidence::Settings;
use crate::{Cause, Decision, DeviceEvent, FleetTally, Phase, Reason, Side, Window};

/// Fewer in a minute may be a single device's misfortune.
const FEW: u64 = 3;
/// A share of them up to this is no pattern, however many are read.
const SHARE: f64 = 0.005;

/// The truth about one fleet's datapoints on the new side.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Truth {
    lost: Fate,
    copied: Fate,
}

/// One thing that may happen to datapoints.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Fate {
    window: Window,
    /// Before Go, on the old side: how often it happened, and to how many.
    usual: (f64, f64),
    found: Option<Found>,
}

/// So many, of so many, since then.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Found {
    many: u64,
    of: u64,
    since: DateTime<Utc>,
}

impl Truth {
    /// Takes one second of a fleet.
    pub(crate) fn observe(&mut self, tally: &FleetTally, settings: &Settings, phase: Phase) {
        let on = |side: Side, event: DeviceEvent| {
            u64::from(tally.events.get(&(event, Some(side))).copied().unwrap_or(0))
        };
        for (fate, event) in [
            (&mut self.lost, DeviceEvent::DatapointLost),
            (&mut self.copied, DeviceEvent::DatapointDuplicate),
        ] {
            let looked = |side| on(side, DeviceEvent::Verified) + on(side, DeviceEvent::DatapointLost);
            if matches!(phase, Phase::Ready | Phase::Set) {
                fate.usual.0 += on(Side::Old, event) as f64;
                fate.usual.1 += looked(Side::Old) as f64;
            }
            // In `ready` the new side is not up, and after a rollback nothing is asked of it.
            if !matches!(phase, Phase::Ready | Phase::RolledBack) {
                fate.add(tally.at, on(Side::New, event), looked(Side::New), settings.fleet_ratio);
            }
        }
    }

    /// A phase begins: before a new attempt what was seen of the last one is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        if matches!(phase, Phase::Ready | Phase::Set | Phase::RolledBack) {
            for fate in [&mut self.lost, &mut self.copied] {
                *fate = Fate { usual: fate.usual, ..Fate::default() };
            }
        }
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, fleet: &str) -> impl Iterator<Item = Reason> + use<> {
        let lost = self.lost.found.map(|Found { many, of, since }| {
            let of = counted(of, "datapoint");
            (format!("{many} of {of} of {fleet} on new were acknowledged and are not there"), since)
        });
        let copied = self.copied.found.map(|Found { many, of, since }| {
            let (copies, of) = (if many == 1 { "copy" } else { "copies" }, counted(of, "datapoint"));
            (format!("{many} {copies} that no device sent, among {of} of {fleet} on new"), since)
        });
        let told = lost.into_iter().chain(copied);
        told.map(|(text, since)| Reason::plain(Cause::Inconsistent, Decision::Hold, text, Some(since)))
    }
}

impl Fate {
    fn add(&mut self, at: DateTime<Utc>, many: u64, of: u64, ratio: f64) {
        self.window.add_many(at, many, of);
        let (many, of) = self.window.counts(at);
        let usual = ratio * self.usual.0 / self.usual.1.max(1.0);
        let bad = many >= FEW && many as f64 > usual.max(SHARE) * of as f64;
        let since = self.found.map_or(at, |found| found.since);
        self.found = bad.then_some(Found { many, of, since });
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// What is held after a minute in which each second brings these events, on either side, after a soak with `usual`
    /// losses a second on old.
    fn held(usual: u32, events: &[(DeviceEvent, Side, u32)]) -> Vec<String> {
        let (mut truth, mut now) = (Truth::default(), DateTime::UNIX_EPOCH);
        let mut minute = |truth: &mut Truth, events: &[(DeviceEvent, Side, u32)], phase| {
            for _ in 0..60 {
                now += TimeDelta::seconds(1);
                let events = events.iter().map(|(event, side, count)| ((*event, Some(*side)), *count));
                let tally = FleetTally { at: now, events: events.collect(), ..FleetTally::default() };
                truth.observe(&tally, &Settings::default(), phase);
            }
        };
        let soak = [(DeviceEvent::Verified, Side::Old, 10), (DeviceEvent::DatapointLost, Side::Old, usual)];
        minute(&mut truth, &soak, Phase::Set);
        minute(&mut truth, events, Phase::Go);
        truth.reasons("lamps").map(|reason| reason.text).collect()
    }

    #[test]
    fn what_is_lost_or_copied_on_new_holds() {
        let lost = [(DeviceEvent::Verified, Side::New, 9), (DeviceEvent::DatapointLost, Side::New, 1)];
        let text = "60 of 600 datapoints of lamps on new were acknowledged and are not there";
        assert_eq!(held(0, &lost), [text]);
        let copied =
            [(DeviceEvent::Verified, Side::New, 10), (DeviceEvent::DatapointDuplicate, Side::New, 1)];
        assert_eq!(held(0, &copied), ["60 copies that no device sent, among 600 datapoints of lamps on new"]);
    }

    #[test]
    fn health_the_old_side_and_what_is_usual_there_hold_nothing() {
        assert_eq!(held(0, &[(DeviceEvent::Verified, Side::New, 10)]), [""; 0]);
        assert_eq!(held(0, &[(DeviceEvent::DatapointLost, Side::Old, 10)]), [""; 0]);
        let lost = [(DeviceEvent::Verified, Side::New, 9), (DeviceEvent::DatapointLost, Side::New, 1)];
        assert_eq!(held(1, &lost), [""; 0], "as on old before Go");
        assert_eq!(held(0, &[(DeviceEvent::DatapointUnread, Side::New, 10)]), [""; 0]);
    }
}
