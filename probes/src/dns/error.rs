//! Why a lookup gave no address.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cutover::{AbortCause, FailureKind};

use crate::Fault;

/// Why a lookup gave no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The host is no name that DNS could hold.
    #[error("`{host}` is no DNS name: {why}")]
    BadName {
        /// What was asked for.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server says that there is no such name (NXDOMAIN, RFC 1035 section 4.1.1).
    #[error("resolver {resolver} says that there is no name `{host}` (NXDOMAIN)")]
    NoSuchName {
        /// What was asked for.
        host: String,
        /// Whom.
        resolver: Arc<str>,
    },
    /// The server answered with an error.
    #[error("resolver {resolver} answered the question for `{host}` with an error: {code}")]
    ServerFailure {
        /// What was asked for.
        host: String,
        /// Whom.
        resolver: Arc<str>,
        /// The response code in words (RFC 6895 section 2.3).
        code: &'static str,
    },
    /// The name exists and has neither an A nor an AAAA record in the answer.
    #[error("resolver {resolver} knows `{host}` but no address of it{beyond}")]
    NoAddress {
        /// What was asked for.
        host: String,
        /// Whom.
        resolver: Arc<str>,
        /// Where its aliases end, in words; empty when it has none.
        beyond: String,
    },
    /// No answer in time.
    #[error("resolver {resolver} ({at}) gave no answer for `{host}` within {limit:?}")]
    Silent {
        /// What was asked for.
        host: String,
        /// Whom.
        resolver: Arc<str>,
        /// Where.
        at: SocketAddr,
        /// How long was waited.
        limit: Duration,
    },
    /// The resolver cannot be reached.
    #[error("resolver {resolver} ({at}) cannot be reached: {why}")]
    Unreachable {
        /// Whom.
        resolver: Arc<str>,
        /// Where.
        at: SocketAddr,
        /// In which way.
        kind: FailureKind,
        /// What the network said.
        why: String,
    },
    /// The canary has no files, ports or network left to ask with.
    #[error("resolver {resolver} ({at}) cannot be asked: {why}")]
    Local {
        /// Whom.
        resolver: Arc<str>,
        /// Where.
        at: SocketAddr,
        /// What is missing.
        why: String,
    },
}

impl LookupError {
    /// What went wrong, without saying where: for a line that names the host and the resolver already.
    pub fn in_short(&self) -> String {
        match self {
            Self::BadName { why, .. } | Self::Unreachable { why, .. } | Self::Local { why, .. } => {
                why.clone()
            }
            Self::NoSuchName { .. } => "NXDOMAIN".to_owned(),
            Self::ServerFailure { code, .. } => (*code).to_owned(),
            Self::NoAddress { .. } => "no address".to_owned(),
            Self::Silent { limit, .. } => format!("nothing within {limit:?}"),
        }
    }

    /// Whose fault it was where the resolver itself is the target: its silence is its own, too.
    pub const fn fault_of_the_target(&self) -> Fault {
        match self {
            Self::Silent { .. } => Fault::Failed(FailureKind::Timeout),
            Self::Unreachable { kind, .. } => Fault::Failed(*kind),
            other => other.fault(),
        }
    }

    /// Whose fault it was: an answer that says no is the target's; a resolver that says nothing is ours.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::BadName { .. } => Fault::Aborted(AbortCause::Script),
            Self::NoSuchName { .. } | Self::ServerFailure { .. } | Self::NoAddress { .. } => {
                Fault::Failed(FailureKind::Resolve)
            }
            Self::Silent { .. } | Self::Unreachable { .. } => Fault::Aborted(AbortCause::Resolver),
            Self::Local { .. } => Fault::Aborted(AbortCause::Local),
        }
    }
}
