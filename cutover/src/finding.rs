//! The figures of a reason.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::evidence::rate;
use crate::{FailureKind, Scope, Side};

/// A measured difference between the sides, or a rate on one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The journeys over which it was measured.
    pub scope: Scope,
    /// The journey that contributes most.
    pub journey: Option<Arc<str>>,
    /// Its step that fails most.
    pub step: Option<Arc<str>>,
    /// The side to blame.
    pub side: Option<Side>,
    /// The kind of failure seen most.
    pub kind: Option<FailureKind>,
    /// The trace id of the last run that failed so: with it the target's own records are found.
    #[serde(default)]
    pub trace: Option<Arc<str>>,
    /// What `size`, `low` and `high` measure.
    pub measure: Measure,
    /// How large it is.
    pub size: f64,
    /// The lower end of its 95 % confidence interval.
    pub low: f64,
    /// The upper end of its 95 % confidence interval.
    pub high: f64,
    /// The number of pairs, or of runs, in it.
    pub count: u64,
}

/// What the size of a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// A difference of failure rates, new - old; a fraction of 1.
    Difference,
    /// A rate itself; a fraction of 1.
    Rate,
    /// A ratio of durations, new / old.
    Ratio,
    /// A difference of the shares of slow runs, new - old; a fraction of 1.
    SlowShare,
}

impl Finding {
    /// How often something fails, in figures: `failed` of `runs`.
    pub(crate) fn of_rate(scope: Scope, failed: u64, runs: u64) -> Self {
        let (interval, journey) = (rate(failed, runs), scope.journey().cloned());
        Self {
            scope,
            journey,
            step: None,
            side: None,
            kind: None,
            trace: None,
            measure: Measure::Rate,
            size: interval.size,
            low: interval.low,
            high: interval.high,
            count: runs,
        }
    }
}
