//! One TCP connection, and TLS upon it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use cutover::{FailureKind, Parts};
use rustls::ClientConfig;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Fault, ProbeError, Timeouts, io_fault, tls};

/// Connects to `address`, from `source` if there is one, else from whichever address of ours the routes say.
pub(crate) async fn dial(
    host: &str,
    address: SocketAddr,
    source: Option<IpAddr>,
    timeouts: &Timeouts,
    parts: &mut Parts,
) -> Result<TcpStream, ProbeError> {
    let started = Instant::now();
    let connecting = async {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        if let Some(source) = source {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(address).await?;
        // Small packets at once: what is measured is the peer, not Nagle's algorithm.
        stream.set_nodelay(true)?;
        Ok::<_, io::Error>(stream)
    };
    match timeout(timeouts.connect, connecting).await {
        Ok(Ok(stream)) => {
            parts.connect = Some(started.elapsed());
            Ok(stream)
        }
        Ok(Err(error)) => {
            let (fault, words) = io_fault::classify(&error, Some(address));
            Err(ProbeError::new(fault, format!("{host} ({address}): {words}")).at(address))
        }
        Err(_) => {
            let limit = timeouts.connect;
            let message = format!("{host} ({address}): no TCP connection within {limit:?}");
            Err(ProbeError::new(Fault::Failed(FailureKind::Timeout), message).at(address))
        }
    }
}

/// Shakes hands on `stream`, and checks that the peer's certificate is `host`'s.
pub(crate) async fn secure(
    host: &str,
    stream: TcpStream,
    address: SocketAddr,
    config: &Arc<ClientConfig>,
    timeouts: &Timeouts,
    parts: &mut Parts,
) -> Result<TlsStream<TcpStream>, ProbeError> {
    let name = tls::server_name(host)?;
    let started = Instant::now();
    let shaking = TlsConnector::from(Arc::clone(config)).connect(name, stream);
    match timeout(timeouts.tls, shaking).await {
        Ok(Ok(stream)) => {
            parts.tls = Some(started.elapsed());
            Ok(stream)
        }
        Ok(Err(error)) => {
            let (fault, words) = failure(&error, address);
            let during =
                if fault == Fault::Failed(FailureKind::Tls) { "" } else { "during the TLS handshake " };
            Err(ProbeError::new(fault, format!("{host} ({address}): {during}{words}")).at(address))
        }
        Err(_) => {
            let limit = timeouts.tls;
            let message = format!("{host} ({address}): connected, but no TLS handshake within {limit:?}");
            Err(ProbeError::new(Fault::Failed(FailureKind::Timeout), message).at(address))
        }
    }
}

/// What an error of a connection says: TLS's own, wrapped by the TLS stream, or the operating system's. With TLS 1.3 a
/// peer refuses a certificate of ours only after the handshake, as we see it.
pub(crate) fn failure(error: &io::Error, address: SocketAddr) -> (Fault, String) {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(error) = own {
        return (Fault::Failed(FailureKind::Tls), format!("TLS failed: {}", tls::reason(error)));
    }
    io_fault::classify(error, Some(address))
}
