//! Joins the two runs of a pair.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::evidence::Ways;
use crate::{Answered, Outcome, PairId, Phase, RunSeen, Series, Side};

/// A half that waits longer than this for the other one is given up: no run lasts that long.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Halves waiting at any one time; beyond it the oldest is given up.
const WAITING_KEPT: usize = 100_000;

/// A pair, complete.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) journey: Arc<str>,
    pub(crate) variant: Arc<str>,
    pub(crate) old: Half,
    pub(crate) new: Half,
}

/// What matters of one side's run.
#[derive(Debug, Clone)]
pub(crate) struct Half {
    at: DateTime<Utc>,
    side: Side,
    phase: Phase,
    /// `None`: the run says nothing about its target.
    pub(crate) failed: Option<bool>,
    /// How long it took, in seconds, if it passed.
    pub(crate) took: Option<f64>,
    /// The same of each of its steps, as far as they passed.
    steps: Vec<(Arc<str>, f64)>,
    /// How it failed, if it did.
    pub(crate) ways: Ways,
    /// Whether the run was answered by the other side's application.
    pub(crate) crossed: bool,
}

/// The halves that wait.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    waiting: BTreeMap<PairId, Half>,
}

impl Pairing {
    /// Takes one run; gives the pair that it completes.
    pub(crate) fn add(&mut self, run: &RunSeen) -> Option<Pair> {
        let (id, half) = (run.pair?, Half::of(run)?);
        let Some(first) = self.waiting.remove(&id) else {
            self.waiting.insert(id, half);
            self.forget(run.at);
            return None;
        };
        let (old, new) = match (first.side, half.side) {
            (Side::Old, Side::New) => (first, half),
            (Side::New, Side::Old) => (half, first),
            // Twice the same side is not a pair: somebody gave one number to two runs.
            _ => return None,
        };
        Some(Pair { journey: run.journey.clone(), variant: run.variant.clone(), old, new })
    }

    /// Ids rise with time, so the first waiting half is the oldest.
    fn forget(&mut self, now: DateTime<Utc>) {
        while let Some(entry) = self.waiting.first_entry() {
            if (now - entry.get().at).abs() <= PATIENCE && self.waiting.len() <= WAITING_KEPT {
                break;
            }
            self.waiting.pop_first();
        }
    }
}

impl Pair {
    /// The journey in its variant.
    pub(crate) fn series(&self) -> Series {
        Series { journey: self.journey.clone(), variant: self.variant.clone() }
    }

    /// Whether both of its runs were started in `phase`: what was started in another one says nothing about this one.
    pub(crate) fn is_of(&self, phase: Phase) -> bool {
        self.old.phase == phase && self.new.phase == phase
    }
}

impl Half {
    fn of(run: &RunSeen) -> Option<Self> {
        let side = run.route.pinned()?;
        let mut ways = Ways::default();
        if let Outcome::Failed { step, kind } = &run.outcome {
            ways.add((run.journey.clone(), step.as_str().into(), *kind));
        }
        let crossed = run.answered == Answered::from(side.other());
        let passed = run.steps.iter().filter(|step| step.outcome == Outcome::Passed);
        let steps = passed.filter_map(|step| Some((step.name.clone(), measured(step.parts.total)?)));
        Some(Self {
            at: run.at,
            side,
            phase: run.phase,
            failed: run.outcome.failed(),
            took: took(run),
            steps: steps.collect(),
            ways,
            crossed,
        })
    }

    /// How long a step took, in seconds, if it passed.
    pub(crate) fn step(&self, name: &str) -> Option<f64> {
        self.steps.iter().find(|(step, _)| **step == *name).map(|(_, took)| *took)
    }
}

/// How long a run that passed took, in seconds.
pub(crate) fn took(run: &RunSeen) -> Option<f64> {
    measured(run.took).filter(|_| run.outcome == Outcome::Passed)
}

/// A duration in seconds. No time at all, or more than a day, is no measurement.
fn measured(took: Duration) -> Option<f64> {
    Some(took.as_secs_f64()).filter(|took| *took > 0.0 && *took <= 86_400.0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::core::fixture::run;
    use super::*;
    use crate::Route;

    #[test]
    fn the_halves_meet_in_any_order_and_a_lone_one_is_forgotten() {
        let start = DateTime::UNIX_EPOCH;
        let mut pairing = Pairing::default();
        let half = |id, route, at| RunSeen { pair: Some(PairId(id)), ..run("sign-in", route, at) };
        assert!(pairing.add(&half(1, Route::New, start)).is_none());
        let pair = pairing.add(&half(1, Route::Old, start)).unwrap();
        assert_eq!((pair.old.side, pair.new.side), (Side::Old, Side::New));
        assert!(pairing.add(&half(2, Route::Old, start)).is_none());
        assert!(pairing.add(&half(3, Route::Old, start + TimeDelta::hours(1))).is_none());
        assert_eq!(pairing.waiting.len(), 1);
        assert!(
            pairing.add(&half(3, Route::Old, start + TimeDelta::hours(1))).is_none(),
            "twice the same side"
        );
        assert!(pairing.add(&half(4, Route::Live, start)).is_none());
    }
}
