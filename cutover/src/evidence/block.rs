//! A block: what was seen in a few seconds, as counts.

use serde::{Deserialize, Serialize};

use super::Tally;

/// The pairs of one block, by the value of their error score D = failed(new) - failed(old).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Pairs of which only the new side failed (D = 1).
    pub worse: u64,
    /// Pairs of which neither side failed (D = 0).
    pub equal: u64,
    /// Pairs of which both sides failed (D = 0): what failed them was not the difference between the sides.
    pub both: u64,
    /// Pairs of which only the old side failed (D = -1).
    pub better: u64,
}

impl Block {
    /// Adds one pair.
    pub const fn add(&mut self, old_failed: bool, new_failed: bool) {
        match (old_failed, new_failed) {
            (false, true) => self.worse += 1,
            (true, false) => self.better += 1,
            (false, false) => self.equal += 1,
            (true, true) => self.both += 1,
        }
    }

    /// How many pairs it holds.
    pub const fn pairs(&self) -> u64 {
        self.worse + self.equal + self.better + self.both
    }

    /// The logarithm of the product of `factor(D)`, over the pairs of which at least one side passed.
    pub(crate) fn ln_product(&self, factor: impl Fn(f64) -> f64) -> f64 {
        let term = |count: u64, d: f64| if count == 0 { 0.0 } else { count as f64 * factor(d).ln() };
        term(self.worse, 1.0) + term(self.equal, 0.0) + term(self.better, -1.0)
    }
}

impl Tally for Block {
    fn merge(&mut self, other: &Self) {
        self.worse += other.worse;
        self.equal += other.equal;
        self.better += other.better;
        self.both += other.both;
    }
}
