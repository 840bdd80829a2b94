//! Time in bins, so that a chart has as many points as its width can show.

use chrono::{DateTime, TimeDelta, Utc};

/// Points that a chart has at most.
const MOST: i64 = 240;
/// The widths that a bin can have, in seconds; beyond the last one, whole multiples of it.
const WIDTHS: [i64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/// Equal bins from a first moment to a last one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bins {
    from: DateTime<Utc>,
    width: TimeDelta,
}

impl Bins {
    /// Bins for a time, none narrower than what a sample covers.
    pub(crate) fn new(from: DateTime<Utc>, to: DateTime<Utc>, over: f64) -> Self {
        let seconds = (to - from).num_seconds().max(1);
        let least = (seconds / MOST).max(over.round() as i64);
        let fits = WIDTHS.into_iter().find(|width| *width >= least);
        let width = fits.unwrap_or_else(|| (least / 7200 + 1).saturating_mul(7200));
        Self { from, width: TimeDelta::seconds(width) }
    }

    /// The end of the bin in which `at` lies.
    pub(crate) fn end_of(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let width = self.width.num_milliseconds();
        let into = (at - self.from).num_milliseconds().max(0);
        // A moment on the bound ends the bin before it: a sample covers what came before it.
        let bin = (into + width - 1) / width;
        self.from + TimeDelta::milliseconds(bin.saturating_mul(width))
    }

    /// How wide a bin is, in seconds.
    pub(crate) const fn seconds(&self) -> i64 {
        self.width.num_seconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_and_a_month_both_fit() {
        let from = DateTime::UNIX_EPOCH;
        let width = |seconds, over| Bins::new(from, from + TimeDelta::seconds(seconds), over).seconds();
        assert_eq!(width(60, 1.0), 1);
        assert_eq!(width(60, 10.0), 10);
        assert_eq!(width(86_400, 10.0), 600);
        assert_eq!(width(30 * 86_400, 10.0), 14_400);
        let bins = Bins::new(from, from + TimeDelta::seconds(60), 10.0);
        let end = |second| (bins.end_of(from + TimeDelta::seconds(second)) - from).num_seconds();
        assert_eq!([0, 1, 10, 11].map(end), [0, 10, 10, 20]);
    }
}
