//! The latest runs of each journey on both sides, however seldom they are: a journey that is broken on the old side is
//! no comparison, and one among many, or one that runs every two minutes, does not show in what all do in a minute.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::words::counted;
use crate::{Cause, Decision, FailureKind, Finding, Outcome, Reason, RunSeen, Scope, Series, Side};

/// A side of a journey is failing from so many failures among its latest 16 runs on ...
const FAILURES: u32 = 4;
/// ... until so many runs have passed one after the other.
const PASSED: u32 = 6;

/// What has not run for so long is no longer known.
const KNOWN: TimeDelta = TimeDelta::hours(1);

/// Journeys that are named; a list of thousands is none.
const NAMED: usize = 5;

/// The latest runs of every journey.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Latest {
    journeys: BTreeMap<Series, [Course; 2]>,
    /// Those that failed on the old side when the last block was over.
    broken: BTreeSet<Series>,
}

/// One journey on one side.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Course {
    /// A bit for each run, the latest is the lowest; set: it failed.
    failed: u16,
    runs: u32,
    at: DateTime<Utc>,
    last: Option<(Arc<str>, FailureKind)>,
}

impl Latest {
    /// Takes one run on a pinned route.
    pub(crate) fn observe(&mut self, run: &RunSeen, side: Side, now: DateTime<Utc>) {
        let Some(failed) = run.outcome.failed() else { return };
        let course = &mut self.journeys.entry(run.series()).or_default()[side as usize];
        course.failed = course.failed << 1 | u16::from(failed);
        (course.runs, course.at) = ((course.runs + 1).min(u16::BITS), now);
        if let Outcome::Failed { step, kind } = &run.outcome {
            course.last = Some((step.as_str().into(), *kind));
        }
    }

    /// A block is over: finds the journeys that fail on the old side.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) {
        self.journeys.retain(|_, courses| courses.iter().any(|course| (now - course.at).abs() <= KNOWN));
        let old = self.journeys.iter().filter(|(_, [old, _])| old.fails(now));
        self.broken = old.map(|(journey, _)| journey.clone()).collect();
    }

    /// Whether this variant, or any of this journey's, fails on the old side.
    pub(crate) fn broken(&self, scope: &Scope) -> bool {
        let Some(journey) = scope.journey().cloned() else { return false };
        if let Some(variant) = scope.variant() {
            return self.broken.contains(&Series { journey, variant: variant.clone() });
        }
        let first = Series { journey, variant: Arc::default() };
        self.broken.range(&first..).next().is_some_and(|series| series.journey == first.journey)
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let named = self.broken.iter().filter_map(|journey| self.reason(journey, now));
        let mut reasons: Vec<_> = named.take(NAMED).collect();
        if let Some(more) = self.broken.len().checked_sub(NAMED).filter(|more| *more > 0) {
            let text = format!("and {} more fail on the old side", counted(more as u64, "journey"));
            reasons.push(Reason::plain(Cause::OldUnhealthy, Decision::Hold, text, None));
        }
        reasons
    }

    fn reason(&self, journey: &Series, now: DateTime<Utc>) -> Option<Reason> {
        let [old, new] = self.journeys.get(journey)?;
        let both = new.fails(now);
        let who = if both {
            format!("{journey} fails on both sides: {} on old and {} on new", old.share(), new.share())
        } else {
            format!("{journey} fails on the old side itself: {}", old.share())
        };
        let (step, kind) = old.last.clone()?;
        let text = format!("{who}, step `{step}`, kind `{kind}`; no comparison of it is worth anything");
        let (failed, runs) = (old.failed.count_ones().into(), old.runs.into());
        let mut finding = Finding::of_rate(Scope::of(journey), failed, runs);
        (finding.step, finding.kind) = (Some(step), Some(kind));
        finding.side = (!both).then_some(Side::Old);
        Some(Reason::plain(Cause::OldUnhealthy, Decision::Hold, text, None).with(finding))
    }
}

impl Course {
    fn fails(&self, now: DateTime<Utc>) -> bool {
        let lately = self.failed & ((1 << PASSED) - 1) != 0;
        lately && self.failed.count_ones() >= FAILURES && (now - self.at).abs() <= KNOWN
    }

    fn share(&self) -> String {
        format!("{} of its latest {}", self.failed.count_ones(), counted(self.runs.into(), "run"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::core::fixture::{failed, run};
    use super::*;
    use crate::Route;

    /// So many runs of a rare journey, two minutes apart.
    fn see(
        latest: &mut Latest,
        now: &mut DateTime<Utc>,
        runs: u32,
        on_new: bool,
        fails: bool,
    ) -> Vec<String> {
        for _ in 0..runs {
            *now += TimeDelta::minutes(2);
            for side in if on_new { &Side::BOTH[..] } else { &Side::BOTH[..1] } {
                let outcome = if fails { failed(FailureKind::Status) } else { Outcome::Passed };
                let seen = RunSeen { outcome, ..run("invoice", Route::from(*side), *now) };
                latest.observe(&seen, *side, *now);
            }
            latest.tick(*now);
        }
        latest.reasons(*now).into_iter().map(|reason| reason.text).collect()
    }

    #[test]
    fn a_rare_journey_that_breaks_on_both_sides_is_named_until_it_runs_again() {
        let (mut latest, mut now) = (Latest::default(), DateTime::UNIX_EPOCH);
        assert!(see(&mut latest, &mut now, 20, true, false).is_empty());
        assert!(see(&mut latest, &mut now, 3, true, true).is_empty());
        assert_eq!(
            see(&mut latest, &mut now, 1, true, true),
            [
                "invoice fails on both sides: 4 of its latest 16 runs on old and 4 of its latest 16 runs on new, step \
                 `post`, kind `status`; no comparison of it is worth anything"
            ]
        );
        assert!(latest.broken(&Scope::Journey("invoice".into())) && !latest.broken(&Scope::All));
        assert_eq!(see(&mut latest, &mut now, 5, true, false).len(), 1);
        assert!(see(&mut latest, &mut now, 1, true, false).is_empty());
    }

    #[test]
    fn what_fails_on_old_alone_is_blamed_on_it_and_forgotten_when_it_no_longer_runs() {
        let (mut latest, mut now) = (Latest::default(), DateTime::UNIX_EPOCH);
        let said = see(&mut latest, &mut now, 4, false, true);
        assert!(
            said[0].starts_with("invoice fails on the old side itself: 4 of its latest 4 runs"),
            "{said:?}"
        );
        latest.tick(now + TimeDelta::hours(2));
        assert!(latest.reasons(now).is_empty() && latest.journeys.is_empty());
    }
}
