use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use rumqttc::mqttbytes::{self, v4::Packet};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::ended::Ended;

/// The largest packet that is taken from a client, in bytes after the fixed header.
pub(super) const MAX_PACKET: usize = 256 * 1024;
/// While more than this waits to be written, no further message is taken from the queue.
const WRITE_ENOUGH: usize = 16 * 1024;
/// While more than this waits to be written, nothing is read: who does not take answers shall not ask. Far above
/// one message, so that a client that is only busy with a large one is still heard.
const WRITE_TOO_MUCH: usize = 2 * MAX_PACKET;
/// How much is read at once.
const CHUNK: usize = 4 * 1024;
/// How long a connection that ends may take to fetch what is left for it.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Packets over a byte stream, both ways at once.
///
/// An idle connection holds no buffer: bytes are read onto the stack, and both buffers are given back when empty.
#[derive(Debug)]
pub(super) struct Frames<S> {
    stream: S,
    inbox: BytesMut,
    outbox: BytesMut,
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Frames<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, inbox: BytesMut::new(), outbox: BytesMut::new(), unflushed: false }
    }

    /// The next packet; meanwhile writes what waits. Nothing is lost when it is dropped before it is done.
    pub(super) async fn read(&mut self) -> Result<Packet, Ended> {
        poll_fn(|cx| self.poll_read(cx)).await
    }

    /// Puts a packet behind what waits to be written. `read` writes it.
    pub(super) fn put(&mut self, packet: &Packet) -> Result<(), Ended> {
        packet.write(&mut self.outbox, usize::MAX)?;
        Ok(())
    }

    /// Is there room for a further message?
    pub(super) fn has_room(&self) -> bool {
        self.outbox.len() < WRITE_ENOUGH
    }

    /// Writes what waits and closes the stream, but does not wait long for it: the connection is over anyhow.
    pub(super) async fn close(&mut self) {
        let closing = async {
            poll_fn(|cx| self.poll_write(cx)).await?;
            self.stream.shutdown().await
        };
        let _: Result<io::Result<()>, _> = timeout(CLOSE_TIMEOUT, closing).await;
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Packet, Ended>> {
        loop {
            if let Poll::Ready(Err(broken)) = self.poll_write(cx) {
                return Poll::Ready(Err(broken.into()));
            }
            if self.outbox.len() > WRITE_TOO_MUCH {
                return Poll::Pending;
            }
            if let Some(packet) = self.decode()? {
                return Poll::Ready(Ok(packet));
            }
            ready!(self.poll_fill(cx))?;
        }
    }

    fn decode(&mut self) -> Result<Option<Packet>, Ended> {
        if self.inbox.first().is_some_and(|byte| !valid_flags(*byte)) {
            return Err(Ended::Violation("reserved flags of a fixed header are set (§2.2.2)"));
        }
        let packet = match Packet::read(&mut self.inbox, MAX_PACKET) {
            Ok(packet) => packet,
            Err(mqttbytes::Error::InsufficientBytes(_)) => return Ok(None),
            Err(malformed) => return Err(malformed.into()),
        };
        if self.inbox.is_empty() {
            self.inbox = BytesMut::new();
        }
        Ok(Some(packet))
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        let mut chunk = [const { MaybeUninit::uninit() }; CHUNK];
        let mut chunk = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk))?;
        if chunk.filled().is_empty() {
            return Poll::Ready(Err(Ended::Closed));
        }
        self.inbox.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outbox.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.outbox))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
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
}

/// The lower four bits belong to PUBLISH alone; everyone else's are fixed (§2.2.2). The codec does not look.
fn valid_flags(byte: u8) -> bool {
    const PUBLISH: u8 = 3;
    const PUBREL: u8 = 6;
    const SUBSCRIBE: u8 = 8;
    const UNSUBSCRIBE: u8 = 10;
    match byte >> 4 {
        PUBLISH => true,
        PUBREL | SUBSCRIBE | UNSUBSCRIBE => byte & 0x0f == 2,
        _ => byte & 0x0f == 0,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use rumqttc::mqttbytes::{QoS, v4::Publish};
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn a_packet_that_comes_byte_by_byte_is_read_and_no_buffer_stays() {
        let (near, mut far) = tokio::io::duplex(1);
        let mut frames = Frames::new(near);
        let sent = Packet::Publish(Publish::new("a/b", QoS::AtMostOnce, vec![1; 10_000]));
        let mut wire = BytesMut::new();
        sent.write(&mut wire, usize::MAX).unwrap();
        let (read, written) = tokio::join!(frames.read(), far.write_all(&wire));
        written.unwrap();
        assert_eq!(read.unwrap(), sent);
        assert_eq!((frames.inbox.capacity(), frames.outbox.capacity()), (0, 0));
    }

    #[tokio::test]
    async fn it_writes_while_it_waits_for_a_packet() {
        let (near, mut far) = tokio::io::duplex(1);
        let mut frames = Frames::new(near);
        frames.put(&Packet::PingResp).unwrap();
        let mut answer = [0; 2];
        tokio::select! {
            read = frames.read() => assert!(read.is_err(), "nothing was sent"),
            answered = far.read_exact(&mut answer) => assert_eq!(answered.unwrap(), 2),
        }
        assert_eq!(answer, [0xd0, 0]);
    }

    #[test]
    fn flags_are_looked_at() {
        assert!([0x10, 0x3f, 0x62, 0x82, 0xa2, 0xc0, 0xe0].into_iter().all(valid_flags));
        assert!(![0x11, 0x60, 0x80, 0x83, 0xa0, 0xc1, 0xe8].into_iter().any(valid_flags));
    }
}
