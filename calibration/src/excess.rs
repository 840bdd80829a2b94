//! How many more of the runs fail on the new side already.

use cutover::evidence::{Interval, difference};
use serde::Serialize;

use crate::level::{SHOWN, WITHIN};
use crate::runs::Sum;

/// How many more fail on new than on old, as shares of all runs, with its 95 % interval (Newcombe). The two sides are
/// taken as if the runs of a pair had nothing in common: what fails both alike makes the interval too wide.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Excess {
    /// The difference itself.
    pub size: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether it is shown to be more than chance: 3.3 standard errors, since many journeys are looked at.
    pub shown: bool,
}

impl Excess {
    pub(crate) fn of(old: &Sum, new: &Sum) -> Option<Self> {
        if old.runs() == 0 || new.runs() == 0 {
            return None;
        }
        let Interval { size, low, high } = difference((old.failed, old.runs()), (new.failed, new.runs()));
        Some(Self { size, low, high, shown: size > (size - low) * SHOWN / WITHIN })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn excess(old: (u64, u64), new: (u64, u64)) -> Option<Excess> {
        let sum = |(failed, runs): (u64, u64)| Sum { passed: runs - failed, failed, ..Sum::default() };
        Excess::of(&sum(old), &sum(new))
    }

    #[test]
    fn an_excess_is_shown_by_enough_runs_only() {
        let shown = excess((34, 17_000), (204, 17_000)).unwrap();
        assert!(shown.shown && shown.low < 0.01 && 0.01 < shown.high && shown.high < 0.0125, "{shown:?}");
        assert!(!excess((1, 100), (2, 100)).unwrap().shown);
        assert!(!excess((204, 17_000), (34, 17_000)).unwrap().shown);
        assert!(!excess((0, 10), (0, 10)).unwrap().shown);
        assert_eq!(excess((0, 10), (0, 0)), None);
    }
}
