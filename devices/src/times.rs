//! Many short times, counted without a lock.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The shortest time told apart, in seconds.
const LEAST: f64 = 20e-6;
/// Slots for each doubling: a time is known within 5 %.
const PER_DOUBLING: f64 = 8.0;
/// So many slots reach beyond a minute.
const SLOTS: usize = 176;

/// How often times of each length came since they were last taken.
#[derive(Debug)]
pub(crate) struct Times([AtomicU32; SLOTS]);

impl Times {
    pub(crate) const fn new() -> Self {
        Self([const { AtomicU32::new(0) }; SLOTS])
    }

    /// Counts a time.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest slot"
    )]
    pub(crate) fn count(&self, time: Duration) {
        let slot = ((time.as_secs_f64() / LEAST).max(1.0).log2() * PER_DOUBLING).round() as usize;
        if let Some(slot) = self.0.get(slot.min(SLOTS - 1)) {
            slot.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes all: times in seconds, and how many there were of each.
    pub(crate) fn take(&self) -> Vec<(f64, u32)> {
        let slots = (0_u32..).zip(&self.0).map(|(slot, count)| (slot, count.swap(0, Ordering::Relaxed)));
        let there = slots.filter(|(_, count)| *count > 0);
        there.map(|(slot, count)| (LEAST * (f64::from(slot) / PER_DOUBLING).exp2(), count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_within_five_percent_and_taken_once() {
        let times = Times::new();
        for micros in [50_u64, 49_000, 180, 60_000_000] {
            times.count(Duration::from_micros(micros));
            let taken = times.take();
            assert_eq!(taken.len(), 1);
            let off = taken[0].0 / (micros as f64 / 1e6);
            assert!((0.95..1.05).contains(&off) && taken[0].1 == 1, "{taken:?} for {micros}");
        }
        times.count(Duration::ZERO);
        times.count(Duration::MAX);
        times.count(Duration::MAX);
        let counts: Vec<_> = times.take().into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [1, 2]);
        assert_eq!(times.take(), []);
    }
}
