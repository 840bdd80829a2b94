//! The rule that most people write first: the new side's error rate over five minutes is above a threshold.

use super::bin::Bin;
use super::rates::MovingRate;

pub(super) const PARAMETERS: &str =
    "the new side's error rate over 5 min is above 1 %; looked at every 10 s, fires at once (no `for`)";

const ABOVE: f64 = 0.01;
const BINS: usize = 30;

/// The rule and what it has seen.
#[derive(Debug)]
pub(crate) struct Threshold(MovingRate);

impl Default for Threshold {
    fn default() -> Self {
        Self(MovingRate::over(BINS))
    }
}

impl Threshold {
    /// Takes one bin; says whether the rule fires.
    pub(crate) fn step(&mut self, bin: &Bin) -> bool {
        self.0.add(bin.new.failed, bin.new.runs);
        self.0.rate() > ABOVE
    }
}

#[cfg(test)]
mod tests {
    use super::super::bin::fixture::{bin, first};
    use super::*;

    #[test]
    fn it_fires_above_one_percent_of_five_minutes_and_not_at_it() {
        let mut rule = Threshold::default();
        let healthy = || std::iter::repeat_with(|| bin((0, 0), (0.1, 0.1))).take(30);
        assert_eq!(first(|bin| rule.step(bin), healthy()), None);
        // 12 failures of 1,200 runs are one percent; one more is above it.
        assert!(!rule.step(&bin((0, 12), (0.1, 0.1))));
        assert!(rule.step(&bin((40, 1), (0.1, 0.1))));
    }
}
