//! The error score of pairs, as factors of a detector.

use super::Block;

/// The stakes over which the evidence is mixed.
pub(crate) const BETS: [f64; 7] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95];

/// The logarithm of a block's product for each bet: a pair's factor is 1 + b (D - d) / (1 + d), of mean <= 1 while the
/// new side fails no more than the margin d above the old one. A pair that failed on both sides has D = 0, as one that
/// failed on neither.
pub fn error_products(block: &Block, margin: f64) -> [f64; BETS.len()] {
    BETS.map(|bet| {
        let factor = |d: f64| 1.0 + bet * (d - margin) / (1.0 + margin);
        block.ln_product(factor) + block.both as f64 * factor(0.0).ln()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Detector;
    use chrono::DateTime;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    /// Blocks of 40 pairs in which the sides fail with these rates, and both at once with the rate `shared`.
    fn blocks(old: f64, new: f64, shared: f64, seed: u64) -> impl Iterator<Item = Block> {
        let mut random = SmallRng::seed_from_u64(seed);
        std::iter::repeat_with(move || {
            let mut block = Block::default();
            for _ in 0..40 {
                let both = random.random_bool(shared);
                block.add(both || random.random_bool(old), both || random.random_bool(new));
            }
            block
        })
    }

    fn first_alarm(blocks: impl Iterator<Item = Block>) -> Option<usize> {
        let mut detector = Detector::new(BETS.len());
        blocks.into_iter().position(|block| {
            detector.step(DateTime::UNIX_EPOCH, &block, &error_products(&block, 0.0025), 15.44).is_some()
        })
    }

    #[test]
    fn an_outage_is_seen_within_a_minute_and_five_points_within_three() {
        assert!(first_alarm(blocks(0.002, 1.0, 0.0, 1).take(6)).is_some());
        let mut delays: Vec<_> =
            (0..51).filter_map(|seed| first_alarm(blocks(0.002, 0.052, 0.0, seed).take(1_000))).collect();
        delays.sort_unstable();
        assert!(delays.len() == 51 && delays[25] < 18, "{delays:?}");
    }

    #[test]
    fn shared_bursts_and_an_old_side_that_fails_stay_silent() {
        assert_eq!(first_alarm(blocks(0.002, 0.002, 0.3, 4).take(20_000)), None);
        assert_eq!(first_alarm(blocks(0.3, 0.002, 0.0, 5).take(20_000)), None);
    }

    #[test]
    fn the_sides_swapped_give_the_mirror_image() {
        let mirror = |block: Block| Block { worse: block.better, better: block.worse, ..block };
        let bad_new = first_alarm(blocks(0.01, 0.1, 0.0, 6).take(500));
        let swapped = first_alarm(blocks(0.01, 0.1, 0.0, 6).take(500).map(mirror).map(mirror));
        assert!(bad_new.is_some());
        assert_eq!(bad_new, swapped);
        assert_eq!(first_alarm(blocks(0.01, 0.1, 0.0, 6).take(500).map(mirror)), None);
    }
}
