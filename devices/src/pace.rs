//! How many connections are begun in a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Hands out turns at an even rate: whoever comes gets the next free one. Nobody takes a lock, and what was not used
/// is not saved up for a burst.
#[derive(Debug)]
pub struct Pace {
    began: Instant,
    /// The time between two turns, in nanoseconds.
    step: u64,
    /// When the next turn is free, in nanoseconds since `began`.
    next: AtomicU64,
}

impl Pace {
    /// So many turns a second; one at least.
    pub fn per_second(turns: u32) -> Self {
        Self { began: Instant::now(), step: 1_000_000_000 / u64::from(turns.max(1)), next: AtomicU64::new(0) }
    }

    /// Takes the next free turn.
    pub(crate) fn turn(&self) -> Instant {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let taken = |next: u64| Some(next.max(now).saturating_add(self.step));
        let next = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).unwrap_or(now);
        self.began + Duration::from_nanos(next.max(now))
    }
}

/// Takes a turn of each pace and waits for the last of them, after having `told` when that is.
pub(crate) async fn wait<'a>(paces: impl Iterator<Item = &'a Pace>, told: impl FnOnce(Instant)) {
    let Some(turn) = paces.map(Pace::turn).max() else { return };
    // The timer has a resolution of a millisecond: a turn that is almost there is taken.
    if turn > Instant::now() {
        told(turn);
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_evenly_and_are_not_saved_up() {
        let pace = Pace::per_second(10);
        let step = Duration::from_millis(100);
        let now = Instant::now();
        let turns: Vec<_> = (0..4).map(|_| pace.turn() - now).collect();
        assert_eq!(turns, [Duration::ZERO, step, step * 2, step * 3]);
        tokio::time::advance(step * 50).await;
        let turns: Vec<_> = (0..2).map(|_| pace.turn() - now).collect();
        assert_eq!(turns, [step * 50, step * 51]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_two_paces_waits_for_the_slower_one() {
        let (fast, slow) = (Pace::per_second(1000), Pace::per_second(1));
        let began = Instant::now();
        for _ in 0..3 {
            wait([&fast, &slow].into_iter(), drop).await;
        }
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        wait(std::iter::empty(), |_| unreachable!("there is no pace")).await;
    }
}
