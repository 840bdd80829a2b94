//! The guard: evidence that runs without a counterpart on the other side fail more than they used to.
//!
//! It may only ever raise `hold`: without pairing, what disturbs everybody cannot be told from what the cutover did.

use serde::{Deserialize, Serialize};

use super::detector::{Alarm, Detector};

const BETS: [f64; 5] = [0.005, 0.015, 0.05, 0.15, 0.5];

/// A guard over one scope, against a failure rate q0 that is learned before it is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    margin: f64,
    detector: Detector,
    learned_failed: u64,
    learned_runs: u64,
}

impl Guard {
    /// A guard with margin d that alarms at e^`ln_threshold`.
    pub fn new(margin: f64, ln_threshold: f64) -> Self {
        Self { margin, detector: Detector::new(BETS.len(), ln_threshold), learned_failed: 0, learned_runs: 0 }
    }

    /// Learns from runs of a time that counts as healthy.
    pub const fn learn(&mut self, failed: u64, runs: u64) {
        self.learned_failed += failed;
        self.learned_runs += runs;
    }

    /// The tolerated failure rate: q0 = 1.25 p + d with p = (k + 2 + 2 sqrt(k + 1)) / n, an upper limit of the rate
    /// that was learned. At most a half, also while nothing was learned: what fails more often than not is noticed.
    pub fn tolerated(&self) -> f64 {
        let (k, n) = (self.learned_failed as f64, self.learned_runs as f64);
        let p = (k + 2.0 + 2.0 * (k + 1.0).sqrt()) / n;
        1.25f64.mul_add(p, self.margin).min(0.5)
    }

    /// Takes one block. The factor of a run Z is 1 + (b / q0) (Z - q0).
    pub fn step(&mut self, failed: u64, runs: u64) -> Option<Alarm> {
        let q0 = self.tolerated();
        let (failed, passed) = (failed as f64, runs.saturating_sub(failed) as f64);
        self.detector.step(BETS.map(|b| failed * (b / q0 * (1.0 - q0)).ln_1p() + passed * (-b).ln_1p()))
    }

    /// The evidence as it stands.
    pub const fn detector(&self) -> &Detector {
        &self.detector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_healthy_rate_stays_silent_and_an_outage_is_seen_in_a_few_blocks() {
        let mut guard = Guard::new(0.0025, 15.0);
        guard.learn(2, 500);
        for _ in 0..10_000 {
            assert_eq!(guard.step(0, 5), None);
        }
        let alarm = (1..).find(|_| guard.step(5, 5).is_some());
        assert!(alarm.is_some_and(|blocks| blocks <= 6), "{alarm:?}");
    }

    #[test]
    fn where_nothing_was_learned_only_failing_more_often_than_not_is_noticed() {
        let mut guard = Guard::new(0.0025, 15.0);
        assert!((guard.tolerated() - 0.5).abs() < 1e-12);
        assert!((0..2_000).all(|_| guard.step(2, 5).is_none()));
        assert!((0..20).any(|_| guard.step(5, 5).is_some()));
    }
}
