//! Runs without a counterpart: the live route, and journeys that go through both sides.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words::percent;
use crate::evidence::{Counts, Guard, Ways, rate};
use crate::{
    Cause, Decision, Evidence, EvidenceKind, Finding, Measure, Outcome, Phase, Reason, Route, RunSeen, Scope,
    Window,
};

/// An alarm stands until a whole minute has passed with no more failures than tolerated.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Watch {
    guard: Guard,
    window: Window,
    ways: Ways,
    open: Counts,
    began: Option<DateTime<Utc>>,
    since: Option<DateTime<Utc>>,
    smells: bool,
}

/// A guard for each journey and route that has no counterpart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Unpaired {
    #[serde(with = "crate::entries")]
    watches: BTreeMap<(Arc<str>, Route), Watch>,
}

impl Unpaired {
    /// Takes one run. In `ready` the guard learns what is usual; from `set` on it watches.
    pub(crate) fn observe(&mut self, run: &RunSeen, phase: Phase, now: DateTime<Utc>) {
        let Some(failed) = run.outcome.failed().filter(|_| run.pair.is_none()) else { return };
        let watch = self.watches.entry((run.journey.clone(), run.route)).or_default();
        let seen = Counts { failed: f64::from(u8::from(failed)), trials: 1.0 };
        if phase == Phase::Ready {
            watch.guard.learn(seen);
            return;
        }
        watch.window.add(now, failed);
        watch.began.get_or_insert(now);
        (watch.open.failed, watch.open.trials) =
            (watch.open.failed + seen.failed, watch.open.trials + seen.trials);
        if let Outcome::Failed { step, kind } = &run.outcome {
            watch.ways.add((run.journey.clone(), step.as_str().into(), *kind));
        }
    }

    /// Closes the open block of each.
    pub(crate) fn close_block(&mut self, now: DateTime<Utc>, margin: f64, ln_threshold: f64) {
        for watch in self.watches.values_mut() {
            if let Some(began) = watch.began.take() {
                let (seen, q0) = (std::mem::take(&mut watch.open), watch.guard.tolerated(margin));
                if watch.guard.step(began, seen, q0, ln_threshold).is_some() {
                    watch.since.get_or_insert(now);
                }
                watch.smells = watch.guard.detector().smells();
            }
            if watch.since.is_some() && watch.well(now, margin) {
                (watch.since, watch.ways) = (None, Ways::default());
            }
        }
    }

    /// A phase begins: before a new attempt, what is usual is learned again, and what was suspected is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        match phase {
            Phase::Ready => self.watches.clear(),
            Phase::Set => self.watches.values_mut().for_each(|watch| {
                *watch = Watch { guard: watch.guard.renewed(), ..Watch::default() };
            }),
            Phase::Go | Phase::Settled | Phase::RolledBack => {}
        }
    }

    /// Whether something is suspected that is not yet shown.
    pub(crate) fn smells(&self) -> bool {
        self.watches.values().any(|watch| watch.smells)
    }

    /// How far the evidence has come: of each journey the route that is worst.
    pub(crate) fn evidence(&self, ln_threshold: f64) -> Vec<Evidence> {
        let mut worst: BTreeMap<&Arc<str>, f64> = BTreeMap::new();
        for ((journey, _), watch) in &self.watches {
            let ln = worst.entry(journey).or_default();
            *ln = ln.max(watch.guard.detector().ln());
        }
        let one = |(journey, ln): (&Arc<str>, f64)| {
            let scope = Scope::Journey(journey.clone());
            Evidence { scope, kind: EvidenceKind::Unpaired, ln, ln_threshold }
        };
        worst.into_iter().map(one).collect()
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, now: DateTime<Utc>, margin: f64) -> Vec<Reason> {
        let standing = self.watches.iter().filter(|(_, watch)| watch.since.is_some());
        standing.map(|((journey, route), watch)| watch.reason(journey, *route, now, margin)).collect()
    }
}

impl Watch {
    fn well(&self, now: DateTime<Utc>, margin: f64) -> bool {
        let (failed, runs) = self.window.counts(now);
        failed as f64 <= self.guard.tolerated(margin) * runs as f64
    }

    fn reason(&self, journey: &Arc<str>, route: Route, now: DateTime<Utc>, margin: f64) -> Reason {
        let (failed, runs) = self.window.counts(now);
        let (interval, way) = (rate(failed, runs), self.ways.most());
        let most = way.map_or_else(String::new, |(_, step, kind)| format!("; step `{step}`, kind `{kind}`"));
        let text = format!(
            "{journey} on the {route} route fails in {} of {runs} runs of the last minute (tolerated: {}){most}",
            percent(interval.size),
            percent(self.guard.tolerated(margin)),
        );
        let mut reason = Reason::plain(Cause::Unpaired, Decision::Hold, text, self.since);
        reason.finding = Some(Finding {
            scope: Scope::Journey(journey.clone()),
            journey: Some(journey.clone()),
            step: way.map(|way| way.1.clone()),
            side: route.pinned(),
            kind: way.map(|way| way.2),
            measure: Measure::Rate,
            size: interval.size,
            low: interval.low,
            high: interval.high,
            count: runs,
        });
        reason
    }
}
