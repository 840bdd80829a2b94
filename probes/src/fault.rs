//! Why an exchange gave no answer, and whose fault that was.

use std::net::SocketAddr;

use cutover::{AbortCause, FailureKind, Parts};

/// Whose fault it was that an exchange gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The target's, and in which way.
    Failed(FailureKind),
    /// The canary's own: says nothing about the target.
    Aborted(AbortCause),
}

/// Why an exchange gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProbeError {
    /// Whose fault, and in which way: the only part that is a label.
    pub fault: Fault,
    /// For people: names the host, the address, what was being done, and where to look.
    pub message: String,
    /// The peer that was connected, or was being connected to, where there was just one.
    pub peer: Option<SocketAddr>,
    /// The parts that were finished before the failure, and the total up to it.
    pub parts: Box<Parts>,
}

impl ProbeError {
    /// A failure before anything was sent or connected.
    pub(crate) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), peer: None, parts: Box::default() }
    }

    /// The same failure, with the peer on whose connection it happened.
    #[must_use]
    pub(crate) fn at(mut self, peer: SocketAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// The same failure, with the parts that were finished.
    #[must_use]
    pub(crate) fn after(mut self, parts: Parts) -> Self {
        *self.parts = parts;
        self
    }
}
