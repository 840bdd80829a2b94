//! How many devices of a process look a name up or open a session at the same time.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

/// So many at the same time. A crowd that all begins at once waits for this process more than for its peers: their
/// answers would be late by our doing, and held against them.
const AT_ONCE: usize = 256;

/// How often who waits for its turn says that it still does.
const PATIENT: Duration = Duration::from_secs(5);

/// The turns of a process. Cheap to clone; all clones share them.
#[derive(Debug, Clone)]
pub struct Openings(Arc<Semaphore>);

impl Openings {
    /// Waits for a turn, which lasts until it is dropped. `waits` is called now and then meanwhile, and at the end.
    pub(crate) async fn turn(&self, waits: impl Fn()) -> Option<OwnedSemaphorePermit> {
        if let Ok(turn) = Arc::clone(&self.0).try_acquire_owned() {
            return Some(turn);
        }
        let mut turn = pin!(Arc::clone(&self.0).acquire_owned());
        loop {
            tokio::select! {
                // The semaphore is never closed; were it, the limit would be gone and nobody kept waiting.
                turn = &mut turn => {
                    waits();
                    return turn.ok();
                }
                () = sleep(PATIENT) => waits(),
            }
        }
    }
}

impl Default for Openings {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_when_all_turns_are_taken_waits_and_says_so() {
        let (openings, waited) = (Openings::default(), Cell::new(0));
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(openings.turn(|| waited.set(100)).await);
        }
        let leave = async {
            sleep(PATIENT * 2 + PATIENT / 2).await;
            taken.pop();
        };
        let (turn, ()) = tokio::join!(openings.turn(|| waited.set(waited.get() + 1)), leave);
        assert_eq!((turn.is_some(), waited.get()), (true, 3));
    }
}
