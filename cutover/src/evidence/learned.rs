//! What a scope learns of durations before it uses it: the soak's ratio and spread, and the old side's tail.
//!
//! Everything used in a block was learned before that block began: what is predictable keeps a bet fair.

use serde::{Deserialize, Serialize};

use super::tail::slow;
use super::{Histogram, Moments, Slow, Usual};

/// So many pairs make a soak; with fewer, nothing is learned from it.
const SOAK: u64 = 100;

/// The standard error of a median, in those of a mean, for normal data: sqrt(pi / 2) (Kendall and Stuart).
const MEDIAN: f64 = 1.253_314_137;
/// So many standard errors the true ratio may lie off: beyond it in 1 of 16,000 scopes.
const SLACK: f64 = 4.0;

/// A spread below this is that of a machine talking to itself, and one above it that of a broken clock.
const CLIP: (f64, f64) = (0.1, 5.0);

/// From so many runs on the old side's histogram forgets the older half, so that it follows the seasons of the day.
const FORGETS: u64 = 16_384;

/// One scope's knowledge of durations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    old: Histogram,
    slow: Option<Slow>,
    ratios: Histogram,
    spread: Moments,
    usual: Usual,
}

impl Learned {
    /// Learns how long a run on the old side took, in seconds.
    pub fn old(&mut self, took: f64) {
        self.old.add(took);
        if self.old.total() >= FORGETS {
            self.old.halve();
        }
    }

    /// Learns the logarithm of one pair's ratio, in the soak.
    pub fn soak(&mut self, ln_ratio: f64) {
        if ln_ratio.is_finite() {
            self.ratios.add(ln_ratio.exp());
            self.spread.add(ln_ratio);
        }
    }

    /// A block is over: the next one may use what was learned of the old side until now.
    pub fn close_block(&mut self) {
        self.slow = slow(&self.old);
    }

    /// A new soak begins: what an earlier one said of the new side is void.
    pub fn begin_soak(&mut self) {
        (self.ratios, self.spread, self.usual) = (Histogram::default(), Moments::default(), Usual::default());
    }

    /// The soak is over: its median ratio is r0, twice its standard deviation the clip.
    pub fn end_soak(&mut self) {
        let (ratios, spread) = (std::mem::take(&mut self.ratios), std::mem::take(&mut self.spread));
        if let Some(median) = ratios.quantile(0.5).filter(|_| spread.count() >= SOAK) {
            let c = (2.0 * spread.variance().sqrt()).clamp(CLIP.0, CLIP.1);
            let slack = SLACK * MEDIAN * (spread.variance() / spread.count() as f64).sqrt();
            self.usual = Usual { ln_r0: median.ln(), c, slack };
        }
    }

    /// What is expected of the ratio.
    pub const fn usual(&self) -> Usual {
        self.usual
    }

    /// From how long on a run counts as slow, if that is known.
    pub const fn slow(&self) -> Option<Slow> {
        self.slow
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_soak_gives_median_and_spread_and_a_short_one_nothing() {
        let mut learned = Learned::default();
        (0..50).for_each(|_| learned.soak(0.3));
        learned.end_soak();
        assert_eq!(learned.usual(), Usual::default());
        for i in 0..1_000 {
            learned.soak(1.2_f64.ln() + if i % 2 == 0 { 0.4 } else { -0.4 } * f64::from(i % 5) / 2.0);
            learned.soak(f64::NAN);
        }
        learned.end_soak();
        let usual = learned.usual();
        assert!((usual.ln_r0.exp() - 1.2).abs() < 0.02, "{usual:?}");
        assert!((0.5..1.2).contains(&usual.c), "{usual:?}");
        // Four standard errors of the median, as c is two standard deviations.
        assert!((0.07..0.085).contains(&usual.slack), "{usual:?}");
        assert!(usual.among(4).slack * 2.0 - usual.slack < 1e-12 && usual.highest() > usual.ln_r0.exp());
        learned.begin_soak();
        assert_eq!(learned.usual(), Usual::default());
    }

    #[test]
    fn the_tail_is_known_from_the_block_after_enough_runs_on() {
        let mut learned = Learned::default();
        (1..=400).for_each(|ms| learned.old(f64::from(ms) / 1000.0));
        assert_eq!(learned.slow(), None);
        learned.close_block();
        let [q99, q997] = learned.slow().unwrap();
        assert!((q99 / (0.396 * 1.3) - 1.0).abs() < 0.02 && q997 >= q99, "{q99} {q997}");
    }
}
