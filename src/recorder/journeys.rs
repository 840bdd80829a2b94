//! What is known of each journey on each route.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use cutover::{
    Degraded, DegradedStep, JourneyView, LastRun, Outcome, Route, RunSeen, Series, StartsSkipped, Window,
};

use super::quantiles::Quantiles;

type Key = (Series, Route);

/// The journeys' counters, by series and route.
#[derive(Debug, Default)]
pub(super) struct Journeys {
    rows: BTreeMap<Key, Row>,
}

#[derive(Debug, Default)]
struct Row {
    passed: u64,
    failed: u64,
    aborted: u64,
    skipped: u64,
    degraded: u64,
    last: Option<LastRun>,
    last_failure: Option<LastRun>,
    last_degraded: Option<DegradedStep>,
    durations: Quantiles,
    minute: Window,
}

impl Journeys {
    /// Counts one run.
    pub(super) fn run(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        let row = self.rows.entry((run.series(), run.route)).or_default();
        let last = LastRun {
            at: run.at,
            took: run.took,
            outcome: run.outcome.clone(),
            detail: run.detail.clone(),
            trace: run.trace.clone(),
            reached: run.reached,
            answered: run.answered,
        };
        match &run.outcome {
            Outcome::Passed => {
                row.passed += 1;
                row.durations.record(run.took);
            }
            Outcome::Failed { .. } => {
                row.failed += 1;
                row.last_failure = Some(last.clone());
            }
            Outcome::Aborted { .. } => row.aborted += 1,
        }
        if let Some(failed) = run.outcome.failed() {
            row.minute.add(now, failed);
        }
        if let Some((step, Degraded { took, budget })) = run.degraded().last() {
            row.degraded += 1;
            let (step, route, trace) = (step.name.clone(), step.route, run.trace.clone());
            row.last_degraded = Some(DegradedStep { at: run.at, step, route, took, budget, trace });
        }
        row.last = Some(last);
    }

    /// Counts starts that were not made.
    pub(super) fn skipped(&mut self, skipped: &StartsSkipped) {
        let row = self.rows.entry((skipped.series.clone(), skipped.route));
        row.or_default().skipped += skipped.starts;
    }

    /// The lines of the snapshot.
    pub(super) fn view(&self, now: DateTime<Utc>) -> Vec<JourneyView> {
        let line = |((series, route), row): (&Key, &Row)| {
            let (failed, said) = row.minute.counts(now);
            JourneyView {
                journey: series.journey.clone(),
                variant: series.variant.clone(),
                route: *route,
                runs: row.passed + row.failed + row.aborted,
                passed: row.passed,
                failed: row.failed,
                aborted: row.aborted,
                skipped: row.skipped,
                degraded: row.degraded,
                last: row.last.clone(),
                last_failure: row.last_failure.clone(),
                last_degraded: row.last_degraded.clone(),
                p50: row.durations.at(0.5).map(|took| took.as_secs_f64()),
                p99: row.durations.at(0.99).map(|took| took.as_secs_f64()),
                error_rate_60s: (said > 0).then(|| failed as f64 / said as f64),
            }
        };
        self.rows.iter().map(line).collect()
    }

    /// Starts that were not made, over all journeys.
    pub(super) fn skipped_total(&self) -> u64 {
        self.rows.values().map(|row| row.skipped).sum()
    }
}
