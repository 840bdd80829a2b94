//! Journeys, and the pairs of their runs.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{Answered, Outcome, Reached, Route, Series};

/// One journey on one route.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JourneyView {
    /// The journey's name.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    pub variant: Arc<str>,
    /// How its runs are aimed.
    pub route: Route,
    /// Runs that ended, in whichever way.
    pub runs: u64,
    /// Runs that passed.
    pub passed: u64,
    /// Runs in which the target failed.
    pub failed: u64,
    /// Runs that say nothing about the target.
    pub aborted: u64,
    /// Starts that could not be made in time.
    pub skipped: u64,
    /// Runs in which a step passed and took longer than its budget.
    pub degraded: u64,
    /// The last run that ended.
    pub last: Option<LastRun>,
    /// The last run that failed: it stays in sight after the next one passed.
    pub last_failure: Option<LastRun>,
    /// The last step that took longer than its budget.
    pub last_degraded: Option<DegradedStep>,
    /// The median duration of the runs that passed, in seconds.
    pub p50: Option<f64>,
    /// The 99th percentile of the same, in seconds.
    pub p99: Option<f64>,
    /// The share of failed runs among those of the last 60 s that say something (0 to 1); `None` without any.
    pub error_rate_60s: Option<f64>,
}

/// How a journey's last run ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastRun {
    /// Its intended start.
    pub at: DateTime<Utc>,
    /// From its real start to its end.
    #[serde(serialize_with = "crate::seconds::one")]
    pub took: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// The failure in words; empty for a run that passed. It may hold text that the target wrote.
    pub detail: String,
    /// The trace id under which the target may have noted it.
    pub trace: Arc<str>,
    /// The side reached by the step that decided.
    pub reached: Option<Reached>,
    /// Who answered that step.
    pub answered: Answered,
}

/// A step that passed, and took longer than its budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DegradedStep {
    /// The intended start of its run.
    pub at: DateTime<Utc>,
    /// The step's name.
    pub step: Arc<str>,
    /// How the step was aimed.
    pub route: Route,
    /// How long it took.
    #[serde(serialize_with = "crate::seconds::one")]
    pub took: Duration,
    /// How long it may take.
    #[serde(serialize_with = "crate::seconds::one")]
    pub budget: Duration,
    /// The trace id under which the target may have noted it.
    pub trace: Arc<str>,
}

/// The pairs judged so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PairsView {
    /// Pairs of which both runs said something.
    pub total: u64,
    /// Runs that reached the old address and were answered by the new application.
    pub forwarded: u64,
}

impl JourneyView {
    /// The journey in its variant, as it is shown.
    pub fn series(&self) -> String {
        Series { journey: self.journey.clone(), variant: self.variant.clone() }.to_string()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::AbortCause;

    #[test]
    fn json_bears_words_for_closed_sets_and_seconds_for_durations() {
        let last = LastRun {
            at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            took: Duration::from_millis(1_250),
            outcome: Outcome::Aborted { cause: AbortCause::Resolver },
            detail: String::new(),
            trace: "4bf9".into(),
            reached: Some(Reached::Old),
            answered: Answered::New,
        };
        assert_eq!(
            serde_json::to_value(last).unwrap(),
            serde_json::json!({
                "at": "2027-01-15T08:00:00Z", "took": 1.25, "outcome": { "aborted": { "cause": "resolver" } },
                "detail": "", "trace": "4bf9", "reached": "old", "answered": "new",
            })
        );
    }
}
