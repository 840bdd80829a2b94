//! The frozen baseline, and what was seen since Go beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::not_up::not_up;
use super::pairing::took;
use crate::evidence::{Histogram, difference};
use crate::{Answered, BeforeAfter, Outcome, Period, Phase, Quantile, Route, RunSeen, Series, Span};

/// A baseline of `ready` with fewer runs than this goes on being learned in `set`.
const RUNS: u64 = 200;

/// Places kept; journeys and their steps come from a configuration, so there are never as many.
const PLACES_KEPT: usize = 200_000;

const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.997];

/// Whether the baseline is still learned: in `ready`, and in `set` where the canary came late and saw too little.
const fn learns(phase: Phase, runs: u64) -> bool {
    matches!(phase, Phase::Ready) || (matches!(phase, Phase::Set) && runs < RUNS)
}

/// A journey, a step of it or none for the whole run, and a route.
type Place = (Series, Option<Arc<str>>, Route);

/// Before, and since Go.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Baseline {
    #[serde(with = "crate::entries")]
    before: BTreeMap<Place, Figures>,
    #[serde(with = "crate::entries")]
    after: BTreeMap<Place, Figures>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Figures {
    took: Histogram,
    runs: u64,
    failed: u64,
}

impl Baseline {
    /// Takes one run with its steps, for the phase in which it was started. Forwarded ones belong to neither side.
    pub(crate) fn observe(&mut self, run: &RunSeen) {
        let phase = run.phase;
        let crossed = run.route.pinned().is_some_and(|side| run.answered == Answered::from(side.other()));
        let before = matches!(phase, Phase::Ready | Phase::Set);
        // Before Go the new side is not what users have.
        if crossed || phase == Phase::RolledBack || (before && run.route == Route::New) {
            return;
        }
        let places = if before { &mut self.before } else { &mut self.after };
        let mut add = |step: Option<Arc<str>>, outcome: &Outcome, took: Option<f64>| {
            let (place, room) = ((run.series(), step, run.route), places.len() < PLACES_KEPT);
            let Some(failed) = outcome.failed().filter(|_| room || places.contains_key(&place)) else {
                return;
            };
            let figures = places.entry(place).or_default();
            if before && !learns(phase, figures.runs) {
                return;
            }
            figures.runs += 1;
            figures.failed += u64::from(failed);
            took.into_iter().for_each(|took| figures.took.add(took));
        };
        // Nor is what it does while it is brought up.
        let usual = |reached, outcome: &Outcome| !(before && not_up(run.route, reached, outcome));
        if usual(run.reached, &run.outcome) {
            add(None, &run.outcome, took(run));
        }
        for step in run.steps.iter().filter(|step| usual(step.reached, &step.outcome)) {
            let total = step.parts.total.as_secs_f64();
            let took = (step.outcome == Outcome::Passed && total > 0.0).then_some(total);
            add(Some(step.name.clone()), &step.outcome, took);
        }
    }

    /// A phase begins.
    pub(crate) fn enter(&mut self, phase: Phase) {
        match phase {
            Phase::Ready => *self = Self::default(),
            Phase::Go => self.after.clear(),
            Phase::Set | Phase::Settled | Phase::RolledBack => {}
        }
    }

    /// Every place that was seen since Go and has a baseline.
    pub(crate) fn view(&self) -> Vec<BeforeAfter> {
        self.after.iter().filter_map(|(place, after)| self.one(place, after)).collect()
    }

    fn one(&self, place: &Place, after: &Figures) -> Option<BeforeAfter> {
        let (series, step, route) = place.clone();
        let on_old = || self.before.get(&(series.clone(), step.clone(), Route::Old));
        let before = self.before.get(place).or_else(on_old)?;
        let failing = difference((before.failed, before.runs), (after.failed, after.runs));
        let failing = Span { size: failing.size, low: failing.low, high: failing.high };
        Some(BeforeAfter { before: before.period(), after: after.period(), series, step, route, failing })
    }
}

impl Figures {
    fn period(&self) -> Period {
        let quantiles = QUANTILES.into_iter().filter_map(|q| self.quantile(q)).collect();
        Period { runs: self.runs, failed: self.failed, quantiles }
    }

    /// A quantile with the order statistics between which it lies in 95 % of all samples (binomial, normal limit).
    fn quantile(&self, q: f64) -> Option<Quantile> {
        let half = 1.96 * (q * (1.0 - q) / (self.took.total().max(1)) as f64).sqrt();
        let at = |q: f64| self.took.quantile(q.clamp(0.0, 1.0));
        Some(Quantile { q, at: Span { size: at(q)?, low: at(q - half)?, high: at(q + half)? } })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::super::core::fixture::{failed, run};
    use super::*;
    use crate::FailureKind;

    #[test]
    fn the_live_route_is_compared_with_what_it_was_before_and_the_new_one_with_the_old() {
        let mut baseline = Baseline::default();
        let see = |baseline: &mut Baseline, route, phase, ms: u64, fails: bool| {
            let mut seen = run("sign-in", route, DateTime::UNIX_EPOCH);
            seen.took = Duration::from_millis(ms);
            if fails {
                seen.outcome = failed(FailureKind::Status);
            }
            seen.phase = phase;
            baseline.observe(&seen);
        };
        for i in 0..500 {
            see(&mut baseline, Route::Live, Phase::Ready, 100 + i % 10, i % 100 == 0);
            see(&mut baseline, Route::Old, Phase::Ready, 90, false);
        }
        see(&mut baseline, Route::Live, Phase::Set, 9_000, true);
        // The new side is not up: a step that is pinned to it fails, and that is not what was before.
        let mut refused = run("sign-in", Route::Live, DateTime::UNIX_EPOCH);
        (refused.phase, refused.reached) = (Phase::Ready, None);
        refused.outcome = failed(FailureKind::Refused);
        baseline.observe(&refused);
        assert!(baseline.view().is_empty());
        for i in 0..500 {
            see(&mut baseline, Route::Live, Phase::Go, 200 + i % 10, i % 10 == 0);
            see(&mut baseline, Route::New, Phase::Go, 180, false);
        }
        let [new, live] = baseline.view().try_into().unwrap();
        assert_eq!(
            (new.route, live.route, live.before.runs, live.before.failed),
            (Route::New, Route::Live, 500, 5)
        );
        assert!((new.before.quantiles[0].at.size - 0.09).abs() < 0.002);
        let [before, after] = [&live.before, &live.after].map(|period| period.quantiles[0].at);
        assert!(before.high < after.low && (after.size - 0.2045).abs() < 0.005, "{before:?} {after:?}");
        assert!((live.failing.size - 0.09).abs() < 1e-9 && live.failing.low > 0.05, "{:?}", live.failing);
        baseline.enter(Phase::Ready);
        assert!(baseline.view().is_empty());
    }
}
