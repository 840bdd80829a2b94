//! A block: what was seen in a few seconds, as counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::FailureKind;

/// A way of failing: journey, step, kind.
pub(crate) type Way = (Arc<str>, Arc<str>, FailureKind);

/// The pairs of one block, by the value of their error score D = failed(new) - failed(old).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Pairs of which only the new side failed (D = 1).
    pub worse: u64,
    /// Pairs of which both sides ended alike (D = 0).
    pub equal: u64,
    /// Pairs of which only the old side failed (D = -1).
    pub better: u64,
}

impl Block {
    /// Adds one pair.
    pub const fn add(&mut self, old_failed: bool, new_failed: bool) {
        match (old_failed, new_failed) {
            (false, true) => self.worse += 1,
            (true, false) => self.better += 1,
            _ => self.equal += 1,
        }
    }

    /// How many pairs it holds.
    pub const fn pairs(&self) -> u64 {
        self.worse + self.equal + self.better
    }

    /// Adds another block to this one.
    pub const fn merge(&mut self, other: &Self) {
        self.worse += other.worse;
        self.equal += other.equal;
        self.better += other.better;
    }

    /// The logarithm of the product, over the block's pairs, of `factor(D)`.
    pub(crate) fn ln_product(&self, factor: impl Fn(f64) -> f64) -> f64 {
        let term = |count: u64, d: f64| if count == 0 { 0.0 } else { count as f64 * factor(d).ln() };
        term(self.worse, 1.0) + term(self.equal, 0.0) + term(self.better, -1.0)
    }
}

/// Failures by the way in which they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ways(BTreeMap<Way, u64>);

/// More ways than this in one block are not told apart: no journey has as many steps times kinds.
const WAYS_KEPT: usize = 256;

impl Ways {
    /// Counts one failure.
    pub(crate) fn add(&mut self, way: Way) {
        if self.0.len() < WAYS_KEPT || self.0.contains_key(&way) {
            *self.0.entry(way).or_default() += 1;
        }
    }

    /// Adds another set of counts to this one.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (way, count) in &other.0 {
            if self.0.len() < WAYS_KEPT || self.0.contains_key(way) {
                *self.0.entry(way.clone()).or_default() += count;
            }
        }
    }

    /// The most frequent way; of equals the first by name.
    pub(crate) fn most(&self) -> Option<&Way> {
        self.0.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(way, _)| way)
    }
}
