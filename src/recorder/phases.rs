//! The phase, and the log of its changes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use cutover::{Decision, DeviceState, Phase, PhaseChange, PhaseError, Snapshot};
use serde::{Deserialize, Serialize};

/// Changes of phase that are kept: a cutover has a handful.
const KEPT: usize = 1000;
/// Who changed the phase where the one in the store was overruled.
const OVERRULED: &str = "serin run --phase";

/// The phase the cutover is in, and how it came there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Phases {
    phase: Phase,
    since: DateTime<Utc>,
    log: Vec<PhaseChange>,
}

impl Phases {
    /// Begins in `phase`.
    pub(super) const fn new(phase: Phase, now: DateTime<Utc>) -> Self {
        Self { phase, since: now, log: Vec::new() }
    }

    /// Goes on from what an earlier life left, if it left anything, in `phase`, whatever it was in before.
    pub(super) fn resume(earlier: Option<Self>, phase: Phase, now: DateTime<Utc>) -> Self {
        let Some(mut phases) = earlier else { return Self::new(phase, now) };
        let from = std::mem::replace(&mut phases.phase, phase);
        if from != phase {
            phases.since = now;
            let (by, figures) = (OVERRULED.to_owned(), BTreeMap::new());
            phases.keep(PhaseChange { at: now, from, to: phase, by, decision: Decision::Hold, figures });
        }
        phases
    }

    pub(super) const fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) const fn since(&self) -> DateTime<Utc> {
        self.since
    }

    pub(super) fn log(&self) -> &[PhaseChange] {
        &self.log
    }

    /// Moves on, and writes down the state and the figures of the moment, for the way back.
    pub(super) fn advance(
        &mut self,
        to: Phase,
        by: String,
        before: &Snapshot,
        now: DateTime<Utc>,
    ) -> Result<Phase, PhaseError> {
        let from = self.phase;
        self.phase = from.advance(to)?;
        self.since = now;
        let decision = before.verdict.decision;
        self.keep(PhaseChange { at: now, from, to, by, decision, figures: figures(before) });
        Ok(to)
    }

    fn keep(&mut self, change: PhaseChange) {
        if self.log.len() < KEPT {
            self.log.push(change);
        }
    }
}

fn figures(snapshot: &Snapshot) -> BTreeMap<String, u64> {
    let devices =
        DeviceState::ALL.map(|state| (format!("devices {}", state.as_str()), snapshot.devices(state)));
    let runs = snapshot.journeys.iter().map(|journey| journey.runs).sum();
    let failed = snapshot.journeys.iter().map(|journey| journey.failed).sum();
    let counted = [("pairs", snapshot.pairs.total), ("runs", runs), ("failed runs", failed)];
    devices.into_iter().chain(counted.map(|(name, count)| (name.to_owned(), count))).collect()
}
