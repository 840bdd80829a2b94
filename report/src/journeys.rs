//! The journeys: over time, and before against after.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::{Phase, Route};
use serde::Serialize;
use store::{FailureSample, RunsSample, Sample, Sketch};

use crate::bins::Bins;
use crate::failures::Failures;
use crate::interval::{Share, Z};

/// One journey (and variant) on all its routes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JourneyPart {
    /// The journey's name.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    pub variant: Arc<str>,
    /// Its routes.
    pub routes: Vec<RoutePart>,
}

/// One journey on one route.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoutePart {
    /// The route.
    pub route: Route,
    /// Before: in phase `ready`.
    pub before: Option<Figures>,
    /// In phase `set`: the new side is up, and is validated.
    pub during: Option<Figures>,
    /// After: in phases `go` and `settled`.
    pub after: Option<Figures>,
    /// After a rollback.
    pub rolled_back: Option<Figures>,
    /// Over time.
    pub points: Vec<Point>,
    /// The last failure of each step and kind, as far as the store has it: the newest ones.
    pub failures: Vec<FailureSample>,
}

/// What a number of runs came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Runs that say something about the target.
    pub runs: u64,
    /// Those that failed.
    pub failed: u64,
    /// Runs that say nothing about it, and count for nothing.
    pub aborted: u64,
    /// Runs in which a step passed and took longer than its budget.
    pub degraded: u64,
    /// The share that failed.
    pub errors: Option<Share>,
    /// The median duration of those that passed.
    pub p50: Option<Quantile>,
    /// The 90th percentile.
    pub p90: Option<Quantile>,
    /// The 99th percentile.
    pub p99: Option<Quantile>,
}

/// A quantile of durations in seconds, with its 95 % interval from the order of the runs (no form of distribution is
/// assumed). All are within 2 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantile {
    /// The quantile itself.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A point in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The end of the time that it covers.
    pub at: DateTime<Utc>,
    /// Runs that say something about the target.
    pub runs: u64,
    /// Those that failed.
    pub failed: u64,
    /// The median duration of those that passed, in seconds.
    pub p50: Option<f64>,
    /// The 90th percentile.
    pub p90: Option<f64>,
    /// The 99th percentile.
    pub p99: Option<f64>,
}

/// Runs added up.
#[derive(Debug, Default)]
struct Sum {
    passed: u64,
    failed: u64,
    aborted: u64,
    degraded: u64,
    took: Sketch,
}

#[derive(Debug, Default)]
struct Row {
    phases: BTreeMap<Phase, Sum>,
    bins: BTreeMap<DateTime<Utc>, Sum>,
    failures: Failures,
}

/// Adds up the samples.
pub(crate) fn parts(samples: &[Sample], bins: Bins) -> Vec<JourneyPart> {
    let mut rows: BTreeMap<(Arc<str>, Arc<str>), BTreeMap<Route, Row>> = BTreeMap::new();
    for sample in samples {
        for line in &sample.runs {
            let routes = rows.entry((line.journey.clone(), line.variant.clone())).or_default();
            let row = routes.entry(line.route).or_default();
            row.phases.entry(sample.phase).or_default().add(line);
            row.bins.entry(bins.end_of(sample.at)).or_default().add(line);
            line.last_failure.iter().for_each(|failure| row.failures.add(failure));
        }
    }
    let part = |((journey, variant), routes): ((Arc<str>, Arc<str>), BTreeMap<Route, Row>)| JourneyPart {
        journey,
        variant,
        routes: routes.into_iter().map(|(route, row)| row.part(route)).collect(),
    };
    rows.into_iter().map(part).collect()
}

impl Row {
    fn part(self, route: Route) -> RoutePart {
        let figures = |phases: &[Phase]| {
            let mut all = Sum::default();
            phases.iter().filter_map(|phase| self.phases.get(phase)).for_each(|sum| all.merge(sum));
            all.figures()
        };
        RoutePart {
            route,
            before: figures(&[Phase::Ready]),
            during: figures(&[Phase::Set]),
            after: figures(&[Phase::Go, Phase::Settled]),
            rolled_back: figures(&[Phase::RolledBack]),
            points: self.bins.iter().map(|(at, sum)| sum.point(*at)).collect(),
            failures: self.failures.last(),
        }
    }
}

impl Sum {
    fn add(&mut self, line: &RunsSample) {
        self.passed = self.passed.saturating_add(line.passed);
        self.failed = self.failed.saturating_add(line.failed);
        self.aborted = self.aborted.saturating_add(line.aborted);
        self.degraded = self.degraded.saturating_add(line.degraded);
        self.took.add(&line.took);
    }

    fn merge(&mut self, other: &Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.aborted = self.aborted.saturating_add(other.aborted);
        self.degraded = self.degraded.saturating_add(other.degraded);
        self.took.add(&other.took);
    }

    fn figures(&self) -> Option<Figures> {
        let runs = self.passed.saturating_add(self.failed);
        (runs + self.aborted > 0).then(|| Figures {
            runs,
            failed: self.failed,
            aborted: self.aborted,
            degraded: self.degraded,
            errors: Share::of(self.failed, runs),
            p50: quantile(&self.took, 0.5),
            p90: quantile(&self.took, 0.9),
            p99: quantile(&self.took, 0.99),
        })
    }

    fn point(&self, at: DateTime<Utc>) -> Point {
        Point {
            at,
            runs: self.passed.saturating_add(self.failed),
            failed: self.failed,
            p50: self.took.quantile(0.5),
            p90: self.took.quantile(0.9),
            p99: self.took.quantile(0.99),
        }
    }
}

fn quantile(took: &Sketch, q: f64) -> Option<Quantile> {
    let n = took.count() as f64;
    // The ranks between which the quantile lies: a binomial count, taken as normal.
    let half = Z * (q * (1.0 - q) / n.max(1.0)).sqrt();
    Some(Quantile {
        value: took.quantile(q)?,
        low: took.quantile(q - half)?,
        high: took.quantile((q + half).min(1.0))?,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_quantile_of_more_runs_is_known_better() {
        let of = |runs: u64| {
            let mut took = Sketch::default();
            (1..=runs).for_each(|run| took.record(Duration::from_secs_f64(run as f64 / runs as f64)));
            quantile(&took, 0.5).unwrap()
        };
        let (few, many) = (of(50), of(5000));
        assert!(few.low < many.low && many.low < many.value && many.high < few.high, "{few:?} {many:?}");
        assert_eq!(quantile(&Sketch::default(), 0.5), None);
    }
}
