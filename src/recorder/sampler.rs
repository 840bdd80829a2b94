//! The runs since the last sample.

use std::collections::BTreeMap;

use cutover::{Outcome, Route, RunSeen, Series};
use store::{RunsSample, Sketch};

/// Counts and durations of the runs since the last sample, by journey, variant and route.
#[derive(Debug, Default)]
pub(super) struct Sampler(BTreeMap<(Series, Route), Row>);

#[derive(Debug, Default)]
struct Row {
    passed: u64,
    failed: u64,
    aborted: u64,
    degraded: u64,
    took: Sketch,
}

impl Sampler {
    /// Counts one run.
    pub(super) fn run(&mut self, run: &RunSeen) {
        let row = self.0.entry((run.series(), run.route)).or_default();
        row.degraded += u64::from(run.degraded().next().is_some());
        match run.outcome {
            Outcome::Passed => {
                row.passed += 1;
                row.took.record(run.took);
            }
            Outcome::Failed { .. } => row.failed += 1,
            Outcome::Aborted { .. } => row.aborted += 1,
        }
    }

    /// The lines of the sample; what comes next belongs to the next one.
    pub(super) fn take(&mut self) -> Vec<RunsSample> {
        let rows = std::mem::take(&mut self.0);
        let line = |((series, route), row): ((Series, Route), Row)| RunsSample {
            journey: series.journey,
            variant: series.variant,
            route,
            passed: row.passed,
            failed: row.failed,
            aborted: row.aborted,
            degraded: row.degraded,
            took: row.took,
        };
        rows.into_iter().map(line).collect()
    }
}
