//! What is known of each fleet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cutover::{
    BySide, CurvePoint, DeviceEvent, DeviceState, FleetTally, FleetView, Personality, Returned, Side,
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
        for seconds in &tally.returned_after {
            row.returned.record(Duration::try_from_secs_f64(*seconds).unwrap_or_default());
        }
        row.split.clone_from(&tally.split);
        row.lost.clone_from(&tally.lost);
        row.curve.push_back(row.point(tally));
        if row.curve.len() > CURVE {
            row.curve.pop_front();
        }
    }

    /// The lines of the snapshot.
    pub(super) fn view(&self) -> Vec<FleetView> {
        self.rows.iter().map(|(fleet, row)| row.view(fleet)).collect()
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

    fn view(&self, fleet: &Arc<str>) -> FleetView {
        let mut by_personality: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for ((personality, state), count) in &self.devices {
            by_personality.entry(*personality).or_default().insert(*state, *count);
        }
        let seconds = |quantile| self.returned.at(quantile).map(|took| took.as_secs_f64());
        FleetView {
            fleet: fleet.clone(),
            total: self.devices.values().sum(),
            states: self.states(),
            by_personality,
            events: self.events.clone(),
            returned: Returned { count: self.returned.count(), p50: seconds(0.5), p99: seconds(0.99) },
            split: self.split.clone(),
            lost: self.lost.clone(),
            curve: self.curve.iter().copied().collect(),
        }
    }
}
