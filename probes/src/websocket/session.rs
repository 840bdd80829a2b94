//! Messages both ways over one WebSocket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::{AbortCause, FailureKind, Parts};
use futures_util::{SinkExt, StreamExt};
use http::HeaderMap;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Refusal, WebSocketTarget, broken, close, request, upgrade};
use crate::opening::Opening;
use crate::tcp::{self, Stream};
use crate::{Certificate, Fault, ProbeError, Timeouts, Trust};

/// The largest message that is accepted, in bytes. A larger one ends the session.
const MOST: usize = 1024 * 1024;

/// How much is read at once.
const READ: usize = 8 * 1024;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Messages both ways over one WebSocket. Dropped without [`close`](Self::close) the connection is cut.
#[derive(Debug)]
pub struct WebSocketSession {
    socket: WebSocketStream<Stream>,
    headers: HeaderMap,
    host: Arc<str>,
    peer: SocketAddr,
    certificate: Option<Arc<Certificate>>,
}

impl WebSocketSession {
    /// Connects to `address` and opens a WebSocket, with `headers` in the request beside those that it must have; TLS is
    /// checked against the target's host, wherever the address leads. Gives the parts `connect`, `tls` and `wait` (from
    /// the request to its answer).
    ///
    /// # Errors
    /// [`Failed(Status)`](Fault::Failed) when the peer answers with a status that opens none; the other kinds as the
    /// connection fails; [`Aborted(Script)`](Fault::Aborted) when a header cannot be sent.
    pub async fn open(
        address: SocketAddr,
        target: &WebSocketTarget,
        headers: &HeaderMap,
        trust: &Trust,
        timeouts: &Timeouts,
    ) -> Result<(Self, Parts), ProbeError> {
        let mut opening = Opening::begin(address);
        let opened = Self::try_open(address, target, headers, trust, timeouts, &mut opening.parts).await;
        opening.end(opened)
    }

    async fn try_open(
        address: SocketAddr,
        target: &WebSocketTarget,
        headers: &HeaderMap,
        trust: &Trust,
        timeouts: &Timeouts,
        parts: &mut Parts,
    ) -> Result<Self, ProbeError> {
        let refused = |refusal: Refusal| refusal.at(&target.host, address);
        let request = with_headers(request(&target.to_string()).map_err(refused)?, headers)?;
        let config = target.tls.then(|| trust.config());
        let stream = Stream::open(&target.host, address, None, config, timeouts, parts).await?;
        let certificate = stream.certificate();
        let asked = Instant::now();
        let settings = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(0)
            .max_write_buffer_size(2 * MOST)
            .max_message_size(Some(MOST))
            .max_frame_size(Some(MOST));
        let upgraded = timeout(timeouts.wait, upgrade(stream, request, settings)).await;
        let upgraded = upgraded.unwrap_or_else(|_| Err(Refusal::late(timeouts.wait)));
        let (socket, headers) = upgraded.map_err(refused)?;
        parts.wait = Some(asked.elapsed());
        Ok(Self { socket, headers, host: Arc::clone(&target.host), peer: address, certificate })
    }

    /// The peer that is connected.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The certificate that the peer has shown; `None` without TLS.
    pub const fn certificate(&self) -> Option<&Arc<Certificate>> {
        self.certificate.as_ref()
    }

    /// The headers of the answer that opened the WebSocket.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Sends a message of text within `limit`. Cancelled, it may go out later or never.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when the peer does not take it in time; `Reset` when it is gone;
    /// [`Aborted(Script)`](Fault::Aborted) when the text is larger than can be sent.
    pub async fn send(&mut self, text: String, limit: Duration) -> Result<(), ProbeError> {
        let length = text.len();
        if length > MOST {
            let words = format!("a message of {length} bytes is too large to be sent: {MOST} at most");
            return Err(self.error(Fault::Aborted(AbortCause::Script), &words));
        }
        match timeout(limit, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.broken(error)),
            Err(_) => {
                let words = format!("the peer has not taken a message of {length} bytes within {limit:?}");
                Err(self.error(Fault::Failed(FailureKind::Timeout), &words))
            }
        }
    }

    /// The next message, of text or of bytes. Pings are answered meanwhile. May be cancelled at any time: nothing of
    /// what came is lost.
    ///
    /// # Errors
    /// As the peer closes the WebSocket: [`Failed(Reset)`](Fault::Failed) when it is done or going away, `Protocol` or
    /// `Status` where it says that something is wrong. `Protocol` when it sends what is no message, or too large a one.
    pub async fn next(&mut self) -> Result<Bytes, ProbeError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.into()),
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
                // A ping is answered by the socket itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    let (kind, words) = close::farewell(frame.as_ref());
                    // The answer to it goes out now: nobody reads from here any more. To close it would be refused, as it is
                    // being closed already.
                    drop(timeout(FAREWELL, self.socket.flush()).await);
                    return Err(self.error(Fault::Failed(kind), &words));
                }
                Some(Err(error)) => return Err(self.broken(error)),
                None => return Err(self.broken(Error::ConnectionClosed)),
            }
        }
    }

    /// Says farewell, and ends the connection.
    pub async fn close(mut self) {
        // Whether the peer hears it is its own affair: the session is over either way.
        drop(timeout(FAREWELL, self.socket.close(None)).await);
    }

    fn broken(&self, error: Error) -> ProbeError {
        match broken(error) {
            Some(error) => {
                let (fault, words) = tcp::failure(&error, self.peer);
                self.error(fault, &words)
            }
            None => self.error(Fault::Failed(FailureKind::Reset), "the peer closed the connection"),
        }
    }

    fn error(&self, fault: Fault, words: &str) -> ProbeError {
        let Self { host, peer, .. } = self;
        ProbeError::new(fault, format!("{host} ({peer}): {words}")).at(*peer)
    }
}

fn with_headers(
    mut request: ClientRequestBuilder,
    headers: &HeaderMap,
) -> Result<ClientRequestBuilder, ProbeError> {
    for (name, value) in headers {
        let value = value.to_str().map_err(|_| {
            let message = format!("the value of header `{name}` cannot be sent to open a WebSocket");
            ProbeError::new(Fault::Aborted(AbortCause::Script), message)
        })?;
        request = request.with_header(name.as_str(), value);
    }
    Ok(request)
}
