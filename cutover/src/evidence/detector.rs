//! The e-detector: it restarts at every block, so that it sees a change late in a long soak as soon as an early one.
//!
//! After Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection" (2023),
//! in its Shiryaev-Roberts form: per bet k of weight w_k, `R_k <- (R_k + w_k) L_k`, alarm when the sum of R reaches A.
//! L_k is the block's product of factors, at most e^3: the cap keeps its mean <= 1 while the hypothesis holds, so the
//! probability of a false alarm within n blocks is at most n / A, and the mean time between two is at least A blocks.
//!
//! Beside R each bet keeps a CUSUM, C <- max(C, 1) L, without the cap: a suspicion. It decides nothing; it dates the
//! change, and tells where to sample harder, which is fair because it knows past blocks only.
//!
//! Each bet also sums up what was seen since the likeliest start of the change: an alarm can say how
//! large the effect is and since when, and nothing else need be kept of the past.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// No single block may multiply a bet by more than e to this power.
const LN_CAP: f64 = 3.0;

/// Nor by less than this: enough to forget everything, and still a number that every format can hold.
const LN_FLOOR: f64 = -100.0;

/// A suspicion carries no guarantee and knows no cap: one block may say it all. It stays a number, though.
const LN_MOST: f64 = 100.0;

/// From this suspicion on it smells, until so many blocks in a row have spoken for the hypothesis.
const LN_SMELLS: f64 = 1.0;
const QUIET_BLOCKS: u32 = 6;

/// What is seen in a block, and can be summed up over blocks.
pub trait Tally: Clone + Default {
    /// Adds another one to this one.
    fn merge(&mut self, other: &Self);
}

impl Tally for () {
    fn merge(&mut self, (): &Self) {}
}

/// Evidence of a change, gathered block by block over a mixture of equally weighted bets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detector<T> {
    bets: Vec<Bet<T>>,
    /// Blocks in a row without anything in them that speaks against the hypothesis.
    quiet: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Bet<T> {
    /// Shiryaev-Roberts: the sum over every possible start of the change. Carries the guarantee.
    r: f64,
    /// The logarithm of the CUSUM C <- max(C, 1) L: the likeliest single start. Says where it smells, and since when.
    ln_c: f64,
    /// The beginning of the block at which the CUSUM last started from 1.
    since: Option<DateTime<Utc>>,
    /// What was seen since then.
    sum: T,
}

/// The threshold was crossed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm<T> {
    /// When the change most likely began.
    pub since: DateTime<Utc>,
    /// What was seen since then.
    pub sum: T,
}

impl<T: Tally> Detector<T> {
    /// A detector of `bets` bets.
    pub fn new(bets: usize) -> Self {
        let bet = Bet { r: 0.0, ln_c: 0.0, since: None, sum: T::default() };
        Self { bets: vec![bet; bets], quiet: 0 }
    }

    /// Takes one block that began at `at`: what was seen in it, and the logarithm of its product of factors for each
    /// bet in order. A value that is no number counts as no evidence. Alarms from e^`ln_threshold` on, and then starts
    /// anew.
    pub fn step(
        &mut self,
        at: DateTime<Utc>,
        seen: &T,
        ln_products: &[f64],
        ln_threshold: f64,
    ) -> Option<Alarm<T>> {
        let weight = 1.0 / self.bets.len() as f64;
        let mut mean_l = 0.0;
        for (bet, ln_product) in self.bets.iter_mut().zip(ln_products) {
            let ln_product = if ln_product.is_nan() { 0.0 } else { ln_product.clamp(LN_FLOOR, LN_MOST) };
            let l = ln_product.min(LN_CAP).exp();
            bet.r = (bet.r + weight) * l;
            mean_l += weight * l;
            if bet.ln_c <= 0.0 {
                (bet.since, bet.sum) = (Some(at), T::default());
            }
            bet.ln_c = (bet.ln_c.max(0.0) + ln_product).min(LN_MOST);
            bet.sum.merge(seen);
        }
        self.quiet = if mean_l > 1.0 { 0 } else { self.quiet.saturating_add(1) };
        if self.ln() < ln_threshold {
            return None;
        }
        let fresh = Self::new(self.bets.len());
        let bets = std::mem::replace(self, fresh).bets;
        let leader = bets.into_iter().max_by(|a, b| a.ln_c.total_cmp(&b.ln_c))?;
        Some(Alarm { since: leader.since.unwrap_or(at), sum: leader.sum })
    }

    /// The logarithm of the evidence so far.
    pub fn ln(&self) -> f64 {
        self.bets.iter().map(|bet| bet.r).sum::<f64>().ln()
    }

    /// Whether something is suspected that is not yet shown: nothing good should be concluded before it clears.
    pub fn smells(&self) -> bool {
        self.quiet < QUIET_BLOCKS && self.ln_suspicion() > LN_SMELLS
    }

    /// The logarithm of the mean CUSUM over the bets.
    pub fn ln_suspicion(&self) -> f64 {
        (self.bets.iter().map(|bet| bet.ln_c.exp()).sum::<f64>() / self.bets.len() as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    const BETS: [f64; 4] = [0.05, 0.2, 0.5, 0.9];
    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// A block of 40 fair coin scores of +-1: the hypothesis "mean <= 0" just holds, where false alarms are likeliest.
    fn fair_block(random: &mut SmallRng) -> f64 {
        (0..40).map(|_| if random.random::<bool>() { 1.0 } else { -1.0 }).sum()
    }

    fn products(sum: f64) -> [f64; 4] {
        let (up, down) = ((40.0 + sum) / 2.0, (40.0 - sum) / 2.0);
        BETS.map(|b| up * (1.0_f64 + b).ln() + down * (1.0_f64 - b).ln())
    }

    #[test]
    fn false_alarms_within_n_blocks_are_no_more_than_n_over_a() {
        let (a, n, trials) = (200.0_f64, 40, 20_000);
        let mut random = SmallRng::seed_from_u64(1);
        let alarmed = (0..trials)
            .filter(|_| {
                let mut detector = Detector::new(BETS.len());
                (0..n)
                    .any(|_| detector.step(START, &(), &products(fair_block(&mut random)), a.ln()).is_some())
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
        let delay = |soak: i64| {
            let at = |block| START + TimeDelta::seconds(10 * block);
            let mut random = SmallRng::seed_from_u64(2);
            let mut detector = Detector::new(BETS.len());
            for block in 0..soak {
                let healthy = products(fair_block(&mut random) - 4.0);
                assert!(detector.step(at(block), &(), &healthy, 15.0).is_none());
            }
            let mut block = soak;
            loop {
                block += 1;
                let ill = products(fair_block(&mut random) + 20.0);
                if let Some(alarm) = detector.step(at(block), &(), &ill, 15.0) {
                    return (block - soak, (at(block) - alarm.since).num_seconds() / 10);
                }
            }
        };
        let (early, late) = (delay(0), delay(20_000));
        assert!(late.0 <= early.0 + 2, "early {early:?}, late {late:?}");
        assert!(late.1.abs_diff(late.0) <= 1, "dated {late:?}");
    }

    #[test]
    fn no_number_is_no_evidence_and_nothing_becomes_infinite() {
        let mut detector = Detector::new(1);
        for absurd in [f64::NAN, f64::NEG_INFINITY, f64::MIN, f64::NAN] {
            for _ in 0..100 {
                assert!(detector.step(START, &(), &[absurd], 5.0).is_none());
            }
        }
        assert!(detector.ln().is_finite() && detector.bets[0].ln_c.is_finite());
        assert!((0..2).any(|_| detector.step(START, &(), &[f64::INFINITY], 3.0).is_some()));
    }
}
