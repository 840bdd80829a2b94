//! A pause, as a user makes one.

use std::time::Duration;

use crate::answer::Answer;
use crate::session::Session;

/// A pause: nothing happens for so long, and nothing of it is counted as the target's time.
#[derive(Debug)]
pub(crate) struct PauseAction {
    pub(crate) time: Duration,
}

impl PauseAction {
    pub(super) async fn perform(&self, session: &mut Session<'_>) -> Answer {
        session.pause(self.time).await;
        Answer::default()
    }
}
