//! Shares with their confidence intervals.

use serde::Serialize;

/// The 97.5th percentile of the normal distribution: 95 % lie within.
pub(crate) const Z: f64 = 1.959_964;

/// A share of a number of runs, with its 95 % interval (Wilson's score interval, which holds for few runs and for none
/// that failed).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share itself, 0 to 1.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Share {
    /// `hits` among `trials`; `None` without a trial.
    pub(crate) fn of(hits: u64, trials: u64) -> Option<Self> {
        if trials == 0 {
            return None;
        }
        let (n, p) = (trials as f64, hits as f64 / trials as f64);
        let z2 = Z * Z;
        let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        // At the ends rounding would leave the interval short of the share itself.
        Some(Self { value: p, low: (middle - half).clamp(0.0, p), high: (middle + half).clamp(p, 1.0) })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn intervals_agree_with_the_textbook_and_hold_at_the_ends() {
        assert_eq!(Share::of(0, 0), None);
        let share = Share::of(10, 100).unwrap();
        assert!((share.low - 0.0552).abs() < 1e-3 && (share.high - 0.1744).abs() < 1e-3, "{share:?}");
        let none = Share::of(0, 30).unwrap();
        assert!(none.low == 0.0 && (none.high - 0.1135).abs() < 1e-3, "{none:?}");
        assert_eq!(Share::of(7, 7).unwrap().high, 1.0);
    }
}
