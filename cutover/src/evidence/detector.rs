//! The e-detector: it restarts at every block, so that it sees a change late in a long soak as soon as an early one.
//!
//! After Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection" (2023),
//! in its Shiryaev-Roberts form: per bet k of weight w_k, `R_k <- (R_k + w_k) L_k`, alarm when the sum of R reaches A.
//! L_k is the block's product of factors, at most e^3: the cap keeps its mean <= 1 while the hypothesis holds, so the
//! probability of a false alarm within n blocks is at most n / A, and the mean time between two is at least A blocks.

use serde::{Deserialize, Serialize};

/// No single block may multiply a bet by more than e to this power.
const LN_CAP: f64 = 3.0;

/// From this suspicion on it smells, until so many blocks in a row have spoken for the hypothesis.
const LN_SMELLS: f64 = 1.0;
const QUIET_BLOCKS: u32 = 6;

/// Evidence of a change, gathered block by block over a mixture of equally weighted bets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    ln_threshold: f64,
    bets: Vec<Bet>,
    blocks: u64,
    /// Blocks in a row without anything in them that speaks against the hypothesis.
    quiet: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bet {
    /// Shiryaev-Roberts: the sum over every possible start of the change. Carries the guarantee.
    r: f64,
    /// The logarithm of the CUSUM C <- max(C, 1) L: the likeliest single start. Says where it smells, and since when.
    ln_c: f64,
    /// The block at which the CUSUM last started from 1.
    since: u64,
}

/// The threshold was crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// How many blocks ago, the crossing one included, the change most likely began; at least 1.
    pub blocks_ago: u64,
}

impl Detector {
    /// A detector of `bets` bets that alarms at e^`ln_threshold`.
    pub fn new(bets: usize, ln_threshold: f64) -> Self {
        Self { ln_threshold, bets: vec![Bet { r: 0.0, ln_c: 0.0, since: 0 }; bets], blocks: 0, quiet: 0 }
    }

    /// Takes one block: the logarithm of its product of factors, for each bet in order. A value that is no number
    /// counts as no evidence. After an alarm the detector starts anew.
    pub fn step(&mut self, ln_products: impl IntoIterator<Item = f64>) -> Option<Alarm> {
        let weight = 1.0 / self.bets.len() as f64;
        let mut mean_l = 0.0;
        for (bet, ln_product) in self.bets.iter_mut().zip(ln_products) {
            let ln_l = if ln_product.is_nan() { 0.0 } else { ln_product.min(LN_CAP) };
            bet.r = (bet.r + weight) * ln_l.exp();
            mean_l += weight * ln_l.exp();
            if bet.ln_c <= 0.0 {
                bet.since = self.blocks;
            }
            bet.ln_c = bet.ln_c.max(0.0) + ln_l;
        }
        self.blocks += 1;
        self.quiet = if mean_l > 1.0 { 0 } else { self.quiet.saturating_add(1) };
        if self.ln() < self.ln_threshold {
            return None;
        }
        let leader = self.bets.iter().max_by(|a, b| a.ln_c.total_cmp(&b.ln_c));
        let since = leader.map_or(self.blocks - 1, |bet| bet.since);
        let alarm = Alarm { blocks_ago: self.blocks - since };
        *self = Self::new(self.bets.len(), self.ln_threshold);
        Some(alarm)
    }

    /// The logarithm of the evidence so far.
    pub fn ln(&self) -> f64 {
        self.bets.iter().map(|bet| bet.r).sum::<f64>().ln()
    }

    /// The logarithm of the threshold.
    pub const fn ln_threshold(&self) -> f64 {
        self.ln_threshold
    }

    /// Whether something is suspected that is not yet shown: nothing good should be concluded before it clears.
    pub fn smells(&self) -> bool {
        self.ln_suspicion() > LN_SMELLS && self.quiet < QUIET_BLOCKS
    }

    /// The logarithm of the mean CUSUM over the bets.
    pub fn ln_suspicion(&self) -> f64 {
        (self.bets.iter().map(|bet| bet.ln_c.exp()).sum::<f64>() / self.bets.len() as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    const BETS: [f64; 4] = [0.05, 0.2, 0.5, 0.9];

    /// A block of 40 fair coin scores of +-1: the hypothesis "mean <= 0" just holds, where false alarms are likeliest.
    fn fair_block(random: &mut SmallRng) -> f64 {
        (0..40).map(|_| if random.random::<bool>() { 1.0 } else { -1.0 }).sum()
    }

    fn products(sum: f64) -> impl Iterator<Item = f64> {
        let (up, down) = ((40.0 + sum) / 2.0, (40.0 - sum) / 2.0);
        BETS.into_iter().map(move |b| up * (1.0_f64 + b).ln() + down * (1.0_f64 - b).ln())
    }

    #[test]
    fn false_alarms_within_n_blocks_are_no_more_than_n_over_a() {
        let (a, n, trials) = (200.0_f64, 40, 20_000);
        let mut random = SmallRng::seed_from_u64(1);
        let alarmed = (0..trials)
            .filter(|_| {
                let mut detector = Detector::new(BETS.len(), a.ln());
                (0..n).any(|_| detector.step(products(fair_block(&mut random))).is_some())
            })
            .count();
        let (seen, bound) = (alarmed as f64 / f64::from(trials), f64::from(n) / a);
        // Three standard errors of the simulation itself.
        let noise = 3.0 * (bound * (1.0 - bound) / f64::from(trials)).sqrt();
        assert!(seen <= bound + noise, "P(alarm within {n} blocks) = {seen}, bound {bound}");
        assert!(seen > 0.0, "a simulation that can never alarm tests nothing");
    }

    #[test]
    fn a_change_after_a_long_soak_is_seen_as_soon_as_an_early_one_and_dated() {
        let delay = |soak: u64| {
            let mut random = SmallRng::seed_from_u64(2);
            let mut detector = Detector::new(BETS.len(), 15.0);
            for _ in 0..soak {
                assert!(detector.step(products(fair_block(&mut random) - 4.0)).is_none());
            }
            let mut blocks = 0;
            loop {
                blocks += 1;
                if let Some(alarm) = detector.step(products(fair_block(&mut random) + 20.0)) {
                    return (blocks, alarm);
                }
            }
        };
        let (early, late) = (delay(0), delay(20_000));
        assert!(late.0 <= early.0 + 2, "early {early:?}, late {late:?}");
        assert!(late.1.blocks_ago.abs_diff(late.0) <= 1, "dated {late:?}");
    }

    #[test]
    fn no_number_is_no_evidence() {
        let mut detector = Detector::new(1, 5.0);
        for _ in 0..100 {
            assert!(detector.step([f64::NAN]).is_none());
        }
        assert!(detector.ln().is_finite());
    }
}
