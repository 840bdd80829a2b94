//! A conversation in bytes over one connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use cutover::{FailureKind, Parts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::{Heard, MOST, Stream, TcpTarget, Until, failure};
use crate::opening::Opening;
use crate::{Certificate, Fault, ProbeError, Timeouts, Trust};

/// How much of what a peer said is repeated in messages, in characters.
const REPEATED: usize = 80;

/// For how much there is room at each reading.
const CHUNK: usize = 8 * 1024;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A conversation in bytes over one connection. What the peer says and nobody reads yet is kept for the next reading.
#[derive(Debug)]
pub struct TcpSession {
    stream: Stream,
    came: BytesMut,
    closed: bool,
    host: Arc<str>,
    peer: SocketAddr,
    certificate: Option<Arc<Certificate>>,
}

impl TcpSession {
    /// Connects to `address`; TLS is checked against the target's host, wherever the address leads. Gives the parts
    /// `connect` and `tls`.
    ///
    /// # Errors
    /// As the connection fails.
    pub async fn open(
        address: SocketAddr,
        target: &TcpTarget,
        tls: bool,
        trust: &Trust,
        timeouts: &Timeouts,
    ) -> Result<(Self, Parts), ProbeError> {
        let mut opening = Opening::begin(address);
        let config = tls.then(|| trust.config());
        let opened = Stream::open(&target.host, address, None, config, timeouts, &mut opening.parts).await;
        opening.end(opened.map(|stream| {
            let (came, certificate) = (BytesMut::new(), stream.certificate());
            let host = Arc::clone(&target.host);
            Self { stream, came, closed: false, host, peer: address, certificate }
        }))
    }

    /// The peer that is connected.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The certificate that the peer has shown; `None` without TLS.
    pub const fn certificate(&self) -> Option<&Arc<Certificate>> {
        self.certificate.as_ref()
    }

    /// Whether the peer has closed the connection, as far as it was read.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Sends all of `bytes` within `limit`. Cancelled or failed, some of it may have been sent: the session is of no
    /// more use then.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when the peer does not take it in time; `Reset` when it is gone.
    pub async fn send(&mut self, bytes: &[u8], limit: Duration) -> Result<(), ProbeError> {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match timeout(limit, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => {
                let words = format!("the peer has not taken {} bytes within {limit:?}", bytes.len());
                Err(self.failed(FailureKind::Timeout, &words))
            }
        }
    }

    /// Reads what `until` says: its first byte is waited for as long as a `wait` may take, the rest as long as a
    /// `transfer`. Cancelled or late, nothing of what came is lost.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when it does not come in time; `Reset` when the peer closes the connection
    /// before; `Protocol` when it is longer than [`MOST`].
    pub async fn read(&mut self, until: &Until, timeouts: &Timeouts) -> Result<Heard, ProbeError> {
        let asked = Instant::now();
        let mut first = (!self.came.is_empty()).then_some(asked);
        let mut seen = 0;
        loop {
            if let Some(bytes) = until.take(&mut self.came, seen, self.closed) {
                let first = first.unwrap_or_else(Instant::now);
                return Ok(Heard { bytes, wait: first - asked, transfer: first.elapsed() });
            }
            if self.closed {
                let words = format!("the peer closed the connection before {until}{}", self.said());
                return Err(self.failed(FailureKind::Reset, &words));
            }
            if self.came.len() >= MOST {
                let words = format!("the peer has said {MOST} bytes, and {until} was not among them");
                return Err(self.failed(FailureKind::Protocol, &words));
            }
            seen = self.came.len();
            let (since, limit) = match first {
                Some(first) => (first, timeouts.transfer),
                None => (asked, timeouts.wait),
            };
            // Looked at each time: a timeout by itself says nothing while there is always another byte.
            let late = || {
                let words = format!("connected, but {until} did not come within {limit:?}{}", self.said());
                self.failed(FailureKind::Timeout, &words)
            };
            let left = limit.checked_sub(since.elapsed()).ok_or_else(late)?;
            self.came.reserve(CHUNK);
            let Ok(read) = timeout(left, self.stream.read_buf(&mut self.came)).await else { continue };
            match read {
                Ok(0) => self.closed = true,
                Ok(_) => drop(first.get_or_insert_with(Instant::now)),
                // A peer of TLS that hangs up without a farewell has said all that it had to say, and that is told.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.closed = true,
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    /// Ends the connection.
    pub async fn close(mut self) {
        // Whether the peer hears it is its own affair: the conversation is over either way.
        drop(timeout(FAREWELL, self.stream.shutdown()).await);
    }

    /// The beginning of what the peer said, in words.
    fn said(&self) -> String {
        if self.came.is_empty() {
            return String::new();
        }
        let text = String::from_utf8_lossy(&self.came);
        let more = if text.chars().nth(REPEATED).is_some() { "..." } else { "" };
        let beginning: String = text.chars().take(REPEATED).collect();
        format!("; it said {beginning:?}{more}")
    }

    fn broken(&self, error: &io::Error) -> ProbeError {
        let (fault, words) = failure(error, self.peer);
        self.error(fault, &words)
    }

    fn failed(&self, kind: FailureKind, words: &str) -> ProbeError {
        self.error(Fault::Failed(kind), words)
    }

    fn error(&self, fault: Fault, words: &str) -> ProbeError {
        let Self { host, peer, .. } = self;
        ProbeError::new(fault, format!("{host} ({peer}): {words}")).at(*peer)
    }
}
