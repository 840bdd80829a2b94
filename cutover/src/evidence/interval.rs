//! Confidence intervals at 95 %, for the words of a reason. They decide nothing.

use super::{Block, Moments};

const Z: f64 = 1.959_963_985;

/// An estimate with its interval, all fractions of 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate itself.
    pub size: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The difference of two paired rates, new - old. The interval is Agresti and Min's (2005, "Simple improved confidence
/// intervals for comparing matched proportions"): half a pair is added to each of the four cells.
pub fn paired_difference(block: &Block) -> Interval {
    let pairs = block.pairs() as f64;
    let size = (block.worse as f64 - block.better as f64) / pairs.max(1.0);
    let n = pairs + 2.0;
    let (worse, better) = ((block.worse as f64 + 0.5) / n, (block.better as f64 + 0.5) / n);
    let middle = worse - better;
    let half = Z * ((worse + better - middle * middle) / n).sqrt();
    Interval { size, low: (middle - half).clamp(-1.0, size), high: (middle + half).clamp(size, 1.0) }
}

/// A rate, with Wilson's score interval (1927).
pub fn rate(failed: u64, runs: u64) -> Interval {
    let n = runs.max(1) as f64;
    let size = failed as f64 / n;
    let scale = 1.0 + Z * Z / n;
    let middle = (size + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (size * (1.0 - size) / n + Z * Z / (4.0 * n * n)).sqrt();
    Interval { size, low: (middle - half).clamp(0.0, size), high: (middle + half).clamp(size, 1.0) }
}

/// The difference of two unpaired rates, `after` - `before`, each as (failed, runs). The interval is Newcombe's (1998,
/// "Interval estimation for the difference between independent proportions", method 10), made of Wilson's two.
pub fn difference(before: (u64, u64), after: (u64, u64)) -> Interval {
    let (b, a) = (rate(before.0, before.1), rate(after.0, after.1));
    let size = a.size - b.size;
    let low = size - ((a.size - a.low).powi(2) + (b.high - b.size).powi(2)).sqrt();
    let high = size + ((a.high - a.size).powi(2) + (b.size - b.low).powi(2)).sqrt();
    Interval { size, low: low.max(-1.0), high: high.min(1.0) }
}

/// The ratio of durations, new / old, as the geometric mean over pairs of the given log-ratios.
pub fn ratio(logs: &Moments) -> Interval {
    let half = Z * (logs.variance() / (logs.count() as f64).max(1.0)).sqrt();
    let [size, low, high] = [0.0, -half, half].map(|off| (logs.mean() + off).exp());
    Interval { size, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_the_textbook() {
        // 10 of 100: 5.52 % to 17.44 %.
        let interval = rate(10, 100);
        assert!(
            (interval.low - 0.0552).abs() < 1e-4 && (interval.high - 0.1744).abs() < 1e-4,
            "{interval:?}"
        );
    }

    #[test]
    fn a_paired_difference_holds_its_estimate_and_mirrors() {
        let block = Block { worse: 15, equal: 290, better: 3, both: 0 };
        let mirrored = Block { worse: 3, equal: 290, better: 15, both: 0 };
        let (one, other) = (paired_difference(&block), paired_difference(&mirrored));
        assert!(one.low < one.size && one.size < one.high && one.low > 0.0, "{one:?}");
        assert!((one.size + other.size).abs() < 1e-12 && (one.low + other.high).abs() < 1e-12);
        let nothing = paired_difference(&Block::default());
        assert!(nothing.size == 0.0 && nothing.low >= -1.0 && nothing.high <= 1.0);
    }

    #[test]
    fn newcombe_agrees_with_the_textbook_and_a_ratio_holds_its_estimate() {
        // 56 of 70 against 48 of 80: a difference of 20 points, 5.2 to 33.4.
        let interval = difference((48, 80), (56, 70));
        assert!(
            (interval.low - 0.0524).abs() < 1e-3 && (interval.high - 0.3339).abs() < 1e-3,
            "{interval:?}"
        );
        let mut logs = Moments::default();
        (0..100).for_each(|i| logs.add(1.3_f64.ln() + if i % 2 == 0 { 0.2 } else { -0.2 }));
        let ratio = ratio(&logs);
        assert!((ratio.size - 1.3).abs() < 1e-9 && ratio.low > 1.2 && ratio.high < 1.4, "{ratio:?}");
    }
}
