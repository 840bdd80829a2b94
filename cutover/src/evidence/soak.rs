//! What a soak shows of the ratio of durations, before it is used: its median and its spread.

use serde::{Deserialize, Serialize};

use super::{Histogram, Moments, Usual};

/// So many pairs make a soak; with fewer, nothing is learned from it.
const PAIRS: u64 = 100;

/// The standard error of a median, in those of a mean, for normal data: sqrt(pi / 2) (Kendall and Stuart).
const MEDIAN: f64 = 1.253_314_137;
/// So many standard errors the true ratio may lie off: beyond it in 1 of 16,000 scopes.
const SLACK: f64 = 4.0;

/// A spread below this is that of a machine talking to itself, and one above it that of a broken clock.
const CLIP: (f64, f64) = (0.1, 5.0);

/// The ratios of one soak, and what followed from the last one that ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Soak {
    ratios: Histogram,
    spread: Moments,
    usual: Usual,
}

impl Soak {
    /// Learns the logarithm of one pair's ratio.
    pub fn add(&mut self, ln_ratio: f64) {
        if ln_ratio.is_finite() {
            self.ratios.add(ln_ratio.exp());
            self.spread.add(ln_ratio);
        }
    }

    /// A new soak begins: what an earlier one said of the new side is void.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// The soak is over: its median ratio is r0, twice its standard deviation the clip.
    pub fn end(&mut self) {
        let (ratios, spread) = (std::mem::take(&mut self.ratios), std::mem::take(&mut self.spread));
        if let Some(median) = ratios.quantile(0.5).filter(|_| spread.count() >= PAIRS) {
            let c = (2.0 * spread.variance().sqrt()).clamp(CLIP.0, CLIP.1);
            let slack = SLACK * MEDIAN * (spread.variance() / spread.count() as f64).sqrt();
            self.usual = Usual { ln_r0: median.ln(), c, slack };
        }
    }

    /// What is expected of the ratio.
    pub const fn usual(&self) -> Usual {
        self.usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_median_and_spread_and_a_short_one_nothing() {
        let mut soak = Soak::default();
        (0..50).for_each(|_| soak.add(0.3));
        soak.end();
        assert_eq!(soak.usual(), Usual::default());
        for i in 0..1_000 {
            soak.add(1.2_f64.ln() + if i % 2 == 0 { 0.4 } else { -0.4 } * f64::from(i % 5) / 2.0);
            soak.add(f64::NAN);
        }
        soak.end();
        let usual = soak.usual();
        assert!((usual.ln_r0.exp() - 1.2).abs() < 0.02, "{usual:?}");
        assert!((0.5..1.2).contains(&usual.c), "{usual:?}");
        // Four standard errors of the median, as c is two standard deviations.
        assert!((0.07..0.085).contains(&usual.slack), "{usual:?}");
        assert!(usual.among(4).slack * 2.0 - usual.slack < 1e-12 && usual.highest() > usual.ln_r0.exp());
        soak.begin();
        assert_eq!(soak.usual(), Usual::default());
    }
}
