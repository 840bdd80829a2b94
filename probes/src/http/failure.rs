//! Which kind of failure an error of the HTTP library is.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use cutover::{AbortCause, FailureKind};

use crate::{Fault, io_fault, tls};

/// What `error` says about the peer, in words that follow its name and address.
pub(super) fn classify(error: &(dyn Error + 'static), peer: SocketAddr) -> (Fault, String) {
    let mut next = Some(error);
    while let Some(at) = next {
        if let Some(found) = of_one(at, peer) {
            return found;
        }
        // An `io::Error` hides the error that it wraps: its source is that error's source.
        let wrapped = at.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| at.source());
    }
    (Fault::Failed(FailureKind::Protocol), last_words(error))
}

/// What one error of the chain says by itself; `None` sends on to its source.
fn of_one(error: &(dyn Error + 'static), peer: SocketAddr) -> Option<(Fault, String)> {
    let failed = |kind, words: String| Some((Fault::Failed(kind), words));
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return failed(FailureKind::Tls, format!("TLS failed: {}", tls::reason(error)));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        let wraps = error.get_ref().is_some_and(|inner| {
            inner.is::<rustls::Error>()
                || inner.is::<hyper::Error>()
                || inner.is::<h2::Error>()
                || inner.is::<io::Error>()
        });
        return (!wraps).then(|| io_fault::classify(error, Some(peer)));
    }
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        return match error.get_io() {
            Some(error) => Some(io_fault::classify(error, Some(peer))),
            None => failed(FailureKind::Protocol, format!("HTTP/2 broke down: {error}")),
        };
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_user() {
        let words = format!("the request cannot be made: {}", last_words(error));
        return Some((Fault::Aborted(AbortCause::Script), words));
    }
    if error.is_incomplete_message() {
        return failed(
            FailureKind::Reset,
            "the peer closed the connection before its answer was complete".to_owned(),
        );
    }
    if error.is_parse_too_large() {
        return failed(FailureKind::Protocol, "the answer's headers are larger than is accepted".to_owned());
    }
    if error.is_parse() {
        return failed(FailureKind::Protocol, format!("what came is no HTTP ({})", last_words(error)));
    }
    if (error.is_closed() || error.is_canceled()) && error.source().is_none() {
        return failed(FailureKind::Reset, "the peer closed the connection".to_owned());
    }
    None
}

/// The innermost error's own words: the outer ones repeat that something failed.
fn last_words(error: &(dyn Error + 'static)) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}
