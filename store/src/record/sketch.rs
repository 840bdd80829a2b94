//! Durations in few bytes, and so that sketches of short times add up to one of a long time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The ratio of one bucket's bounds: every quantile is within 2 % of the true one.
const RATIO: f64 = 1.04;
/// No run lasts longer than an hour; what does falls into the last bucket.
const LONGEST_MICROS: f64 = 3.6e9;

/// Counts of durations in buckets that widen geometrically (Masson, Rim, Lee: `DDSketch`, VLDB 2019). Unlike quantiles,
/// sketches can be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sketch(BTreeMap<u16, u64>);

impl Sketch {
    /// Adds a duration.
    pub fn record(&mut self, took: Duration) {
        let micros = (took.as_secs_f64() * 1e6).clamp(1.0, LONGEST_MICROS);
        // At most ln(3.6e9) / ln(1.04) = 561.
        let bucket = (micros.ln() / RATIO.ln()) as u16;
        *self.0.entry(bucket).or_default() += 1;
    }

    /// Adds everything that `other` holds.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            let sum = self.0.entry(*bucket).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    /// How many durations it holds.
    pub fn count(&self) -> u64 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its buckets that hold anything, the shortest durations first: the middle of each in seconds, and its count.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        self.0.iter().map(|(bucket, count)| (RATIO.powf(f64::from(*bucket) + 0.5) / 1e6, *count))
    }

    /// The ratio of the bounds of each bucket.
    pub const fn step() -> f64 {
        RATIO
    }

    /// The duration at a quantile (0 to 1), in seconds, within 2 %; `None` without any.
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        let rank = (quantile.clamp(0.0, 1.0) * self.count() as f64).ceil().max(1.0);
        let mut seen = 0.0;
        let found = self.0.iter().find(|(_, count)| {
            seen += **count as f64;
            seen >= rank
        });
        found.map(|(bucket, _)| RATIO.powf(f64::from(*bucket) + 0.5) / 1e6)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_two_percent_also_after_adding() {
        let (mut low, mut high) = (Sketch::default(), Sketch::default());
        assert_eq!(low.quantile(0.5), None);
        (1..=500).for_each(|ms| low.record(Duration::from_millis(ms)));
        (501..=1000).for_each(|ms| high.record(Duration::from_millis(ms)));
        low.add(&high);
        assert_eq!(low.count(), 1000);
        for (quantile, true_seconds) in [(0.0, 0.001), (0.5, 0.5), (0.9, 0.9), (0.99, 0.99), (1.0, 1.0)] {
            let seconds = low.quantile(quantile).unwrap();
            assert!((seconds / true_seconds - 1.0).abs() < 0.021, "{quantile}: {seconds}");
        }
    }

    #[test]
    fn absurd_durations_and_counts_are_bounded() {
        let mut sketch = Sketch::default();
        sketch.record(Duration::ZERO);
        sketch.record(Duration::MAX);
        assert!((3000.0..4000.0).contains(&sketch.quantile(1.0).unwrap()));
        let full: Sketch = serde_json::from_str(r#"{"1":18446744073709551615}"#).unwrap();
        sketch.add(&full);
        sketch.add(&full);
        assert!(sketch.quantile(0.5).is_some());
        let beyond: Sketch = serde_json::from_str(r#"{"65535":1}"#).unwrap();
        assert_eq!(beyond.quantile(0.5), Some(f64::INFINITY));
    }
}
