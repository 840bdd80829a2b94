//! A histogram of durations that costs a few hundred bytes, so that ten thousand scopes may have one each.
//!
//! Buckets grow by 2 %, so every quantile is right within 1 % (after Masson, Rim and Lee, "DDSketch", 2019). Only the
//! buckets between the least and the largest value are kept; at most about 1,300, over eleven decades.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The ratio of one bucket's bounds.
const GROWTH: f64 = 1.02;

/// Values outside are counted at the edge: a microsecond, and a day.
const RANGE: (f64, f64) = (1e-6, 86_400.0);

/// Counts by bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    first: i32,
    counts: VecDeque<u32>,
    total: u64,
}

impl Histogram {
    /// Counts one value: seconds, or a ratio. What is no number, or negative, counts as the least value.
    pub fn add(&mut self, value: f64) {
        // `max` takes the other one where one is no number.
        let value = value.max(RANGE.0).min(RANGE.1);
        let bucket = (value.ln() / GROWTH.ln()).floor() as i32;
        if self.counts.is_empty() {
            self.first = bucket;
        }
        while bucket < self.first {
            self.counts.push_front(0);
            self.first -= 1;
        }
        let at = usize::try_from(bucket - self.first).unwrap_or(0);
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(at).filter(|count| **count < u32::MAX) {
            *count += 1;
            self.total += 1;
        }
    }

    /// How many values there were.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The value below which the share `q` of all lies; `None` without any.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let rank = ((q * self.total as f64).ceil() as u64).clamp(1, self.total.max(1));
        let mut below = 0;
        let bucket = self.counts.iter().position(|count| {
            below += u64::from(*count);
            below >= rank
        })?;
        // The middle of the bucket, on the scale on which it is one.
        Some(GROWTH.powf(f64::from(self.first) + bucket as f64 + 0.5))
    }

    /// Halves the counts: what is older weighs less. What is left over of a bucket goes on to the next one, so that a
    /// thin tail is thinned and not cut off.
    pub fn halve(&mut self) {
        let mut over = 0;
        for count in &mut self.counts {
            let with = u64::from(*count) + over;
            over = with % 2;
            *count = u32::try_from(with / 2).unwrap_or(u32::MAX);
        }
        self.total = self.counts.iter().map(|count| u64::from(*count)).sum();
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_within_a_bucket_and_halving_keeps_them() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        (1..=10_000).rev().for_each(|ms| histogram.add(f64::from(ms) / 1000.0));
        for _ in 0..2 {
            for q in [0.01, 0.5, 0.99, 0.997] {
                let (is, should) = (histogram.quantile(q).unwrap(), 10.0 * q);
                assert!((is / should - 1.0).abs() < 0.03, "{q}: {is}");
            }
            histogram.halve();
        }
        assert!(histogram.total() < 5_001);
    }

    #[test]
    fn absurd_values_are_harmless() {
        let mut histogram = Histogram::default();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300, 1e-300] {
            histogram.add(value);
        }
        assert_eq!(histogram.total(), 7);
        assert!(histogram.counts.len() < 1_400, "{}", histogram.counts.len());
        assert!(histogram.quantile(1.0).unwrap() <= 90_000.0 && histogram.quantile(0.0).unwrap() < 2e-6);
    }
}
