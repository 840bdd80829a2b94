//! One connection to a target.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use cutover::{AbortCause, FailureKind, Parts};
use http::Response;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::HttpVersion;
use super::message::{Message, with_authority, without_authority};
use super::target::Target;
use crate::tls::Offer;
use crate::{Aim, Certificate, Fault, ProbeError, Timeouts, tcp};

/// How many headers an answer may have; their bytes are bounded by the client's read buffer (about 400 kB).
const MAX_HEADERS: usize = 256;

/// One connection to a target.
pub(super) struct Connection {
    pub(super) target: Target,
    pub(super) peer: SocketAddr,
    pub(super) certificate: Option<Arc<Certificate>>,
    wire: Wire,
}

/// How it is spoken.
enum Wire {
    /// Nobody but the exchange under way moves an HTTP/1.1 connection on: that spares a task, and the way to it and back.
    One { sender: http1::SendRequest<Full<Bytes>>, line: Box<Line>, ended: bool },
    /// An HTTP/2 peer wants to be answered between exchanges too.
    Two { sender: http2::SendRequest<Full<Bytes>>, _line: AbortOnDropHandle<hyper::Result<()>> },
}

type Line = http1::Connection<TokioIo<Stream>, Full<Bytes>>;

/// What a connection is upon: TCP, or TLS on it.
type Stream = Box<dyn Duplex>;

trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

impl Connection {
    /// Connects to `target` along `aim`. What was finished of it stands in `parts`, also when it fails.
    pub(super) async fn open(
        target: &Target,
        aim: &Aim,
        timeouts: &Timeouts,
        parts: &mut Parts,
    ) -> Result<Self, ProbeError> {
        let addresses = resolve(target, aim, timeouts, parts).await?;
        let stream = dial(target, &addresses, timeouts, parts).await?;
        let peer = stream.peer_addr().map_err(|error| {
            let message = format!("{}: the connection does not say who its peer is ({error})", target.host);
            ProbeError::new(Fault::Aborted(AbortCause::Local), message)
        })?;
        let (stream, two, certificate) = if target.tls {
            let offer = match target.version {
                None => Offer::Either,
                Some(HttpVersion::One) => Offer::One,
                Some(HttpVersion::Two) => Offer::Two,
            };
            let config = target.trust.offering(offer);
            let stream = tcp::secure(target.name(), stream, peer, config, timeouts, parts).await?;
            let session = stream.get_ref().1;
            let two = session.alpn_protocol() == Some(b"h2");
            if offer == Offer::Two && !two {
                let words = "the peer does not speak HTTP/2".to_owned();
                return Err(target.failed(peer, (Fault::Failed(FailureKind::Protocol), words)));
            }
            let first = session.peer_certificates().and_then(|chain| chain.first());
            let certificate = first.and_then(|der| Certificate::read(der)).map(Arc::new);
            (Box::new(stream) as Stream, two, certificate)
        } else {
            (Box::new(stream) as Stream, target.version == Some(HttpVersion::Two), None)
        };
        let wire = Wire::over(stream, two).await;
        let wire = wire.map_err(|error| target.failed(peer, super::failure::classify(&error, peer)))?;
        Ok(Self { target: target.clone(), peer, certificate, wire })
    }

    /// Whether another request can be sent on it: whether the peer has closed it meanwhile is looked at here.
    pub(super) async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            self.turn(cx);
            Poll::Ready(match &self.wire {
                Wire::One { sender, ended, .. } => !ended && sender.is_ready(),
                Wire::Two { sender, .. } => sender.is_ready(),
            })
        })
        .await
    }

    /// Sends a request, and waits for the answer's headers.
    pub(super) async fn send(
        &mut self,
        mut message: Message,
    ) -> Result<Response<Incoming>, TrySendError<Message>> {
        match &mut self.wire {
            Wire::One { sender, .. } => {
                if message.uri().authority().is_some() {
                    without_authority(&mut message);
                }
                let sending = sender.try_send_request(message);
                self.drive(sending).await
            }
            Wire::Two { sender, .. } => {
                with_authority(&mut message, self.target.tls);
                sender.try_send_request(message).await
            }
        }
    }

    /// Waits for something that comes of the connection, and moves it on meanwhile.
    pub(super) async fn drive<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            self.turn(cx);
            future.as_mut().poll(cx)
        })
        .await
    }

    /// Moves the connection on as far as it goes. What breaks it is told to the exchange under way, if there is one.
    fn turn(&mut self, cx: &mut Context<'_>) {
        if let Wire::One { line, ended, .. } = &mut self.wire
            && !*ended
        {
            *ended = Pin::new(&mut **line).poll(cx).is_ready();
        }
    }
}

impl Wire {
    async fn over(stream: Stream, two: bool) -> hyper::Result<Self> {
        let io = TokioIo::new(stream);
        if two {
            let (sender, line) = http2::handshake(TokioExecutor::new(), io).await?;
            return Ok(Self::Two { sender, _line: AbortOnDropHandle::new(tokio::spawn(line)) });
        }
        let (sender, line) = http1::Builder::new().max_headers(MAX_HEADERS).handshake(io).await?;
        Ok(Self::One { sender, line: Box::new(line), ended: false })
    }
}

async fn resolve(
    target: &Target,
    aim: &Aim,
    timeouts: &Timeouts,
    parts: &mut Parts,
) -> Result<Vec<IpAddr>, ProbeError> {
    let limit = timeouts.resolve;
    let found = timeout(limit, aim.resolve(&target.host)).await.map_err(|_| {
        let message =
            format!("{}:{}: the resolver gave no answer within {limit:?}", target.host, target.port);
        ProbeError::new(Fault::Aborted(AbortCause::Resolver), message)
    })??;
    parts.resolve = found.ttl.map(|_| found.took);
    Ok(found.addresses)
}

/// Connects to the first address that accepts. All of them share the limit.
async fn dial(
    target: &Target,
    addresses: &[IpAddr],
    timeouts: &Timeouts,
    parts: &mut Parts,
) -> Result<TcpStream, ProbeError> {
    let started = Instant::now();
    let mut failure = None;
    for address in addresses {
        let Some(left) = timeouts.connect.checked_sub(started.elapsed()).filter(|left| !left.is_zero())
        else {
            break;
        };
        // The first has all of it, to the nanosecond: it is told in messages.
        let limit = if failure.is_none() { timeouts.connect } else { left };
        let limits = Timeouts { connect: limit, ..*timeouts };
        match tcp::dial(&target.host, SocketAddr::new(*address, target.port), None, &limits, parts).await {
            Ok(stream) => {
                parts.connect = Some(started.elapsed());
                return Ok(stream);
            }
            Err(error) => failure = Some(error),
        }
    }
    let mut failure = failure.unwrap_or_else(|| {
        let message = format!("{}: no address to connect to", target.host);
        ProbeError::new(Fault::Failed(FailureKind::Resolve), message)
    });
    if addresses.len() > 1 {
        failure.peer = None;
    }
    Err(failure)
}
