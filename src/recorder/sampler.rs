//! The runs since the last sample.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover::{Outcome, Route, RunSeen};
use store::{RunsSample, Sketch};

/// Counts and durations of the runs since the last sample, by journey, variant and route.
#[derive(Debug, Default)]
pub(super) struct Sampler(BTreeMap<(Arc<str>, Arc<str>, Route), Row>);

#[derive(Debug, Default)]
struct Row {
    passed: u64,
    failed: u64,
    aborted: u64,
    took: Sketch,
}

impl Sampler {
    /// Counts one run.
    pub(super) fn run(&mut self, run: &RunSeen) {
        let row = self.0.entry((run.journey.clone(), run.variant.clone(), run.route)).or_default();
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
        let line = |((journey, variant, route), Row { passed, failed, aborted, took })| RunsSample {
            journey,
            variant,
            route,
            passed,
            failed,
            aborted,
            took,
        };
        rows.into_iter().map(line).collect()
    }
}
