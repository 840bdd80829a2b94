//! The ways in which runs failed, beside how many did.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Block, Tally};
use crate::FailureKind;

/// A way of failing: journey, step, kind.
pub(crate) type Way = (Arc<str>, Arc<str>, FailureKind);

/// Failures by the way in which they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ways(#[serde(with = "crate::entries")] BTreeMap<Way, u64>);

/// More ways than this in one block are not told apart: no journey has as many steps times kinds.
const WAYS_KEPT: usize = 256;

impl Ways {
    /// Counts one failure.
    pub(crate) fn add(&mut self, way: Way) {
        self.count(way, 1);
    }

    /// The most frequent way; of equals the first by name.
    pub(crate) fn most(&self) -> Option<&Way> {
        self.0.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(way, _)| way)
    }

    fn count(&mut self, way: Way, times: u64) {
        if self.0.len() < WAYS_KEPT || self.0.contains_key(&way) {
            *self.0.entry(way).or_default() += times;
        }
    }
}

impl Tally for Ways {
    fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(way, times)| self.count(way.clone(), *times));
    }
}

/// A block with the ways in which its new side alone failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failures {
    /// The counts.
    pub(crate) block: Block,
    /// How the `worse` of them failed.
    pub(crate) ways: Ways,
}

impl Tally for Failures {
    fn merge(&mut self, other: &Self) {
        self.block.merge(&other.block);
        self.ways.merge(&other.ways);
    }
}
