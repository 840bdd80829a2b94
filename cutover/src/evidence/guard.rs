//! The guard: evidence that runs fail more than they used to. It may only ever raise `hold`.
//!
//! Z is 1 for a failure that counts: of the new side alone, where there are pairs; of the run itself, where there is no
//! counterpart, and what disturbs everybody cannot be told from what the cutover did. The factor of a bet b is
//! 1 + (b / q0) (Z - q0), of mean <= 1 while failures are no more frequent than the tolerated rate q0.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::decayed::upper_rate;
use super::{Alarm, Detector, Tally};

/// The stakes over which the evidence is mixed.
pub(crate) const BETS: [f64; 5] = [0.005, 0.015, 0.05, 0.15, 0.5];

/// More than this is never tolerated.
const MOST: f64 = 0.5;

/// The tolerated rate q0 = 1.25 p + d, for an upper limit p of the rate so far. At most a half, also while nothing is
/// known: what fails more often than not is noticed.
pub fn tolerated(upper_rate: f64, margin: f64) -> f64 {
    1.25f64.mul_add(upper_rate, margin).min(MOST)
}

/// The logarithm of a block's product for each bet. Both counts may be fractions: of a heartbeat, say.
pub fn guard_products(failed: f64, passed: f64, q0: f64) -> [f64; BETS.len()] {
    BETS.map(|b| failed * (b / q0 * (1.0 - q0)).ln_1p() + passed * (-b).ln_1p())
}

/// Failures among trials, which may be fractions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Those that failed.
    pub failed: f64,
    /// All.
    pub trials: f64,
}

impl Tally for Counts {
    fn merge(&mut self, other: &Self) {
        self.failed += other.failed;
        self.trials += other.trials;
    }
}

/// A guard over one scope, against a failure rate q0 that is learned before it is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    detector: Detector<Counts>,
    learned: Counts,
}

impl Default for Guard {
    fn default() -> Self {
        Self { detector: Detector::new(BETS.len()), learned: Counts::default() }
    }
}

impl Guard {
    /// Learns from a time that counts as healthy.
    pub fn learn(&mut self, seen: Counts) {
        self.learned.merge(&seen);
    }

    /// The tolerated failure rate, for a margin d.
    pub fn tolerated(&self, margin: f64) -> f64 {
        tolerated(upper_rate(self.learned.failed, self.learned.trials), margin)
    }

    /// Whether the tolerated rate follows from what was learned: it does not where that was too little, or fails more
    /// often than not.
    pub fn has_learned(&self, margin: f64) -> bool {
        self.tolerated(margin) < MOST
    }

    /// Takes one block that began at `at`.
    pub fn step(
        &mut self,
        at: DateTime<Utc>,
        seen: Counts,
        q0: f64,
        ln_threshold: f64,
    ) -> Option<Alarm<Counts>> {
        let products = guard_products(seen.failed, (seen.trials - seen.failed).max(0.0), q0);
        self.detector.step(at, &seen, &products, ln_threshold)
    }

    /// A guard that has learned the same and suspects nothing.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { learned: self.learned, ..Self::default() }
    }

    /// The evidence as it stands.
    pub const fn detector(&self) -> &Detector<Counts> {
        &self.detector
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    fn step(guard: &mut Guard, failed: f64, trials: f64) -> bool {
        let q0 = guard.tolerated(0.0025);
        guard.step(DateTime::UNIX_EPOCH, Counts { failed, trials }, q0, 15.0).is_some()
    }

    #[test]
    fn a_healthy_rate_stays_silent_and_an_outage_is_seen_in_a_few_blocks() {
        let mut guard = Guard::default();
        guard.learn(Counts { failed: 2.0, trials: 500.0 });
        assert!((0..10_000).all(|_| !step(&mut guard, 0.0, 5.0)));
        let blocks = (1..).find(|_| step(&mut guard, 5.0, 5.0));
        assert!(blocks.is_some_and(|blocks| blocks <= 6), "{blocks:?}");
    }

    #[test]
    fn where_nothing_was_learned_only_failing_more_often_than_not_is_noticed() {
        let mut guard = Guard::default();
        assert!((guard.tolerated(0.0025) - 0.5).abs() < 1e-12);
        assert!((0..2_000).all(|_| !step(&mut guard, 2.0, 5.0)));
        assert!((0..20).any(|_| step(&mut guard, 5.0, 5.0)));
    }

    #[test]
    fn false_alarms_within_n_blocks_are_no_more_than_n_over_a() {
        let (a, n, trials, q0) = (100.0_f64, 20, 10_000, 0.02);
        let mut random = SmallRng::seed_from_u64(8);
        let alarmed = (0..trials)
            .filter(|_| {
                let mut guard = Guard::default();
                (0..n).any(|_| {
                    let failed = (0..40).filter(|_| random.random_bool(q0)).count() as f64;
                    let seen = Counts { failed, trials: 40.0 };
                    guard.step(DateTime::UNIX_EPOCH, seen, q0, a.ln()).is_some()
                })
            })
            .count();
        let (seen, bound) = (alarmed as f64 / f64::from(trials), f64::from(n) / a);
        assert!(seen <= bound && seen > 0.0, "P(alarm within {n} blocks) = {seen}, bound {bound}");
    }
}
