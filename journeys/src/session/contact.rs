//! What is known of the peer of a session, and what has become of the session.

use std::mem::take;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cutover::{FailureKind, Parts, Reached};
use probes::ProbeError;
use tokio::time::Instant;

use crate::action::Trouble;
use crate::answer::Answer;

/// The peer of a session, and what has become of the session.
#[derive(Debug)]
pub(super) struct Contact {
    host: Arc<str>,
    peer: SocketAddr,
    reached: Reached,
    /// The parts of connecting, until the first exchange has taken them for its own.
    opening: Parts,
    /// Why it was lost while no step used it, until one is told.
    pub(super) lost: Option<ProbeError>,
    /// Whether it is of no more use, and a step was told so.
    pub(super) broken: bool,
}

impl Contact {
    pub(super) fn new(host: &Arc<str>, peer: SocketAddr, reached: Reached, opening: Parts) -> Self {
        Self { host: host.clone(), peer, reached, opening, lost: None, broken: false }
    }

    /// Tells of the session's loss, if it was lost between the steps.
    pub(super) fn whole(&mut self) -> Result<(), Trouble> {
        let Some(error) = self.lost.take() else { return Ok(()) };
        self.broken = true;
        Err(error.into())
    }

    /// What there is to say of an exchange before anything was heard.
    pub(super) fn answer(&mut self, started: Instant) -> Answer {
        Answer {
            parts: self.parts(started),
            peer: Some(self.peer),
            reached: Some(self.reached),
            ..Answer::default()
        }
    }

    /// That what was waited for, in `words`, did not come in time; and what `more` there is to tell.
    pub(super) fn late(&mut self, words: &str, limit: Duration, more: &str, started: Instant) -> Trouble {
        let Self { host, peer, .. } = self;
        let message = format!("{host} ({peer}): {words} within {limit:?}{more}");
        let trouble = Trouble::failed(FailureKind::Timeout, message, Some(*peer));
        Trouble { parts: Box::new(self.parts(started)), ..trouble }
    }

    /// An exchange's parts; the first one has those of connecting too.
    fn parts(&mut self, started: Instant) -> Parts {
        let (opening, took) = (take(&mut self.opening), started.elapsed());
        Parts { wait: Some(took), total: opening.total + took, ..opening }
    }
}
