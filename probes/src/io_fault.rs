//! What an error of the operating system says: about the target, or about ourselves.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};

use cutover::{AbortCause, FailureKind};

use crate::Fault;

const LOCAL: Fault = Fault::Aborted(AbortCause::Local);

/// Whose fault `error` is, and what it says in words that follow "the peer" or the address.
///
/// `to` is the address for which the socket was meant: it tells a missing route of ours from one further on.
pub(crate) fn classify(error: &io::Error, to: Option<SocketAddr>) -> (Fault, String) {
    use FailureKind::{Protocol, Refused, Reset, Timeout, Unreachable};
    if let Some(words) = out_of_resources(error) {
        return (LOCAL, words.to_owned());
    }
    let failed = |kind, words: &str| (Fault::Failed(kind), words.to_owned());
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            failed(Refused, "the connection was refused: nothing listens on that port")
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => match to {
            Some(address) if !has_route(address) => {
                (LOCAL, "this machine has no route to that address: look at its own network".to_owned())
            }
            _ => failed(Unreachable, "there is no way to that address: look at routes and firewalls"),
        },
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected => failed(Reset, "the peer cut the connection"),
        ErrorKind::UnexpectedEof => {
            failed(Reset, "the peer closed the connection in the middle of its answer")
        }
        ErrorKind::TimedOut => failed(Timeout, "the peer no longer answers (the connection timed out)"),
        ErrorKind::AddrNotAvailable => {
            (LOCAL, "this machine has no free port or no such address of its own left".to_owned())
        }
        ErrorKind::NetworkDown => (LOCAL, "this machine's network is down".to_owned()),
        ErrorKind::PermissionDenied => {
            (LOCAL, "this machine does not permit the connection: look at its own firewall".to_owned())
        }
        ErrorKind::InvalidData | ErrorKind::InvalidInput => {
            (Fault::Failed(Protocol), format!("the peer sent what the protocol does not allow ({error})"))
        }
        _ => (Fault::Failed(Reset), format!("the connection broke ({error})")),
    }
}

/// Files, buffers and memory that this process or machine has run out of. Their codes have no [`ErrorKind`].
fn out_of_resources(error: &io::Error) -> Option<&'static str> {
    const NO_BUFFERS: i32 = if cfg!(target_os = "linux") { 105 } else { 55 };
    match error.raw_os_error() {
        Some(23) => Some("this machine has no open files left (ENFILE)"),
        Some(24) => Some("this process has no open files left: raise its limit (ulimit -n)"),
        Some(NO_BUFFERS) => Some("this machine has no network buffers left (ENOBUFS)"),
        _ if error.kind() == ErrorKind::OutOfMemory => Some("this machine has no memory left"),
        _ => None,
    }
}

/// Whether this machine's own routing table knows a way to `address`. Connecting a UDP socket asks the table and
/// sends nothing.
fn has_route(address: SocketAddr) -> bool {
    let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    UdpSocket::bind(any).and_then(|socket| socket.connect(address)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_ran_out_of_is_our_own_fault() {
        for code in [23, 24, 99, 100, 105] {
            let (fault, words) = classify(&io::Error::from_raw_os_error(code), None);
            assert_eq!(fault, LOCAL, "{code}: {words}");
        }
    }

    #[test]
    fn what_the_peer_did_is_told_apart() {
        let kind = |code| classify(&io::Error::from_raw_os_error(code), None).0;
        assert_eq!(kind(111), Fault::Failed(FailureKind::Refused));
        assert_eq!(kind(104), Fault::Failed(FailureKind::Reset));
        assert_eq!(kind(32), Fault::Failed(FailureKind::Reset));
        assert_eq!(kind(110), Fault::Failed(FailureKind::Timeout));
        assert_eq!(kind(113), Fault::Failed(FailureKind::Unreachable));
    }

    #[test]
    fn an_address_with_a_route_that_is_unreachable_is_the_targets_fault() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let (fault, _) = classify(&io::Error::from_raw_os_error(101), Some(address));
        assert_eq!(fault, Fault::Failed(FailureKind::Unreachable));
    }
}
