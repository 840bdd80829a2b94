//! To whom a request goes, and so which connections will do for it.

use std::net::SocketAddr;
use std::time::Duration;

use cutover::{AbortCause, FailureKind};

use super::{HttpRequest, HttpVersion};
use crate::{Fault, ProbeError, Trust};

/// To whom a request goes. A connection is used again for what goes to the same.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) version: Option<HttpVersion>,
    pub(super) trust: Trust,
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        (self.tls, self.port, self.version) == (other.tls, other.port, other.version)
            && self.host == other.host
            && self.trust.is(&other.trust)
    }
}

impl Target {
    pub(super) fn of(request: &HttpRequest, trust: &Trust) -> Result<Self, ProbeError> {
        let url = &request.url;
        match (url.scheme(), url.host_str(), url.port_or_known_default()) {
            (scheme @ ("http" | "https"), Some(host), Some(port)) => Ok(Self {
                tls: scheme == "https",
                host: host.to_owned(),
                port,
                version: request.version,
                trust: request.trust.as_ref().unwrap_or(trust).clone(),
            }),
            _ => Err(script(format!("`{url}` is no http or https URL"))),
        }
    }

    /// The host as a certificate names it: an IPv6 address without its brackets.
    pub(super) fn name(&self) -> &str {
        self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// What `error` says of the target, with whom it happened.
    pub(super) fn failed(&self, at: SocketAddr, (fault, words): (Fault, String)) -> ProbeError {
        ProbeError::new(fault, format!("{} ({at}): {words}", self.host)).at(at)
    }

    /// The target connected, and did not answer in time.
    pub(super) fn silent(&self, at: SocketAddr, limit: Duration) -> ProbeError {
        self.late(at, format!("connected, but no answer within {limit:?}"))
    }

    /// The answer's body did not end in time.
    pub(super) fn endless(&self, at: SocketAddr, limit: Duration) -> ProbeError {
        self.late(at, format!("the answer began, but its body was not complete within {limit:?}"))
    }

    fn late(&self, at: SocketAddr, words: String) -> ProbeError {
        self.failed(at, (Fault::Failed(FailureKind::Timeout), words))
    }
}

/// The script asks for what cannot be.
pub(super) fn script(message: String) -> ProbeError {
    ProbeError::new(Fault::Aborted(AbortCause::Script), message)
}
