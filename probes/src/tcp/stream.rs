//! A connection: plain, or with TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use cutover::Parts;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{dial, secure};
use crate::{Certificate, ProbeError, Timeouts};

/// A connection: plain, or with TLS. What is rare is boxed: a session without it stays small.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects to `address`, from `source` if there is one, and shakes hands where there is a `config` for it.
    pub(crate) async fn open(
        host: &str,
        address: SocketAddr,
        source: Option<IpAddr>,
        config: Option<&Arc<ClientConfig>>,
        timeouts: &Timeouts,
        parts: &mut Parts,
    ) -> Result<Self, ProbeError> {
        let plain = dial(host, address, source, timeouts, parts).await?;
        let Some(config) = config else { return Ok(Self::Plain(plain)) };
        Ok(Self::Tls(Box::new(secure(host, plain, address, config, timeouts, parts).await?)))
    }

    /// The certificate that the peer has shown; `None` without TLS.
    pub(crate) fn certificate(&self) -> Option<Arc<Certificate>> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => {
                let chain = stream.get_ref().1.peer_certificates()?;
                Certificate::read(chain.first()?).map(Arc::new)
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
