//! What the fleets say: devices that are split, and devices that are lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::heartbeats::Heartbeats;
use super::tries::Tries;
use super::trouble::Trouble;
use super::truth::Truth;
use super::words::{counted, percent};
use crate::evidence::Settings;
use crate::{Cause, Decision, DeviceState, Evidence, EvidenceKind, FleetTally, Phase, Reason, Scope};

/// A fleet as it stood last.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stand {
    total: u32,
    on_old: u32,
    on_new: u32,
    split: Excess,
    lost: Excess,
    heartbeats: Heartbeats,
    trouble: Trouble,
    tries: Tries,
    #[serde(default)]
    truth: Truth,
}

/// Devices in a state that only so many may be in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Excess {
    devices: u32,
    named: Vec<String>,
    since: Option<DateTime<Utc>>,
}

/// All fleets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Fleets {
    fleets: BTreeMap<Arc<str>, Stand>,
}

impl Fleets {
    /// Takes one second of one fleet.
    pub(crate) fn observe(&mut self, tally: &FleetTally, settings: &Settings, phase: Phase) {
        let count = |state: DeviceState| {
            tally.devices.iter().filter(|((_, is), _)| *is == state).map(|(_, count)| count).sum::<u32>()
        };
        let total = tally.devices.values().sum();
        let stand = self.fleets.entry(tally.fleet.clone()).or_default();
        stand.heartbeats.observe(tally, phase);
        stand.trouble.observe(tally);
        stand.tries.observe(tally, total, settings, phase);
        stand.truth.observe(tally, settings, phase);
        (stand.total, stand.on_old, stand.on_new) = (total, count(DeviceState::Old), count(DeviceState::New));
        let limit = |share: f64| share * f64::from(total);
        stand.split.update(count(DeviceState::Both), &tally.split, limit(settings.split_tolerated), tally.at);
        stand.lost.update(count(DeviceState::Lost), &tally.lost, limit(settings.lost_tolerated), tally.at);
    }

    /// Closes the open blocks.
    pub(crate) fn close_block(&mut self, settings: &Settings, phase: Phase, ln_threshold: f64) {
        for stand in self.fleets.values_mut() {
            stand.heartbeats.close_block(phase, settings.error_margin, ln_threshold);
            stand.trouble.close_block(settings.fleet_ratio, ln_threshold);
        }
    }

    /// A phase begins.
    pub(crate) fn enter(&mut self, phase: Phase) {
        for stand in self.fleets.values_mut() {
            stand.heartbeats.enter(phase);
            stand.trouble.enter(phase);
            stand.tries.enter(phase);
            stand.truth.enter(phase);
        }
    }

    /// How far the evidence has come.
    pub(crate) fn evidence(&self, ln_threshold: f64) -> Vec<Evidence> {
        let of = |(fleet, stand): (&Arc<str>, &Stand)| {
            let one = |kind, ln| Evidence { scope: Scope::Fleet(fleet.clone()), kind, ln, ln_threshold };
            let heartbeats = one(EvidenceKind::Heartbeat, stand.heartbeats.ln());
            [heartbeats, one(EvidenceKind::FleetTrouble, stand.trouble.ln())]
        };
        self.fleets.iter().flat_map(of).collect()
    }

    /// The share of all devices that are in session with the new side only.
    pub(crate) fn share_on_new(&self) -> f64 {
        let sum = |of: fn(&Stand) -> u32| self.fleets.values().map(|stand| f64::from(of(stand))).sum::<f64>();
        sum(|stand| stand.on_new) / sum(|stand| stand.total).max(1.0)
    }

    /// The devices that are in session with the old side only, and all of them.
    pub(crate) fn on_old(&self) -> (u64, u64) {
        let sum = |of: fn(&Stand) -> u32| self.fleets.values().map(|stand| u64::from(of(stand))).sum();
        (sum(|stand| stand.on_old), sum(|stand| stand.total))
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, margin: f64) -> Vec<Reason> {
        let of = |(fleet, stand): (&Arc<str>, &Stand)| {
            let split =
                stand.split.reason(fleet, stand.total, Cause::Split, "in session with both sides at once");
            let lost = stand.lost.reason(fleet, stand.total, Cause::Lost, "without a session");
            let missing = stand.heartbeats.reason(fleet, margin);
            split
                .into_iter()
                .chain(lost)
                .chain(missing)
                .chain(stand.trouble.reason(fleet))
                .chain(stand.tries.reasons(fleet))
                .chain(stand.truth.reasons(fleet))
        };
        self.fleets.iter().flat_map(of).collect()
    }
}

impl Excess {
    fn update(&mut self, devices: u32, named: &[String], limit: f64, at: DateTime<Utc>) {
        self.devices = devices;
        if f64::from(devices) > limit {
            self.since.get_or_insert(at);
            self.named = named.iter().take(3).cloned().collect();
        } else {
            self.since = None;
        }
    }

    fn reason(&self, fleet: &str, total: u32, cause: Cause, how: &str) -> Option<Reason> {
        let since = self.since?;
        let share = percent(f64::from(self.devices) / f64::from(total.max(1)));
        let devices = counted(self.devices.into(), "device");
        let mut text = format!("{devices} of {fleet} ({share}) {} {how}", be(self.devices));
        if !self.named.is_empty() {
            text = format!("{text}, among them {}", self.named.join(", "));
        }
        Some(Reason::plain(cause, Decision::Hold, text, Some(since)))
    }
}

const fn be(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Personality;

    fn tally(both: u32, lost: u32) -> FleetTally {
        let one = |state| (Personality::AtTtl, state);
        FleetTally {
            at: DateTime::UNIX_EPOCH,
            fleet: "thermostats".into(),
            devices: BTreeMap::from([
                (one(DeviceState::New), 100 - both - lost),
                (one(DeviceState::Both), both),
                (one(DeviceState::Lost), lost),
            ]),
            events: BTreeMap::new(),
            split: vec!["thermostats-000007".to_owned()],
            ..FleetTally::default()
        }
    }

    #[test]
    fn what_is_tolerated_is_silent_and_what_is_more_is_named() {
        let (mut fleets, settings) = (Fleets::default(), Settings::default());
        fleets.observe(&tally(5, 5), &settings, Phase::Go);
        assert!(fleets.reasons(0.0025).is_empty());
        fleets.observe(&tally(20, 6), &settings, Phase::Go);
        let texts: Vec<_> = fleets.reasons(0.0025).into_iter().map(|reason| reason.text).collect();
        assert_eq!(
            texts,
            [
                "20 devices of thermostats (20.0 %) are in session with both sides at once, among them \
                 thermostats-000007",
                "6 devices of thermostats (6.0 %) are without a session"
            ]
        );
        fleets.observe(&tally(0, 0), &settings, Phase::Go);
        assert!(fleets.reasons(0.0025).is_empty());
    }
}
