//! The devices: where they stood over time.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::{DeviceState, Stragglers};
use serde::Serialize;
use store::Sample;

use crate::bins::Bins;

/// One fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FleetPart {
    /// Its name.
    pub fleet: Arc<str>,
    /// How many devices it has.
    pub total: u64,
    /// Devices still on the old side only at the end, if they should have left it by then.
    pub still_old: Stragglers,
    /// The migration curve.
    pub points: Vec<FleetPoint>,
}

/// Where its devices stood at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FleetPoint {
    /// When.
    pub at: DateTime<Utc>,
    /// How many stood where.
    pub states: BTreeMap<DeviceState, u32>,
}

impl FleetPoint {
    /// How many stood in `state`.
    pub(crate) fn of(&self, state: DeviceState) -> u32 {
        self.states.get(&state).copied().unwrap_or(0)
    }
}

/// The curves, of each bin the last moment.
pub(crate) fn parts(samples: &[Sample], bins: Bins) -> Vec<FleetPart> {
    let mut rows: BTreeMap<Arc<str>, BTreeMap<DateTime<Utc>, FleetPoint>> = BTreeMap::new();
    let mut behind: BTreeMap<Arc<str>, Stragglers> = BTreeMap::new();
    for sample in samples {
        for line in &sample.fleets {
            behind.insert(line.fleet.clone(), line.still_old.clone());
            let point = FleetPoint { at: sample.at, states: line.states.clone() };
            rows.entry(line.fleet.clone()).or_default().insert(bins.end_of(sample.at), point);
        }
    }
    let part = |(fleet, points): (Arc<str>, BTreeMap<_, FleetPoint>)| {
        let points: Vec<_> = points.into_values().collect();
        let total = |point: &FleetPoint| point.states.values().map(|count| u64::from(*count)).sum();
        let still_old = behind.remove(&fleet).unwrap_or_default();
        FleetPart { fleet, total: points.last().map_or(0, total), still_old, points }
    };
    rows.into_iter().map(part).collect()
}
