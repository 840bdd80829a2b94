//! How runs failed, and where the target may have noted them.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover::FailureKind;
use store::FailureSample;

/// Ways of failing that are shown of one journey on one route.
const SHOWN: usize = 5;

/// The last failure of each step and kind.
#[derive(Debug, Default)]
pub(crate) struct Failures(BTreeMap<(Arc<str>, FailureKind), FailureSample>);

impl Failures {
    /// Takes one, which is not older than those before it.
    pub(crate) fn add(&mut self, failure: &FailureSample) {
        self.0.insert((failure.step.clone(), failure.kind), failure.clone());
    }

    /// The last ones, the newest first.
    pub(crate) fn last(self) -> Vec<FailureSample> {
        let mut all: Vec<_> = self.0.into_values().collect();
        all.sort_by_key(|failure| std::cmp::Reverse(failure.at));
        all.truncate(SHOWN);
        all
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn the_last_of_each_way_is_kept_and_the_newest_are_shown() {
        let mut failures = Failures::default();
        for second in 0..20_i64 {
            let kind = if second % 2 == 0 { FailureKind::Status } else { FailureKind::Timeout };
            failures.add(&FailureSample {
                at: DateTime::UNIX_EPOCH + TimeDelta::seconds(second),
                step: format!("step {}", second % 3).into(),
                kind,
                trace: second.to_string().into(),
            });
        }
        let traces: Vec<_> = failures.last().iter().map(|failure| failure.trace.to_string()).collect();
        assert_eq!(traces, ["19", "18", "17", "16", "15"]);
    }
}
