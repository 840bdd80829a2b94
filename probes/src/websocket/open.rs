//! How a WebSocket begins: with a request of HTTP (RFC 6455 section 4).

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use cutover::FailureKind;
use http::{HeaderMap, Uri};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::tcp::{self, Stream};
use crate::{Fault, ProbeError};

/// Why no WebSocket was opened.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The peer answered in this way.
    Failed(FailureKind, String),
    /// The connection broke.
    Io(io::Error),
}

impl Refusal {
    /// None was opened in time.
    pub(crate) fn late(limit: Duration) -> Self {
        Self::Failed(FailureKind::Timeout, format!("no WebSocket within {limit:?}"))
    }

    /// The failure, with the peer at which it happened.
    pub(crate) fn at(self, host: &str, address: SocketAddr) -> ProbeError {
        let (fault, words) = match self {
            Self::Failed(kind, words) => (Fault::Failed(kind), words),
            Self::Io(error) => tcp::failure(&error, address),
        };
        ProbeError::new(fault, format!("{host} ({address}): {words}")).at(address)
    }
}

/// A request for a WebSocket at this URL.
pub(crate) fn request(url: &str) -> Result<ClientRequestBuilder, Refusal> {
    let uri =
        url.parse::<Uri>().map_err(|error| Refusal::Failed(FailureKind::Protocol, error.to_string()))?;
    Ok(ClientRequestBuilder::new(uri))
}

/// Makes a WebSocket of a connection; gives the headers of the peer's answer too.
pub(crate) async fn upgrade(
    stream: Stream,
    request: ClientRequestBuilder,
    config: WebSocketConfig,
) -> Result<(WebSocketStream<Stream>, HeaderMap), Refusal> {
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, answer)) => Ok((socket, answer.into_parts().0.headers)),
        Err(Error::Http(answer)) => {
            let status = answer.status();
            Err(Refusal::Failed(FailureKind::Status, format!("it refused the WebSocket with {status}")))
        }
        Err(error) => Err(match broken(error) {
            Some(error) if error.kind() == ErrorKind::InvalidData => {
                Refusal::Failed(FailureKind::Protocol, format!("it opened no WebSocket: {error}"))
            }
            Some(error) => Refusal::Io(error),
            None => Refusal::Io(ErrorKind::UnexpectedEof.into()),
        }),
    }
}

/// The connection's own error; `None` when it has ended.
pub(crate) fn broken(error: Error) -> Option<io::Error> {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Io(error) => Some(error),
        error => Some(io::Error::new(ErrorKind::InvalidData, error)),
    }
}
