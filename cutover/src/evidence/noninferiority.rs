//! Non-inferiority: evidence that the new side fails no more than the old one by a margin m or more.
//!
//! The hypothesis bet against is "it does" (mean D >= m). The factor of a bet b is 1 + b (m - D); its mean is <= 1
//! under the hypothesis, so the mixture over the bets reaches 1 / a with a probability of at most a (Ville).
//!
//! A pair that failed on both sides is left out: where nothing works, nothing is shown to be as good. It stays valid:
//! its factor is 1 instead of 1 + b m, and with a share p of such pairs the mean factor is 1 + b m (1 - p) - b E D,
//! at most 1 - b m p under the hypothesis.

use super::{Block, ERROR_BETS, Mixture};

/// The logarithm of a block's product for each bet.
pub fn non_inferior_products(block: &Block, margin: f64) -> [f64; ERROR_BETS.len()] {
    ERROR_BETS.map(|bet| block.ln_product(|d| 1.0 + bet * (margin - d)))
}

/// How many more pairs `test` needs if none of them differs.
pub fn pairs_to_non_inferior(test: &Mixture, margin: f64) -> u64 {
    test.pairs_to_go(&ERROR_BETS.map(|bet| (bet * margin).ln_1p())).unwrap_or(u64::MAX)
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
        let mut test = Mixture::new(0.001, ERROR_BETS.len());
        let promised = pairs_to_non_inferior(&test, 0.01);
        test.step(&non_inferior_products(&equal(promised / 2), 0.01));
        assert!(!test.shown());
        assert!(pairs_to_non_inferior(&test, 0.01).abs_diff(promised - promised / 2) <= 1);
        test.step(&non_inferior_products(&equal(promised - promised / 2), 0.01));
        assert!(test.shown(), "{} of {}", test.ln(), test.ln_threshold());
        assert_eq!(pairs_to_non_inferior(&test, 0.01), 0);
    }

    #[test]
    fn pairs_that_fail_on_both_sides_show_nothing() {
        let broken = Block { both: 10_000, ..Block::default() };
        assert_eq!(non_inferior_products(&broken, 0.01), [0.0; ERROR_BETS.len()]);
    }

    #[test]
    fn a_new_side_that_is_worse_by_the_margin_is_seldom_called_as_good() {
        let (margin, level, trials) = (0.05, 0.05, 2_000);
        let mut random = SmallRng::seed_from_u64(3);
        let wrong = (0..trials)
            .filter(|_| {
                let mut test = Mixture::new(level, ERROR_BETS.len());
                (0..50).for_each(|_| {
                    let mut block = Block::default();
                    for _ in 0..40 {
                        block.add(false, random.random_bool(margin));
                    }
                    test.step(&non_inferior_products(&block, margin));
                });
                test.shown()
            })
            .count();
        assert!(wrong as f64 <= level * f64::from(trials), "{wrong} of {trials}");
        assert!(wrong > 0, "a simulation that can never err tests nothing");
    }
}
