//! A share of all turns, spread evenly.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

/// A share of requests, datapoints or devices, above 0 % and up to 100 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// The share that is `percent` of 100; `None` unless above 0 and up to 100.
    #[must_use]
    pub fn percent(percent: f64) -> Option<Self> {
        (percent > 0.0 && percent <= 100.0).then_some(Self(percent / 100.0))
    }

    /// A share that the program itself names.
    pub(crate) const fn of_percent(percent: u8) -> Self {
        Self(percent as f64 / 100.0)
    }

    /// The share as a number above 0 and up to 1.
    #[must_use]
    pub fn as_fraction(self) -> f64 {
        self.0
    }

    /// Whether turn `n` belongs to the share.
    ///
    /// The turns are spread by the golden ratio (a Weyl sequence) and not by luck: a share of 5 % is one turn in
    /// twenty in every stretch of turns, so that a rehearsal of a minute shows the same thing every time. A plain
    /// "every twentieth" would do that too, but would fall in step with callers that take turns themselves, and hit
    /// the same step of the same journey for ever.
    pub(crate) fn hits(self, n: u64) -> bool {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio
        let place = n.wrapping_add(1).wrapping_mul(GOLDEN) >> 11; // 53 bits: exact as f64
        (place as f64) < self.0 * (1u64 << 53) as f64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two digits after the point, without the noise of binary fractions.
        write!(f, "{}%", (self.0 * 10_000.0).round() / 100.0)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_suffix('%').and_then(|number| number.parse().ok()).and_then(Self::percent).ok_or_else(
            || format!("`{text}` is not a share: write a percentage above 0 and up to 100, like `5%`"),
        )
    }
}

/// Counts turns and says of each whether a share has it.
#[derive(Debug, Default)]
pub(crate) struct Turns(AtomicU64);

impl Turns {
    /// Takes a turn. No turn is taken when there is no share, so that a fault begins with its first turn.
    pub(crate) fn take(&self, share: Option<Share>) -> bool {
        share.is_some_and(|share| share.hits(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn every_stretch_has_its_share() {
        for percent in [1.0, 5.0, 20.0, 30.0, 50.0, 99.0] {
            let share = Share::percent(percent).unwrap();
            for start in [0u64, 777, 1 << 40] {
                let hits = (start..start + 1000).filter(|n| share.hits(*n)).count();
                assert!((hits as f64 - percent * 10.0).abs() <= 3.0, "{percent}% from {start}: {hits}");
            }
        }
        assert!((0..1000).all(|n| Share::percent(100.0).unwrap().hits(n)));
    }

    #[test]
    fn callers_that_take_turns_are_all_hit() {
        let share = Share::percent(20.0).unwrap();
        for caller in 0..5 {
            let hits = (0..200).filter(|n| share.hits(n * 5 + caller)).count();
            assert!((30..=50).contains(&hits), "caller {caller}: {hits}");
        }
    }

    #[test]
    fn shares_are_read_and_written_as_percentages() {
        assert_eq!("2.5%".parse::<Share>().unwrap().to_string(), "2.5%");
        assert_eq!(Share::of_percent(5).to_string(), "5%");
        for bad in ["5", "0%", "101%", "-1%", "NaN%", "%", "five%"] {
            assert!(bad.parse::<Share>().unwrap_err().contains(bad), "{bad}");
        }
    }

    #[test]
    fn no_share_takes_no_turn() {
        let turns = Turns::default();
        assert!(!turns.take(None));
        assert!(turns.take(Share::percent(100.0)));
    }
}
