//! The drain has one deadline, and each part of it knows by when it must be over: together they cannot take longer.

use std::time::Duration;

use tokio::time::Instant;

/// How long the drain may take in all.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);

/// Kept back from those who act: what they said is to be folded, delivered and written down. They need two seconds and
/// a half at most (what a run must do `finally`, and its farewells).
const AFTER_ACTORS: Duration = Duration::from_millis(2250);
/// Kept back from the outbox. Before it, notices may wait a second for the store.
const AFTER_DELIVERIES: Duration = Duration::from_secs(1);
/// Kept back from the store: somebody wants to say how it ended.
const AFTER_RECORDS: Duration = Duration::from_millis(250);

/// When a drain must be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// The deadline of a drain that begins now.
    pub(crate) fn of_drain() -> Self {
        Self(Instant::now() + DRAIN)
    }

    /// Until when those who act may end in peace; then they are left behind.
    pub(crate) fn actors(self) -> Instant {
        self.0 - AFTER_ACTORS
    }

    /// Until when notices may be delivered.
    pub(crate) fn deliveries(self) -> Instant {
        self.0 - AFTER_DELIVERIES
    }

    /// Until when the last records may be written.
    pub(crate) fn records(self) -> Instant {
        self.0 - AFTER_RECORDS
    }

    /// The end of it all.
    pub(crate) const fn end(self) -> Instant {
        self.0
    }
}
