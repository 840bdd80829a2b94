//! Runs without a counterpart: the live route, and journeys that go through both sides.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::not_up::not_up;
use super::rate_watch::RateWatch;
use super::recent::Recent;
use super::words::{percent, tolerated};
use crate::{
    Cause, Decision, Evidence, EvidenceKind, Finding, Outcome, Phase, Reason, Route, RunSeen, Scope, Series,
};

/// One journey on one route.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Watch {
    rate: RateWatch,
    ways: Recent,
}

/// A guard for each journey and route that has no counterpart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Unpaired {
    #[serde(with = "crate::entries")]
    watches: BTreeMap<(Series, Route), Watch>,
}

impl Unpaired {
    /// Takes one run. In `ready` the guard learns what is usual; from `set` on it watches. The phase that counts is the
    /// one in which the run was started.
    pub(crate) fn observe(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        let Some(failed) = run.outcome.failed().filter(|_| run.pair.is_none()) else { return };
        let watch = self.watches.entry((run.series(), run.route)).or_default();
        if run.phase == Phase::Ready {
            if !not_up(run.route, run.reached, &run.outcome) {
                watch.rate.learn(failed);
            }
            return;
        }
        watch.rate.observe(failed, now);
        if let Outcome::Failed { step, kind } = &run.outcome {
            watch.ways.add((run.journey.clone(), step.as_str().into(), *kind), now);
        }
    }

    /// Closes the open block of each.
    pub(crate) fn close_block(&mut self, now: DateTime<Utc>, margin: f64, ln_threshold: f64) {
        self.watches.values_mut().for_each(|watch| watch.rate.close_block(now, margin, ln_threshold));
    }

    /// A phase begins: before a new attempt, what is usual is learned again, and what was suspected is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        match phase {
            Phase::Ready => self.watches.clear(),
            Phase::Set => self.watches.values_mut().for_each(|watch| {
                *watch = Watch { rate: watch.rate.renewed(), ..Watch::default() };
            }),
            Phase::Go | Phase::Settled | Phase::RolledBack => {}
        }
    }

    /// Whether something is suspected that is not yet shown.
    pub(crate) fn smells(&self) -> bool {
        self.watches.values().any(|watch| watch.rate.smells())
    }

    /// How far the evidence has come: of each journey the route that is worst.
    pub(crate) fn evidence(&self, ln_threshold: f64) -> Vec<Evidence> {
        let mut worst: BTreeMap<&Series, f64> = BTreeMap::new();
        for ((journey, _), watch) in &self.watches {
            let ln = worst.entry(journey).or_default();
            *ln = ln.max(watch.rate.guard().detector().ln());
        }
        let one = |(journey, ln): (&Series, f64)| Evidence {
            scope: Scope::of(journey),
            kind: EvidenceKind::Unpaired,
            ln,
            ln_threshold,
        };
        worst.into_iter().map(one).collect()
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, now: DateTime<Utc>, margin: f64) -> Vec<Reason> {
        let one = |((journey, route), watch): (&(Series, Route), &Watch)| {
            watch.rate.since().map(|since| watch.reason((journey, *route), since, now, margin))
        };
        self.watches.iter().filter_map(one).collect()
    }
}

impl Watch {
    fn reason(
        &self,
        (journey, route): (&Series, Route),
        since: DateTime<Utc>,
        now: DateTime<Utc>,
        margin: f64,
    ) -> Reason {
        let ((failed, runs), way) = (self.rate.counts(now), self.ways.most(now));
        let most = way.map_or_else(String::new, |(_, step, kind)| format!("; step `{step}`, kind `{kind}`"));
        let mut finding = Finding::of_rate(Scope::of(journey), failed, runs);
        let how = if runs == 0 {
            "failed when it ran last, more than a minute ago".to_owned()
        } else {
            format!("fails in {} of {runs} runs of the last minute", percent(finding.size))
        };
        let tolerated = tolerated(self.rate.guard(), margin);
        let text = format!("{journey} on the {route} route {how} (tolerated: {tolerated}){most}");
        finding.side = route.pinned();
        (finding.step, finding.kind) = (way.map(|way| way.1.clone()), way.map(|way| way.2));
        Reason::plain(Cause::Unpaired, Decision::Hold, text, Some(since)).with(finding)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::core::fixture::{failed, run};
    use super::*;
    use crate::FailureKind;

    /// So many runs two minutes apart, with a block closed every 10 s.
    fn rare(
        unpaired: &mut Unpaired,
        now: &mut DateTime<Utc>,
        runs: u32,
        phase: Phase,
        outcome: &Outcome,
    ) -> Vec<String> {
        for _ in 0..runs {
            let seen = RunSeen {
                phase,
                outcome: outcome.clone(),
                reached: None,
                ..run("replicate", Route::Live, *now)
            };
            unpaired.observe(&seen, *now);
            for _ in 0..12 {
                *now += TimeDelta::seconds(10);
                unpaired.close_block(*now, 0.0025, 12.0);
            }
        }
        unpaired.reasons(*now, 0.0025).into_iter().map(|reason| reason.text).collect()
    }

    #[test]
    fn a_rare_journey_keeps_its_alarm_until_runs_have_passed() {
        let (mut unpaired, mut now) = (Unpaired::default(), DateTime::UNIX_EPOCH);
        let refused = failed(FailureKind::Refused);
        rare(&mut unpaired, &mut now, 500, Phase::Ready, &Outcome::Passed);
        unpaired.enter(Phase::Set);
        assert!(rare(&mut unpaired, &mut now, 30, Phase::Set, &Outcome::Passed).is_empty());
        let said = rare(&mut unpaired, &mut now, 8, Phase::Set, &refused);
        assert!(
            said.len() == 1 && said[0].contains("failed when it ran last, more than a minute ago"),
            "{said:?}"
        );
        assert_eq!(rare(&mut unpaired, &mut now, 2, Phase::Set, &Outcome::Passed).len(), 1);
        assert!(rare(&mut unpaired, &mut now, 1, Phase::Set, &Outcome::Passed).is_empty());
    }

    #[test]
    fn a_new_side_that_is_not_up_in_ready_teaches_nothing() {
        let (mut unpaired, mut now) = (Unpaired::default(), DateTime::UNIX_EPOCH);
        let refused = failed(FailureKind::Refused);
        rare(&mut unpaired, &mut now, 500, Phase::Ready, &refused);
        unpaired.enter(Phase::Set);
        let said = rare(&mut unpaired, &mut now, 40, Phase::Set, &refused);
        assert!(said.len() == 1 && said[0].contains("(tolerated: 50.0 %, not learned)"), "{said:?}");
    }
}
