//! Where time and chance come from.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
#[cfg(test)]
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Where time and chance come from: the clock and the generator of this machine, or fixed ones, for tests.
#[derive(Debug)]
pub(crate) struct Sources {
    clock: fn() -> DateTime<Utc>,
    chance: Mutex<StdRng>,
}

impl Sources {
    /// This machine's.
    pub(crate) fn of_this_machine() -> Self {
        Self { clock: Utc::now, chance: Mutex::new(rand::make_rng()) }
    }

    /// Fixed ones.
    #[cfg(test)]
    pub(crate) fn fixed(clock: fn() -> DateTime<Utc>, seed: u64) -> Self {
        Self { clock, chance: Mutex::new(StdRng::seed_from_u64(seed)) }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Draws.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.chance.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
