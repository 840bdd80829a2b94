//! How long a device waits before it tries again.

use std::time::Duration;

/// The most that the first retry waits.
const BASE: Duration = Duration::from_millis(500);
/// The most that any retry waits.
const CAP: Duration = Duration::from_secs(30);

/// Exponential back-off with full jitter: before retry `n` (from 0) a wait drawn evenly between nothing and
/// `min(cap, base * 2^n)`.
///
/// The scheme is the one that Marc Brooker's "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015) found to
/// spread a crowd best: a fleet that lost its broker at one instant does not come back at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Backoff {
    failures: u8,
}

impl Backoff {
    /// The wait before the next try, with `dice` drawn evenly from `[0, 1)`; the one after it will be longer.
    pub(crate) fn next(&mut self, dice: f64) -> Duration {
        let ceiling = BASE.saturating_mul(1 << self.failures.min(16)).min(CAP);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(dice.clamp(0.0, 1.0))
    }

    /// All is well: the next failure is the first again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap_and_never_overflows() {
        let mut backoff = Backoff::default();
        let ceilings: Vec<u128> = (0..9).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(ceilings, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        for _ in 0..1000 {
            assert_eq!(backoff.next(1.0), CAP);
        }
        backoff.reset();
        assert_eq!(backoff.next(1.0), BASE);
    }

    #[test]
    fn the_jitter_is_full_from_nothing_to_the_ceiling() {
        assert_eq!(Backoff::default().next(0.0), Duration::ZERO);
        assert_eq!(Backoff::default().next(0.5), BASE / 2);
    }
}
