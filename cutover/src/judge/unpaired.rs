//! Runs without a counterpart: the live route, and journeys that go through both sides.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::words::percent;
use crate::evidence::{Guard, Settings, Ways, rate};
use crate::{
    Cause, Decision, Evidence, EvidenceKind, Finding, Outcome, Phase, Reason, Route, RunSeen, Scope, Window,
};

/// An alarm stands until a whole minute has passed with no more failures than tolerated.
#[derive(Debug)]
struct Watch {
    guard: Guard,
    window: Window,
    ways: Ways,
    block: (u64, u64),
    since: Option<DateTime<Utc>>,
}

/// A guard for each journey and route that has no counterpart.
#[derive(Debug)]
pub(crate) struct Unpaired {
    margin: f64,
    ln_threshold: f64,
    watches: BTreeMap<(Arc<str>, Route), Watch>,
}

impl Unpaired {
    pub(crate) const fn new(settings: &Settings, ln_threshold: f64) -> Self {
        Self { margin: settings.error_margin, ln_threshold, watches: BTreeMap::new() }
    }

    /// Takes one run. In `ready` the guard learns what is usual; from `set` on it watches.
    pub(crate) fn observe(&mut self, run: &RunSeen, phase: Phase, now: DateTime<Utc>) {
        let Some(failed) = run.outcome.failed().filter(|_| run.pair.is_none()) else { return };
        let watch = self.watches.entry((run.journey.clone(), run.route)).or_insert_with(|| Watch {
            guard: Guard::new(self.margin, self.ln_threshold),
            window: Window::default(),
            ways: Ways::default(),
            block: (0, 0),
            since: None,
        });
        if phase == Phase::Ready {
            watch.guard.learn(u64::from(failed), 1);
            return;
        }
        watch.window.add(now, failed);
        watch.block = (watch.block.0 + u64::from(failed), watch.block.1 + 1);
        if let Outcome::Failed { step, kind } = &run.outcome {
            watch.ways.add((run.journey.clone(), step.as_str().into(), *kind));
        }
    }

    /// Closes the open block of each.
    pub(crate) fn close_block(&mut self, now: DateTime<Utc>) {
        for watch in self.watches.values_mut() {
            let (failed, runs) = std::mem::take(&mut watch.block);
            if runs > 0 && watch.guard.step(failed, runs).is_some() {
                watch.since.get_or_insert(now);
            }
            if watch.since.is_some() && watch.well(now) {
                (watch.since, watch.ways) = (None, Ways::default());
            }
        }
    }

    /// Whether something is suspected that is not yet shown.
    pub(crate) fn smells(&self) -> bool {
        self.watches.values().any(|watch| watch.guard.detector().smells())
    }

    /// How far the evidence has come: of each journey the route that is worst.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let mut worst: BTreeMap<&Arc<str>, f64> = BTreeMap::new();
        for ((journey, _), watch) in &self.watches {
            let ln = worst.entry(journey).or_default();
            *ln = ln.max(watch.guard.detector().ln());
        }
        let one = |(journey, ln): (&Arc<str>, f64)| {
            let scope = Scope::Journey(journey.clone());
            Evidence { scope, kind: EvidenceKind::Guard, ln, ln_threshold: self.ln_threshold }
        };
        worst.into_iter().map(one).collect()
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let standing = self.watches.iter().filter(|(_, watch)| watch.since.is_some());
        standing.map(|((journey, route), watch)| watch.reason(journey, *route, now)).collect()
    }
}

impl Watch {
    fn well(&self, now: DateTime<Utc>) -> bool {
        let (failed, runs) = self.window.counts(now);
        failed as f64 <= self.guard.tolerated() * runs as f64
    }

    fn reason(&self, journey: &Arc<str>, route: Route, now: DateTime<Utc>) -> Reason {
        let (failed, runs) = self.window.counts(now);
        let (interval, way) = (rate(failed, runs), self.ways.most());
        let most = way.map_or_else(String::new, |(_, step, kind)| format!("; step `{step}`, kind `{kind}`"));
        let text = format!(
            "{journey} on the {route} route fails in {} of {runs} runs of the last minute (tolerated: {}){most}",
            percent(interval.size),
            percent(self.guard.tolerated()),
        );
        let mut reason = Reason::plain(Cause::Unpaired, Decision::Hold, text, self.since);
        reason.finding = Some(Finding {
            scope: Scope::Journey(journey.clone()),
            journey: Some(journey.clone()),
            step: way.map(|way| way.1.clone()),
            side: route.pinned(),
            kind: way.map(|way| way.2),
            size: interval.size,
            low: interval.low,
            high: interval.high,
            count: runs,
        });
        reason
    }
}
