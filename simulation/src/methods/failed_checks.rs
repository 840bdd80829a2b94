//! Flagger's analysis: checks against thresholds each minute, rolled back after a number of failed ones.
//!
//! After its documentation (docs.flagger.app, "How it works" and the tutorials): `interval: 1m, threshold: 5,
//! maxWeight: 50, stepWeight: 10`; `request-success-rate` at least 99 and `request-duration` (its 99th percentile) at
//! most 500 ms, over one minute. Failed checks add up and do not advance; after five good steps the canary is promoted
//! and the next analysis begins.

use super::bin::{Bin, SideBin};

pub(super) const PARAMETERS: &str = "Flagger's tutorial on the new side: each minute success rate >= 99 % and p99 <= \
    500 ms; 5 failed checks roll back, 5 good ones promote, and the next analysis begins";

const SUCCESS: f64 = 0.99;
const P99: f64 = 0.5;
const FAILED: u32 = 5;
const STEPS: u32 = 5;
const MINUTE: u32 = 6;

/// One analysis after another.
#[derive(Debug, Default)]
pub(crate) struct FailedChecks {
    minute: SideBin,
    bins: u32,
    failed: u32,
    steps: u32,
}

impl FailedChecks {
    /// Takes one bin; says whether the canary is rolled back now.
    pub(crate) fn step(&mut self, bin: &Bin) -> bool {
        self.minute.runs += bin.new.runs;
        self.minute.failed += bin.new.failed;
        self.minute.took.extend_from_slice(&bin.new.took);
        self.bins += 1;
        if self.bins < MINUTE {
            return false;
        }
        self.bins = 0;
        if self.check() {
            self.steps += 1;
        } else {
            self.failed += 1;
        }
        let rolled_back = self.failed >= FAILED;
        if rolled_back || self.steps >= STEPS {
            (self.failed, self.steps) = (0, 0);
        }
        rolled_back
    }

    /// Checks the minute that is over, and forgets it. Without any run nothing is checked.
    fn check(&mut self) -> bool {
        let minute = std::mem::take(&mut self.minute);
        minute.failed_share().is_none_or(|failed| 1.0 - failed >= SUCCESS) && p99(minute.took) <= P99
    }
}

/// The 99th percentile; 0 of nothing.
fn p99(mut took: Vec<f64>) -> f64 {
    let rank = (took.len() as f64 * 0.99).ceil() as usize;
    match rank.checked_sub(1) {
        Some(at) => *took.select_nth_unstable_by(at, f64::total_cmp).1,
        None => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::bin::fixture::{bin, first};
    use super::*;

    #[test]
    fn five_bad_minutes_roll_back_whether_they_fail_or_are_slow() {
        let mut checks = FailedChecks::default();
        let outage = std::iter::repeat_with(|| bin((0, 40), (0.1, 0.1))).take(100);
        assert_eq!(first(|bin| checks.step(bin), outage), Some(30));
        let slow = std::iter::repeat_with(|| bin((0, 0), (0.1, 0.6))).take(100);
        assert_eq!(first(|bin| checks.step(bin), slow), Some(30));
    }

    #[test]
    fn a_bad_minute_now_and_then_is_forgiven_with_each_promotion() {
        let mut checks = FailedChecks::default();
        let now_and_then = (0..600).map(|i| bin((0, if i % 36 < 6 { 40 } else { 0 }), (0.1, 0.1)));
        assert_eq!(first(|bin| checks.step(bin), now_and_then), None);
    }

    #[test]
    fn the_percentile_is_the_one_by_rank() {
        assert!((p99((1..=200).rev().map(f64::from).collect()) - 198.0).abs() < 1e-12);
        assert!(p99(Vec::new()).abs() < 1e-12);
    }
}
