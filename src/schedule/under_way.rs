//! How many runs of one journey may be under way.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// However slow the target becomes, a journey may have as many runs under way as begin until the first of them times
/// out, within these bounds: no fewer, so that a slow moment skips nothing; no more, for that would be load of our own
/// making.
const BOUNDS: RangeInclusive<usize> = 64..=1024;

/// The runs of one journey that are under way.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Semaphore>);

impl UnderWay {
    /// Room for the runs of a journey that starts `routes` of them `every` so often, each of at most `timeout`.
    pub(super) fn new(routes: usize, every: Duration, timeout: Duration) -> Self {
        let starts = timeout.div_duration_f64(every).ceil() as usize;
        Self(Arc::new(Semaphore::new(starts.saturating_mul(routes).clamp(*BOUNDS.start(), *BOUNDS.end()))))
    }

    /// Room for `runs`, for each its own, which is free again when that run has ended. All or none: half a pair
    /// compares nothing.
    pub(super) fn take(&self, runs: usize) -> Option<Vec<OwnedSemaphorePermit>> {
        let mut all = self.0.clone().try_acquire_many_owned(u32::try_from(runs).ok()?).ok()?;
        (0..runs).map(|_| all.split(1)).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn room(routes: usize, every: u64, timeout: u64) -> usize {
        let [every, timeout] = [every, timeout].map(Duration::from_millis);
        UnderWay::new(routes, every, timeout).0.available_permits()
    }

    #[test]
    fn there_is_room_for_what_begins_before_the_first_run_times_out() {
        assert_eq!(room(3, 5_000, 30_000), 64);
        assert_eq!(room(2, 125, 20_000), 320);
        assert_eq!(room(3, 10, 30_000), 1024);
        assert_eq!(room(3, 1, u64::MAX), 1024);
    }

    #[test]
    fn a_run_that_hangs_keeps_no_room_but_its_own() {
        let under_way = UnderWay::new(2, Duration::from_secs(5), Duration::from_secs(30));
        let mut hanging = Vec::new();
        // Each pair's first run ends, the second one hangs.
        for _ in 0..63 {
            let mut pair = under_way.take(2).unwrap();
            drop(pair.remove(0));
            hanging.append(&mut pair);
        }
        assert!(under_way.take(2).is_none());
        assert_eq!(under_way.0.available_permits(), 1);
        hanging.pop();
        assert_eq!(under_way.take(2).unwrap().len(), 2);
    }
}
