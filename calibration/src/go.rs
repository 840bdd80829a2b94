//! How many pairs `go` takes at the failure rates that were seen.

use cutover::evidence::{Block, Mixture, non_inferior_products};

/// So many pairs are scored at once, to know what one of them brings on average.
const MANY: f64 = 1e12;

/// How many pairs it takes to show that new fails no more than old by `margin`, where either side fails at these rates
/// and independently; `None`: it is never shown.
pub(crate) fn pairs(margin: f64, level: f64, old: f64, new: f64) -> Option<u64> {
    let count = |share: f64| (share * MANY) as u64;
    let (worse, better) = (new * (1.0 - old), old * (1.0 - new));
    let block = Block {
        worse: count(worse),
        better: count(better),
        both: count(old * new),
        equal: count(1.0 - worse - better - old * new),
    };
    let growth = non_inferior_products(&block, margin).map(|ln| ln / MANY);
    Mixture::new(level, growth.len()).pairs_to_go(&growth)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn without_failures_it_is_the_documented_number_and_failures_cost_pairs() {
        assert_eq!(pairs(0.01, 0.001, 0.0, 0.0), Some(937));
        let usual = pairs(0.01, 0.001, 0.002, 0.002).unwrap();
        assert!((1_200..2_500).contains(&usual), "{usual}");
        assert_eq!(pairs(0.01, 0.001, 0.0, 0.02), None);
        assert!(pairs(0.05, 0.001, 0.0, 0.02).is_some());
        assert_eq!(pairs(0.01, 0.001, 1.0, 1.0), None);
    }
}
