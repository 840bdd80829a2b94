//! How much work something was: what other threads did meanwhile does not count, however busy the machine is.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The beginning of a work that this thread does without a pause.
pub(crate) struct Effort(Duration);

impl Effort {
    pub(crate) fn begin() -> Self {
        Self(worked())
    }

    /// The time for which the thread has worked since.
    pub(crate) fn spent(&self) -> Duration {
        worked().saturating_sub(self.0)
    }
}

fn worked() -> Duration {
    // The clock begins at 0 with the thread, so it is always a duration.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
