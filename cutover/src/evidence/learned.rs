//! What a scope learns of durations before it uses it: the soak's ratio and spread, and the old side's tail.
//!
//! Everything used in a block was learned before that block began: what is predictable keeps a bet fair.

use serde::{Deserialize, Serialize};

use super::tail::slow;
use super::{Histogram, Slow, Soak, Usual};

/// From so many runs on the old side's histogram forgets the older half, so that it follows the seasons of the day.
const FORGETS: u64 = 16_384;

/// One scope's knowledge of durations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    old: Histogram,
    slow: Option<Slow>,
    /// The ratios of durations before Go.
    pub soak: Soak,
}

impl Learned {
    /// Learns how long a run on the old side took, in seconds.
    pub fn old(&mut self, took: f64) {
        self.old.add(took);
        if self.old.total() >= FORGETS {
            self.old.halve();
        }
    }

    /// A block is over: the next one may use what was learned of the old side until now.
    pub fn close_block(&mut self) {
        self.slow = slow(&self.old);
    }

    /// What is expected of the ratio.
    pub const fn usual(&self) -> Usual {
        self.soak.usual()
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
    fn the_tail_is_known_from_the_block_after_enough_runs_on() {
        let mut learned = Learned::default();
        (1..=400).for_each(|ms| learned.old(f64::from(ms) / 1000.0));
        assert_eq!(learned.slow(), None);
        learned.close_block();
        let [q99, q997] = learned.slow().unwrap();
        assert!((q99 / (0.396 * 1.3) - 1.0).abs() < 0.02 && q997 >= q99, "{q99} {q997}");
    }
}
