//! What Chromium says when nothing could be loaded (`net::ERR_...`, net/base/net_error_list.h).

use cutover::{AbortCause, FailureKind};

use crate::Fault;

/// Whose fault it is, and in words.
pub(super) fn classify(error: &str) -> (Fault, String) {
    use FailureKind as F;
    let name = error.strip_prefix("net::ERR_").unwrap_or(error);
    let failed = Fault::Failed;
    let (fault, words) = match name {
        "NAME_NOT_RESOLVED" | "NAME_RESOLUTION_FAILED" | "DNS_TIMED_OUT" => {
            (failed(F::Resolve), "the browser found no address of it")
        }
        "CONNECTION_REFUSED" => (failed(F::Refused), "connection refused"),
        "ADDRESS_UNREACHABLE" | "CONNECTION_FAILED" => (failed(F::Unreachable), "no way to the address"),
        "CONNECTION_TIMED_OUT" | "TIMED_OUT" => (failed(F::Timeout), "no answer in time"),
        "CONNECTION_RESET" => (failed(F::Reset), "the peer reset the connection"),
        "CONNECTION_CLOSED" | "CONNECTION_ABORTED" | "SOCKET_NOT_CONNECTED" => {
            (failed(F::Reset), "the peer closed the connection")
        }
        "EMPTY_RESPONSE" => (failed(F::Reset), "the peer closed the connection without an answer"),
        "INTERNET_DISCONNECTED"
        | "NETWORK_CHANGED"
        | "INSUFFICIENT_RESOURCES"
        | "OUT_OF_MEMORY"
        | "NETWORK_IO_SUSPENDED" => (Fault::Aborted(AbortCause::Local), "this machine's network or memory"),
        "UNSAFE_PORT" => (Fault::Aborted(AbortCause::Script), "no browser speaks to this port"),
        "UNKNOWN_URL_SCHEME" | "INVALID_URL" | "DISALLOWED_URL_SCHEME" => {
            (Fault::Aborted(AbortCause::Script), "no browser goes there")
        }
        "TOO_MANY_REDIRECTS" => (failed(F::Protocol), "it redirects again and again"),
        "ABORTED" => (failed(F::Protocol), "it is no page: a download, or an answer without content"),
        _ if name.starts_with("CERT_") => (failed(F::Tls), "TLS failed: its certificate is not acceptable"),
        _ if name.starts_with("SSL_") || name.starts_with("BAD_SSL") || name.starts_with("ECH_") => {
            (failed(F::Tls), "TLS failed")
        }
        _ => (failed(F::Protocol), "it could not be loaded"),
    };
    (fault, format!("{words} ({error})"))
}

/// Whether a certificate may be why: one that we refuse is told of as one, or as a page that was given up.
pub(super) fn is_refusal(error: &str) -> bool {
    error.starts_with("net::ERR_CERT_") || error == "net::ERR_ABORTED"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_kind_of_the_closed_set() {
        for (error, fault) in [
            ("net::ERR_NAME_NOT_RESOLVED", Fault::Failed(FailureKind::Resolve)),
            ("net::ERR_CONNECTION_REFUSED", Fault::Failed(FailureKind::Refused)),
            ("net::ERR_EMPTY_RESPONSE", Fault::Failed(FailureKind::Reset)),
            ("net::ERR_CERT_DATE_INVALID", Fault::Failed(FailureKind::Tls)),
            ("net::ERR_SSL_PROTOCOL_ERROR", Fault::Failed(FailureKind::Tls)),
            ("net::ERR_INVALID_HTTP_RESPONSE", Fault::Failed(FailureKind::Protocol)),
            ("net::ERR_INTERNET_DISCONNECTED", Fault::Aborted(AbortCause::Local)),
            ("net::ERR_NEVER_HEARD_OF", Fault::Failed(FailureKind::Protocol)),
        ] {
            assert_eq!(classify(error).0, fault, "{error}");
        }
        assert_eq!(
            classify("net::ERR_CONNECTION_REFUSED").1,
            "connection refused (net::ERR_CONNECTION_REFUSED)"
        );
    }
}
