//! The comparison with the time before the cutover, as data for a report.

use std::sync::Arc;

use serde::Serialize;

use crate::{Route, Series};

/// One journey, or one step of it, on one route: before the cutover and since Go. What is shown was not decided upon:
/// the environment may have moved meanwhile, so this can only ever hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BeforeAfter {
    /// The journey, in one of its variants.
    pub series: Series,
    /// The step; `None` for the whole run.
    pub step: Option<Arc<str>>,
    /// The route since Go. Its baseline is the same route before, or the old side where that route had nothing.
    pub route: Route,
    /// The frozen baseline.
    pub before: Period,
    /// Since Go.
    pub after: Period,
    /// By how much more of the runs fail than before, with the 95 % interval (low, high); fractions of 1.
    pub failing: Span,
}

/// What was seen in a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// Runs, or steps, that say something about their target.
    pub runs: u64,
    /// Those that failed.
    pub failed: u64,
    /// Quantiles of the durations of those that passed, in seconds; none where nothing passed.
    pub quantiles: Vec<Quantile>,
}

/// One quantile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantile {
    /// Which: 0.5 is the median.
    pub q: f64,
    /// Where it lies, in seconds.
    pub at: Span,
}

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Span {
    /// The estimate.
    pub size: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}
