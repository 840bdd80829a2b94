//! Non-inferiority: evidence that the new side fails no more than the old one by a margin m or more.
//!
//! The hypothesis bet against is "it does" (mean D >= m). The factor of a bet b is 1 + b (m - D); its mean is <= 1
//! under the hypothesis, so the mixture over the bets reaches 1 / a with a probability of at most a (Ville).

use serde::{Deserialize, Serialize};

use super::Block;

const BETS: [f64; 7] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95];

/// A running test of one scope's non-inferiority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonInferiority {
    margin: f64,
    level: f64,
    ln_bets: [f64; BETS.len()],
    shown: bool,
}

impl NonInferiority {
    /// A test with margin m and level a, both fractions of 1.
    pub const fn new(margin: f64, level: f64) -> Self {
        Self { margin, level, ln_bets: [0.0; BETS.len()], shown: false }
    }

    /// Takes more pairs. Once shown, it stays so: whoever resets the phase, or sees an alarm, starts a new test.
    pub fn step(&mut self, block: &Block) {
        for (ln_bet, bet) in self.ln_bets.iter_mut().zip(BETS) {
            *ln_bet += block.ln_product(|d| 1.0 + bet * (self.margin - d));
        }
        self.shown |= self.ln() >= self.ln_threshold();
    }

    /// Whether non-inferiority was shown.
    pub const fn shown(&self) -> bool {
        self.shown
    }

    /// The logarithm of the evidence so far.
    pub fn ln(&self) -> f64 {
        let most = self.ln_bets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.ln_bets.iter().map(|ln_bet| (ln_bet - most).exp()).sum();
        most + (sum / BETS.len() as f64).ln()
    }

    /// The logarithm of the threshold, 1 / a.
    pub fn ln_threshold(&self) -> f64 {
        -self.level.ln()
    }

    /// How many more pairs are needed if none of them differs; 0 once shown.
    pub fn pairs_to_go(&self) -> u64 {
        if self.shown {
            return 0;
        }
        // The mixture grows at least as its best bet does, and no faster than its largest one.
        let needed = |ln_bet: f64, bet: f64| {
            let missing = self.ln_threshold() + (BETS.len() as f64).ln() - ln_bet;
            missing / (bet * self.margin).ln_1p()
        };
        let least =
            self.ln_bets.iter().zip(BETS).map(|(ln_bet, bet)| needed(*ln_bet, bet)).fold(f64::MAX, f64::min);
        least.max(1.0).ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    fn equal(pairs: u64) -> Block {
        Block { equal: pairs, ..Block::default() }
    }

    #[test]
    fn health_is_shown_after_the_promised_number_of_pairs() {
        let mut test = NonInferiority::new(0.01, 0.001);
        let promised = test.pairs_to_go();
        test.step(&equal(promised / 2));
        assert!(!test.shown());
        assert!(test.pairs_to_go().abs_diff(promised - promised / 2) <= 1);
        test.step(&equal(promised - promised / 2));
        assert!(test.shown(), "{} of {}", test.ln(), test.ln_threshold());
        assert_eq!(test.pairs_to_go(), 0);
    }

    #[test]
    fn a_new_side_that_is_worse_by_the_margin_is_seldom_called_as_good() {
        let (margin, level, trials) = (0.05, 0.05, 2_000);
        let mut random = SmallRng::seed_from_u64(3);
        let wrong = (0..trials)
            .filter(|_| {
                let mut test = NonInferiority::new(margin, level);
                (0..50).for_each(|_| {
                    let mut block = Block::default();
                    for _ in 0..40 {
                        block.add(false, random.random_bool(margin));
                    }
                    test.step(&block);
                });
                test.shown()
            })
            .count();
        assert!(wrong as f64 <= level * f64::from(trials), "{wrong} of {trials}");
        assert!(wrong > 0, "a simulation that can never err tests nothing");
    }
}
