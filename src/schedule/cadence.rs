//! When something that repeats is due.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep_until};

/// Each start is moved by up to this share of the interval, so that nothing falls into step with the target.
const JITTER: f64 = 0.1;

/// However hard it is asked for, a start comes no sooner after the last one than this, unless its own interval is shorter.
const SOONEST: Duration = Duration::from_millis(100);

/// A repeating start: interval, stagger, jitter and pace in one place.
#[derive(Debug)]
pub(crate) struct Cadence {
    every: Duration,
    next: Instant,
}

/// A start that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// When it should have been made: lateness is measured from here.
    pub(crate) intended: Instant,
    /// Starts before it for which it is too late: each is a whole interval behind.
    pub(crate) skipped: u64,
}

impl Cadence {
    /// Repeats every `every`, beginning `stagger` from now.
    pub(crate) fn new(every: Duration, stagger: Duration) -> Self {
        Self { every, next: Instant::now() + stagger }
    }

    /// Waits until the next start is due; the one after it comes `pace` times as soon as usual.
    pub(crate) async fn due(&mut self, pace: u32) -> Due {
        let every = (self.every / pace.max(1)).max(SOONEST.min(self.every));
        let behind = Instant::now().saturating_duration_since(self.next);
        let skipped = u32::try_from(behind.as_nanos() / every.as_nanos().max(1)).unwrap_or(u32::MAX);
        let planned = self.next + every * skipped;
        self.next = planned + every;
        let intended = planned + every.mul_f64(rand::rng().random_range(0.0..JITTER));
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
            let due = cadence.due(1).await;
            let after = due.intended - begun;
            let planned = Duration::from_secs(1) + EVERY * n;
            assert!(after >= planned && after < planned + EVERY.mul_f64(JITTER), "{n}: {after:?}");
            assert_eq!(due.skipped, 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_harder_pace_shortens_the_interval_but_only_so_far() {
        let mut cadence = Cadence::new(EVERY, Duration::ZERO);
        cadence.due(10).await;
        let begun = Instant::now();
        for _ in 0..10 {
            cadence.due(10).await;
        }
        assert!(begun.elapsed() < EVERY + EVERY.mul_f64(0.1), "{:?}", begun.elapsed());
        let mut quick = Cadence::new(Duration::from_millis(125), Duration::ZERO);
        quick.due(10).await;
        let begun = Instant::now();
        quick.due(10).await;
        quick.due(10).await;
        assert!(begun.elapsed() >= SOONEST.mul_f64(1.8), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn starts_that_are_an_interval_late_are_counted_not_made_up_for() {
        let mut cadence = Cadence::new(EVERY, Duration::ZERO);
        cadence.due(1).await;
        tokio::time::advance(EVERY * 4).await;
        let due = cadence.due(1).await;
        assert_eq!(due.skipped, 3);
        assert!(Instant::now() - due.intended < EVERY);
        assert_eq!(cadence.due(1).await.skipped, 0);
    }
}
