//! Real canaries: where each stood, from when to when.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::CanaryState;
use serde::Serialize;
use store::Sample;

/// One real canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CanaryPart {
    /// Its name.
    pub canary: Arc<str>,
    /// Where it stood, one after the other.
    pub states: Vec<StateSpan>,
}

/// A time in which a canary stood somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateSpan {
    /// Where.
    pub state: CanaryState,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

/// The canaries, by name.
pub(crate) fn parts(samples: &[Sample]) -> Vec<CanaryPart> {
    let mut rows: BTreeMap<&Arc<str>, Vec<StateSpan>> = BTreeMap::new();
    for sample in samples {
        for (canary, state) in &sample.canaries {
            let states = rows.entry(canary).or_default();
            if let Some(last) = states.last_mut() {
                last.to = sample.at;
                if last.state == *state {
                    continue;
                }
            }
            states.push(StateSpan { state: *state, from: sample.at, to: sample.at });
        }
    }
    rows.into_iter().map(|(canary, states)| CanaryPart { canary: canary.clone(), states }).collect()
}
