//! How long to wait before the next attempt.

use std::time::Duration;

/// Exponential back-off with jitter: many canaries that lost one mail server must not come back in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// How long after the first attempt a notice is given up: by then somebody has looked at the page.
    pub give_up: Duration,
}

impl Default for Backoff {
    /// From 1 s to 60 s, for an hour.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            give_up: Duration::from_secs(3600),
        }
    }
}

impl Backoff {
    /// The wait after attempt number `attempt` (from 1) failed: twice the one before, up to the longest, and of that
    /// the upper half according to `chance` (0 to 1).
    pub(crate) fn wait(&self, attempt: u32, chance: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        full.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_never_fall_below_half() {
        let backoff = Backoff::default();
        let full: Vec<_> = (1..=8).map(|attempt| backoff.wait(attempt, 1.0).as_secs()).collect();
        assert_eq!(full, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.wait(3, 0.0), Duration::from_secs(2));
        assert_eq!(backoff.wait(u32::MAX, 1.0), Duration::from_secs(60));
    }
}
