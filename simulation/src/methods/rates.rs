//! An error rate over a window that moves.

use std::collections::VecDeque;

/// The error rate over the last so many bins.
#[derive(Debug)]
pub(crate) struct MovingRate {
    bins: VecDeque<(u32, u32)>,
    kept: usize,
    failed: u64,
    runs: u64,
}

impl MovingRate {
    /// Over the last `kept` bins.
    pub(crate) fn over(kept: usize) -> Self {
        Self { bins: VecDeque::with_capacity(kept + 1), kept, failed: 0, runs: 0 }
    }

    /// Takes one bin's failures and runs.
    pub(crate) fn add(&mut self, failed: u32, runs: u32) {
        self.bins.push_back((failed, runs));
        self.failed += u64::from(failed);
        self.runs += u64::from(runs);
        if self.bins.len() > self.kept
            && let Some((failed, runs)) = self.bins.pop_front()
        {
            self.failed -= u64::from(failed);
            self.runs -= u64::from(runs);
        }
    }

    /// The rate over what of the window is there; 0 without any run, as a rate in Prometheus that nothing exceeds.
    pub(crate) fn rate(&self) -> f64 {
        if self.runs == 0 { 0.0 } else { self.failed as f64 / self.runs as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_left_the_window_no_longer_counts() {
        let mut rate = MovingRate::over(3);
        assert!(rate.rate().abs() < 1e-12);
        for (failed, expected) in [(4, 0.1), (0, 0.05), (0, 4.0 / 120.0), (0, 0.0), (40, 40.0 / 120.0)] {
            rate.add(failed, 40);
            assert!((rate.rate() - expected).abs() < 1e-12, "{failed}: {}", rate.rate());
        }
    }
}
