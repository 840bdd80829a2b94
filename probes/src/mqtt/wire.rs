//! Packets over a connection: nothing is half written when a caller loses interest, nothing is kept when idle.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::MqttVersion;
use super::codec::Packet;
use super::inbox::Inbox;
use super::stream::Stream;
use crate::Certificate;

/// How much is read at once; on the stack, while polling only.
const SCRATCH: usize = 2048;

/// With so much waiting to be written, nothing more is read: a peer that only talks cannot make us hoard answers.
const MAX_UNWRITTEN: usize = 64 * 1024;

/// Packets over a connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    inbox: Inbox,
    outbox: BytesMut,
    /// TLS keeps what is written until it is flushed.
    unflushed: bool,
}

/// Why no packet came.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What came is no packet.
    #[error("{0}")]
    Garbage(String),
    /// The peer ended the connection between two packets.
    #[error("closed")]
    Closed,
}

impl Wire {
    pub(super) fn new(stream: Stream, version: MqttVersion, max_packet: usize) -> Self {
        let inbox = Inbox::new(version, max_packet);
        Self { stream, inbox, outbox: BytesMut::new(), unflushed: false }
    }

    /// The certificate that the peer has shown; `None` without TLS.
    pub(super) fn certificate(&self) -> Option<Arc<Certificate>> {
        self.stream.certificate()
    }

    /// Which version is spoken.
    pub(super) const fn version(&self) -> MqttVersion {
        self.inbox.version()
    }

    /// Where a packet is put in line. It goes out with the next poll, whoever polls.
    pub(super) const fn line(&mut self) -> &mut BytesMut {
        &mut self.outbox
    }

    /// Writes what is in line.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outbox.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.outbox))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            self.outbox.advance(written);
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
            self.outbox = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }

    /// The next packet. Writes what is in line meanwhile.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Packet, WireError>> {
        loop {
            let writing = self.poll_flush(cx);
            if let Some(packet) = self.inbox.take().map_err(WireError::Garbage)? {
                return Poll::Ready(Ok(packet));
            }
            if writing.is_pending() && self.outbox.len() > MAX_UNWRITTEN {
                return Poll::Pending;
            }
            let mut scratch = [0; SCRATCH];
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(read) => read?,
                // What a peer said before it hung up is heard first: it may say why.
                Poll::Pending => {
                    return match writing {
                        Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
                        _ => Poll::Pending,
                    };
                }
            }
            match buffer.filled() {
                [] if self.inbox.is_empty() => return Poll::Ready(Err(WireError::Closed)),
                [] => return Poll::Ready(Err(WireError::Io(io::ErrorKind::UnexpectedEof.into()))),
                bytes => self.inbox.push(bytes),
            }
        }
    }

    /// Ends our half of the connection, after all in line is written.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
