//! The runs of one side, added up.

use cutover::evidence::{Interval, rate};
use serde::Serialize;
use store::{RunsSample, Sketch};

/// No run lasts longer than an hour: what a sketch says beyond it is no duration.
const LONGEST: f64 = 3_700.0;

/// Runs added up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sum {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) took: Times,
}

/// What one side's runs came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideSeen {
    /// Runs that say something about the target.
    pub runs: u64,
    /// Those that failed.
    pub failed: u64,
    /// The share that failed.
    pub errors: f64,
    /// The lower end of its 95 % interval (Wilson).
    pub errors_low: f64,
    /// The upper end.
    pub errors_high: f64,
    /// The median duration of those that passed, in seconds; `None` without any.
    pub median: Option<f64>,
    /// The standard deviation of the logarithm of durations.
    pub sigma: Option<f64>,
}

impl Sum {
    pub(crate) fn add(&mut self, line: &RunsSample) {
        self.passed = self.passed.saturating_add(line.passed);
        self.failed = self.failed.saturating_add(line.failed);
        self.took.0.add(&line.took);
    }

    pub(crate) fn runs(&self) -> u64 {
        self.passed.saturating_add(self.failed)
    }

    pub(crate) fn seen(&self) -> SideSeen {
        let Interval { size, low, high } = rate(self.failed, self.runs());
        let (median, sigma) = (self.took.median(), self.took.sigma());
        let (runs, failed) = (self.runs(), self.failed);
        SideSeen { runs, failed, errors: size, errors_low: low, errors_high: high, median, sigma }
    }
}

/// Durations, as their sketch holds them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Sketch);

impl Times {
    /// The logarithms of the durations, each with how often it was seen.
    pub(crate) fn logs(took: &Sketch) -> impl Iterator<Item = (f64, f64)> {
        let held = took.buckets().filter(|(middle, count)| *middle <= LONGEST && *count > 0);
        held.map(|(middle, count)| (middle.ln(), count as f64))
    }

    /// Their median in seconds, interpolated within its bucket so that it does not jump from one to the next.
    fn median(&self) -> Option<f64> {
        let half = Self::logs(&self.0).map(|(_, held)| held).sum::<f64>() / 2.0;
        let mut below = 0.0;
        Self::logs(&self.0).find_map(|(ln, held)| {
            below += held;
            let within = (half - (below - held)) / held;
            (below >= half).then(|| (ln + (within - 0.5) * Sketch::step().ln()).exp())
        })
    }

    /// Mean and variance of the logarithms.
    pub(crate) fn moments(&self) -> Option<(f64, f64)> {
        let all: f64 = Self::logs(&self.0).map(|(_, held)| held).sum();
        let mean = Self::logs(&self.0).map(|(ln, held)| ln * held).sum::<f64>() / all;
        let squares = Self::logs(&self.0).map(|(ln, held)| (ln - mean).powi(2) * held).sum::<f64>();
        (all > 0.0).then(|| (mean, squares / all))
    }

    fn sigma(&self) -> Option<f64> {
        self.moments().map(|(_, variance)| variance.sqrt())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::fixture::line;
    use cutover::Route;

    #[test]
    fn median_and_spread_are_those_of_the_runs_and_the_median_moves_smoothly() {
        for median in [0.1, 0.101, 0.102, 0.103, 0.104, 3.0] {
            let mut sum = Sum::default();
            sum.add(&line("a", Route::Old, 2_000, 20, median));
            let seen = sum.seen();
            assert!((seen.median.unwrap() / median - 1.0).abs() < 0.005, "{median}: {seen:?}");
            assert!((seen.sigma.unwrap() - 0.3).abs() < 0.01, "{seen:?}");
            assert!(seen.errors_low < seen.errors && seen.errors < seen.errors_high);
        }
    }

    #[test]
    fn absurd_sketches_and_counts_are_harmless() {
        let absurd = |took: &str, passed| {
            let text = format!(r#"{{"journey":"a","route":"old","passed":{passed},"took":{took}}}"#);
            let mut sum = Sum::default();
            (0..2).for_each(|_| sum.add(&serde_json::from_str(&text).unwrap()));
            sum.seen()
        };
        assert_eq!(absurd(r#"{"65535":7}"#, 7).median, None);
        assert_eq!(absurd("{}", 7).sigma, None);
        let full = absurd(r#"{"252":18446744073709551615,"65535":1}"#, u64::MAX);
        assert!(full.median.is_some_and(f64::is_finite) && full.runs == u64::MAX, "{full:?}");
        assert_eq!(absurd(r#"{"252":0}"#, 0).median, None);
    }
}
