//! From a run to what is judged.

use cutover::{Answered, PairId, Phase, RunSeen, StepSeen};

use super::record::{Run, StepRun};

impl Run {
    /// The run as it is judged: started in `phase`, and one of a pair or not.
    pub fn observe(&self, phase: Phase, pair: Option<PairId>) -> RunSeen {
        let decided = self.deciding().and_then(StepRun::last);
        RunSeen {
            at: self.intended,
            lag: (self.started - self.intended).to_std().unwrap_or_default(),
            took: self.took,
            journey: self.journey.clone(),
            variant: self.variant.clone(),
            route: self.route,
            reached: decided.and_then(|attempt| attempt.reached),
            answered: decided.map_or(Answered::Unmarked, |attempt| attempt.answered),
            phase,
            outcome: self.outcome.clone(),
            detail: self.detail.to_string(),
            trace: self.trace(),
            pair,
            steps: self.steps.iter().filter_map(StepRun::observe).collect(),
        }
    }
}

impl StepRun {
    /// The step's last attempt as it is judged; `None` when it was skipped.
    fn observe(&self) -> Option<StepSeen> {
        let last = self.last()?;
        Some(StepSeen {
            name: self.name.clone(),
            route: self.route,
            outcome: self.outcome()?,
            parts: last.parts,
            reached: last.reached,
            answered: last.answered,
            attempts: u32::try_from(self.attempts.len()).unwrap_or(u32::MAX),
            visible: self.visible,
            degraded: self.degraded,
            vitals: last.vitals,
        })
    }
}
