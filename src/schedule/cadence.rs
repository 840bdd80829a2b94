//! When something that repeats is due.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep_until};

/// Each start is moved by up to this share of the interval, so that nothing falls into step with the target.
const JITTER: f64 = 0.1;

/// A repeating start: interval, stagger and jitter in one place.
#[derive(Debug)]
pub(crate) struct Cadence {
    first: Instant,
    every: Duration,
    next: u32,
}

/// A start that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// When it should have been made: lateness is measured from here.
    pub intended: Instant,
    /// Starts before it for which it is too late: each is a whole interval behind.
    pub skipped: u64,
}

impl Cadence {
    /// Repeats every `every`, beginning `stagger` from now.
    pub(crate) fn new(every: Duration, stagger: Duration) -> Self {
        Self { first: Instant::now() + stagger, every, next: 0 }
    }

    /// Waits until the next start is due.
    pub(crate) async fn due(&mut self) -> Due {
        let jitter = self.every.mul_f64(rand::rng().random_range(0.0..JITTER));
        let planned = |n: u32| self.first + self.every * n;
        let behind = Instant::now().saturating_duration_since(planned(self.next));
        let skipped = u32::try_from(behind.as_nanos() / self.every.as_nanos().max(1)).unwrap_or(u32::MAX);
        let number = self.next.saturating_add(skipped);
        let intended = planned(number) + jitter;
        // A clock that ran out of numbers begins anew: at one start a millisecond that is after 49 days.
        if number == u32::MAX {
            (self.first, self.next) = (Instant::now(), 0);
        } else {
            self.next = number + 1;
        }
        sleep_until(intended).await;
        Due { intended, skipped: skipped.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn starts_keep_to_the_interval_and_do_not_drift() {
        let begun = Instant::now();
        let mut cadence = Cadence::new(EVERY, Duration::from_secs(1));
        for n in 0..100 {
            let due = cadence.due().await;
            let after = due.intended - begun;
            let planned = Duration::from_secs(1) + EVERY * n;
            assert!(after >= planned && after < planned + EVERY.mul_f64(JITTER), "{n}: {after:?}");
            assert_eq!(due.skipped, 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn starts_that_are_an_interval_late_are_counted_not_made_up_for() {
        let mut cadence = Cadence::new(EVERY, Duration::ZERO);
        cadence.due().await;
        tokio::time::advance(EVERY * 4).await;
        let due = cadence.due().await;
        assert_eq!(due.skipped, 3);
        assert!(Instant::now() - due.intended < EVERY);
        assert_eq!(cadence.due().await.skipped, 0);
    }
}
