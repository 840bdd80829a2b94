//! Failures that the device room itself finds.

use std::net::SocketAddr;

use cutover::{AbortCause, FailureKind, Parts};
use probes::{Fault, ProbeError};

/// The side answered, and not as it should.
pub(crate) fn refused(message: String, peer: SocketAddr) -> ProbeError {
    let fault = Fault::Failed(FailureKind::Status);
    ProbeError { fault, message, peer: Some(peer), parts: Box::<Parts>::default() }
}

/// Something is wrong on this machine, or with what it was told: neither side is to blame.
pub(crate) fn own(cause: AbortCause, message: String) -> ProbeError {
    ProbeError { fault: Fault::Aborted(cause), message, peer: None, parts: Box::<Parts>::default() }
}
