//! The tail score: whether more runs are slow on the new side, with "slow" taken from the old side's own histogram.
//!
//! D_u = [x_new > u r0] - [x_old > u] for u in {q99, q99.7} x 1.3; bets as for errors, weights uniform over (u, b).
//! The 95th percentile is left out: slow wander would fire it.

use serde::{Deserialize, Serialize};

use super::{Block, ERROR_BETS, Histogram, Tally, error_products};

/// The quantiles of the old side from which u is made, and by how much it lies above them.
const QUANTILES: [f64; 2] = [0.99, 0.997];
const ABOVE: f64 = 1.3;

/// Fewer runs than this do not show where the tail begins.
const RUNS: u64 = 200;

/// How many bets there are.
pub(crate) const TAIL_BETS: usize = QUANTILES.len() * ERROR_BETS.len();

/// The two u, in seconds.
pub type Slow = [f64; QUANTILES.len()];

/// From how long on a run counts as slow; `None` while the histogram holds too little.
pub fn slow(old: &Histogram) -> Option<Slow> {
    if old.total() < RUNS {
        return None;
    }
    let [first, second] = QUANTILES.map(|q| old.quantile(q).map(|at| at * ABOVE));
    Some([first?, second?])
}

/// The pairs of one block of which both sides succeeded, by D_u, for each u.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailBlock(pub [Block; QUANTILES.len()]);

impl TailBlock {
    /// Adds one pair.
    pub fn add(&mut self, old: f64, new: f64, slow: Slow, r0: f64) {
        for (block, u) in self.0.iter_mut().zip(slow) {
            block.add(old > u, new > u * r0);
        }
    }

    /// The logarithm of the block's product for each u and bet.
    pub fn products(&self, margin: f64) -> [f64; TAIL_BETS] {
        let [first, second] = self.0.each_ref().map(|block| error_products(block, margin));
        let mut products = [0.0; TAIL_BETS];
        products[..ERROR_BETS.len()].copy_from_slice(&first);
        products[ERROR_BETS.len()..].copy_from_slice(&second);
        products
    }
}

impl Tally for TailBlock {
    fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(block, other)| block.merge(other));
    }
}

#[cfg(test)]
mod tests;
