//! The phase, and the log of its changes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use cutover::{Decision, DeviceState, Phase, PhaseChange, PhaseError, Snapshot};

/// Changes of phase that are kept: a cutover has a handful.
const KEPT: usize = 1000;

/// The phase the cutover is in, and how it came there.
#[derive(Debug)]
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
        if self.log.len() < KEPT {
            let decision: Decision = before.verdict.decision;
            self.log.push(PhaseChange { at: now, from, to, by, decision, figures: figures(before) });
        }
        Ok(to)
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
