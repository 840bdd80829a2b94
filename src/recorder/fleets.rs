//! What is known of each fleet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cutover::{
    BySide, CurvePoint, DeviceEvent, DeviceState, FleetTally, FleetView, Lookups, Personality, ResetSums,
    Returned, Side, Stragglers, VerifiedOn,
};

use super::quantiles::Quantiles;

/// How many seconds of the migration curve are shown.
const CURVE: usize = 600;

/// The fleets, by name.
#[derive(Debug, Default)]
pub(super) struct Fleets {
    rows: BTreeMap<Arc<str>, Row>,
}

#[derive(Debug, Default)]
struct Row {
    devices: BTreeMap<(Personality, DeviceState), u32>,
    events: BTreeMap<DeviceEvent, BySide>,
    returned: Quantiles,
    split: Vec<String>,
    lost: Vec<String>,
    old: Vec<String>,
    reset: Option<ResetSums>,
    lookups: Quantiles,
    verified: BTreeMap<Option<Side>, Quantiles>,
    curve: VecDeque<CurvePoint>,
}

impl Fleets {
    /// Takes one second of one fleet.
    pub(super) fn tally(&mut self, tally: &FleetTally) {
        let row = self.rows.entry(tally.fleet.clone()).or_default();
        row.devices.clone_from(&tally.devices);
        for ((event, side), count) in &tally.events {
            let by_side = row.events.entry(*event).or_default();
            let count = u64::from(*count);
            match side {
                Some(Side::Old) => by_side.old += count,
                Some(Side::New) => by_side.new += count,
                None => by_side.neither += count,
            }
        }
        for (_, seconds) in &tally.returned_after {
            row.returned.record(Duration::try_from_secs_f64(*seconds).unwrap_or_default());
        }
        for (seconds, count) in &tally.lookups {
            row.lookups.record_many(Duration::try_from_secs_f64(*seconds).unwrap_or_default(), *count);
        }
        for (side, seconds) in &tally.verified_after {
            let after = Duration::try_from_secs_f64(*seconds).unwrap_or_default();
            row.verified.entry(*side).or_default().record(after);
        }
        row.reset.clone_from(&tally.reset);
        row.old.clone_from(&tally.old);
        row.split.clone_from(&tally.split);
        row.lost.clone_from(&tally.lost);
        row.curve.push_back(row.point(tally));
        if row.curve.len() > CURVE {
            row.curve.pop_front();
        }
    }

    /// The lines of the snapshot. `left`: whether devices should have left the old side.
    pub(super) fn view(&self, left: bool) -> Vec<FleetView> {
        self.rows.iter().map(|(fleet, row)| row.view(fleet, left)).collect()
    }
}

impl Row {
    fn states(&self) -> BTreeMap<DeviceState, u32> {
        let mut states = BTreeMap::new();
        for ((_, state), count) in &self.devices {
            *states.entry(*state).or_default() += count;
        }
        states
    }

    fn point(&self, tally: &FleetTally) -> CurvePoint {
        let states = self.states();
        let of = |state| states.get(&state).copied().unwrap_or(0);
        CurvePoint {
            at: tally.at,
            old: of(DeviceState::Old),
            new: of(DeviceState::New),
            both: of(DeviceState::Both),
            other: of(DeviceState::Other),
            connecting: of(DeviceState::Connecting),
            lost: of(DeviceState::Lost),
        }
    }

    fn view(&self, fleet: &Arc<str>, left: bool) -> FleetView {
        let mut by_personality: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for ((personality, state), count) in &self.devices {
            by_personality.entry(*personality).or_default().insert(*state, *count);
        }
        let seconds = |times: &Quantiles, quantile| times.at(quantile).map(|took| took.as_secs_f64());
        let (returned, lookups, states) = (&self.returned, &self.lookups, self.states());
        let on_old = states.get(&DeviceState::Old).copied().filter(|_| left).unwrap_or(0);
        FleetView {
            fleet: fleet.clone(),
            total: self.devices.values().sum(),
            states,
            by_personality,
            events: self.events.clone(),
            returned: Returned {
                count: returned.count(),
                p50: seconds(returned, 0.5),
                p99: seconds(returned, 0.99),
            },
            split: self.split.clone(),
            lost: self.lost.clone(),
            still_old: Stragglers { count: on_old, names: if left { self.old.clone() } else { Vec::new() } },
            reset: self.reset.clone(),
            lookups: Lookups {
                count: lookups.count(),
                p50: seconds(lookups, 0.5),
                p99: seconds(lookups, 0.99),
            },
            verified: self.verified.iter().map(|(side, times)| verified(*side, times)).collect(),
            curve: self.curve.iter().copied().collect(),
        }
    }
}

fn verified(side: Option<Side>, times: &Quantiles) -> VerifiedOn {
    let seconds = |quantile| times.at(quantile).map(|took| took.as_secs_f64());
    VerifiedOn { side, count: times.count(), p50: seconds(0.5), p99: seconds(0.99) }
}
