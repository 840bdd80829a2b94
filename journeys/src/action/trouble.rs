//! Why an action gave no answer.

use std::net::SocketAddr;
use std::time::Duration;

use cutover::{AbortCause, FailureKind, Parts};
use probes::{Fault, ProbeError};

use crate::run::At;
use crate::vars::ScriptError;

/// Why an action gave no answer.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) fault: Fault,
    pub(crate) message: String,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) parts: Box<Parts>,
    /// Where it is written what could not be done, where a step does several things.
    pub(crate) at: Option<At>,
}

impl Trouble {
    /// The script is wrong in a way that only a run could show.
    pub(crate) fn script(message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Aborted(AbortCause::Script),
            message: message.into(),
            peer: None,
            parts: Box::default(),
            at: None,
        }
    }

    /// The resolver on the way to the target said nothing: nobody knows what the target would have done.
    pub(crate) fn silent_resolver(host: &str, limit: Duration) -> Self {
        let message = format!("{host}: the resolver gave no answer within {limit:?}");
        Self { fault: Fault::Aborted(AbortCause::Resolver), ..Self::script(message) }
    }

    /// The target failed.
    pub(crate) fn failed(kind: FailureKind, message: impl Into<String>, peer: Option<SocketAddr>) -> Self {
        Self { fault: Fault::Failed(kind), peer, ..Self::script(message) }
    }
}

impl From<ProbeError> for Trouble {
    fn from(error: ProbeError) -> Self {
        Self { fault: error.fault, peer: error.peer, parts: error.parts, ..Self::script(error.message) }
    }
}

impl From<ScriptError> for Trouble {
    fn from(error: ScriptError) -> Self {
        Self::script(error.0)
    }
}
