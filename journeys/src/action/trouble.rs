//! Why an action gave no answer.

use std::net::SocketAddr;

use cutover::{AbortCause, FailureKind, Parts};
use probes::{Fault, ProbeError};

use crate::vars::ScriptError;

/// Why an action gave no answer.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) fault: Fault,
    pub(crate) message: String,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) parts: Box<Parts>,
}

impl Trouble {
    /// The script is wrong in a way that only a run could show.
    pub(crate) fn script(message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Aborted(AbortCause::Script),
            message: message.into(),
            peer: None,
            parts: Box::default(),
        }
    }

    /// The target failed.
    pub(crate) fn failed(kind: FailureKind, message: impl Into<String>, peer: Option<SocketAddr>) -> Self {
        Self { fault: Fault::Failed(kind), message: message.into(), peer, parts: Box::default() }
    }
}

impl From<ProbeError> for Trouble {
    fn from(error: ProbeError) -> Self {
        Self { fault: error.fault, message: error.message, peer: error.peer, parts: error.parts }
    }
}

impl From<ScriptError> for Trouble {
    fn from(error: ScriptError) -> Self {
        Self::script(error.0)
    }
}
