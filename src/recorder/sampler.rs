//! The runs since the last sample.

use std::collections::BTreeMap;

use cutover::{Outcome, Route, RunSeen, Series};
use store::{FailureSample, RunsSample, Sketch};

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
    last_failure: Option<FailureSample>,
}

impl Sampler {
    /// Counts one run.
    pub(super) fn run(&mut self, run: &RunSeen) {
        let row = self.0.entry((run.series(), run.route)).or_default();
        row.degraded += u64::from(run.degraded().next().is_some());
        match &run.outcome {
            Outcome::Passed => {
                row.passed += 1;
                row.took.record(run.took);
            }
            Outcome::Failed { step, kind } => {
                row.failed += 1;
                let (step, trace) = (step.as_str().into(), run.trace.clone());
                row.last_failure = Some(FailureSample { at: run.at, step, kind: *kind, trace });
            }
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
            last_failure: row.last_failure,
        };
        rows.into_iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use cutover::{Answered, FailureKind, Phase};

    use super::*;

    #[test]
    fn of_the_runs_that_failed_the_last_one_is_kept_until_the_sample() {
        let run = |trace: &str, outcome| RunSeen {
            at: DateTime::UNIX_EPOCH,
            lag: Duration::ZERO,
            took: Duration::from_millis(20),
            journey: "sign in".into(),
            variant: "app=7".into(),
            route: Route::New,
            reached: None,
            answered: Answered::Unmarked,
            phase: Phase::Go,
            outcome,
            detail: String::new(),
            trace: trace.into(),
            pair: None,
            steps: Vec::new(),
        };
        let failed = |step: &str| Outcome::Failed { step: step.to_owned(), kind: FailureKind::Lost };
        let mut sampler = Sampler::default();
        for run in [run("a", failed("post")), run("b", failed("read")), run("c", Outcome::Passed)] {
            sampler.run(&run);
        }
        let lines = sampler.take();
        let last = lines.first().and_then(|line| line.last_failure.as_ref());
        assert_eq!(last.map(|last| (&*last.step, &*last.trace)), Some(("read", "b")));
        sampler.run(&run("d", Outcome::Passed));
        assert!(sampler.take().iter().all(|line| line.last_failure.is_none()));
    }
}
