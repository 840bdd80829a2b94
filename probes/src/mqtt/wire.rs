//! Packets over a connection: nothing is half written when a caller loses interest, nothing is kept when idle.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use rumqttc::mqttbytes::Error as CodecError;
use rumqttc::mqttbytes::v4::Packet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::stream::Stream;

/// How much is read at once; on the stack, while polling only.
const SCRATCH: usize = 2048;

/// With so much waiting to be written, nothing more is read: a peer that only talks cannot make us hoard answers.
const MAX_UNWRITTEN: usize = 64 * 1024;

/// The largest packet that MQTT can say (section 2.2.3).
const MAX_MQTT_PACKET: usize = 268_435_455;

/// Packets over a connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    inbox: BytesMut,
    outbox: BytesMut,
    /// TLS keeps what is written until it is flushed.
    unflushed: bool,
    max_packet: usize,
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
    pub(super) fn new(stream: Stream, max_packet: usize) -> Self {
        Self { stream, inbox: BytesMut::new(), outbox: BytesMut::new(), unflushed: false, max_packet }
    }

    /// Puts a packet in line. It goes out with the next poll, whoever polls.
    pub(super) fn enqueue(&mut self, packet: &Packet) -> Result<(), WireError> {
        let whole = self.outbox.len();
        packet.write(&mut self.outbox, MAX_MQTT_PACKET).map(drop).map_err(|error| {
            // The codec leaves what it had written when it fails.
            self.outbox.truncate(whole);
            WireError::Garbage(error.to_string())
        })
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
            let writing = self.poll_flush(cx)?;
            if let Some(packet) = self.take()? {
                return Poll::Ready(Ok(packet));
            }
            if writing.is_pending() && self.outbox.len() > MAX_UNWRITTEN {
                return Poll::Pending;
            }
            let mut scratch = [0; SCRATCH];
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            match buffer.filled() {
                [] if self.inbox.is_empty() => return Poll::Ready(Err(WireError::Closed)),
                [] => return Poll::Ready(Err(WireError::Io(io::ErrorKind::UnexpectedEof.into()))),
                bytes => self.inbox.extend_from_slice(bytes),
            }
        }
    }

    /// Ends our half of the connection, after all in line is written.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    /// A whole packet, if one has come.
    fn take(&mut self) -> Result<Option<Packet>, WireError> {
        // Said at once, and not after waiting for a length that another protocol's bytes seem to announce.
        if let Some(first) = self.inbox.first()
            && !is_brokers(*first)
        {
            return Err(WireError::Garbage(format!(
                "it sent what no broker sends (the packet begins with {first:#04x})"
            )));
        }
        match Packet::read(&mut self.inbox, self.max_packet) {
            Ok(packet) => {
                if self.inbox.is_empty() {
                    self.inbox = BytesMut::new();
                }
                Ok(Some(packet))
            }
            Err(CodecError::InsufficientBytes(_)) => Ok(None),
            Err(CodecError::PayloadSizeLimitExceeded(size)) => {
                let limit = self.max_packet;
                Err(WireError::Garbage(format!("it sent a packet of {size} bytes, and {limit} are accepted")))
            }
            Err(error) => Err(WireError::Garbage(format!("it sent what is no MQTT packet ({error})"))),
        }
    }
}

/// Whether a broker's packet may begin so: its type and the flags that this type prescribes (sections 2.2.1 and 2.2.2).
const fn is_brokers(first: u8) -> bool {
    // CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, PINGRESP
    matches!(first, 0x20 | 0x30..=0x3f | 0x40 | 0x50 | 0x62 | 0x70 | 0x90 | 0xb0 | 0xd0)
}
