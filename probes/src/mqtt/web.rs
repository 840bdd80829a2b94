//! A WebSocket as a connection of bytes (MQTT 3.1.1 section 6).

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_util::{Sink, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::MqttTarget;
use crate::websocket::{self, Refusal, broken};
use crate::{Certificate, tcp};

/// The most that is put into one frame of ours.
const FRAME: usize = 16 * 1024;

/// How much is read at once; kept for as long as the socket is open.
const READ: usize = 1024;

/// A broker may put several packets into one frame: at least so much is accepted.
const MIN_FRAME: usize = 64 * 1024;

/// A WebSocket as a connection of bytes: where its messages begin and end means nothing (section 6).
#[derive(Debug)]
pub(super) struct Web {
    socket: WebSocketStream<tcp::Stream>,
    /// What of the last message is not read yet.
    rest: Bytes,
}

impl Web {
    /// Opens a WebSocket for `target` on `stream`. No message of the broker's may be much larger than `max_packet`.
    pub(super) async fn open(
        stream: tcp::Stream,
        target: &MqttTarget,
        max_packet: usize,
    ) -> Result<Self, Refusal> {
        // The connection is there, and its TLS is ours: of the scheme there is only to be had that it is a WebSocket's.
        let request = websocket::request(&target.to_string())?.with_sub_protocol("mqtt");
        let largest = max_packet.max(MIN_FRAME);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(0)
            .max_write_buffer_size(4 * FRAME)
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest));
        let (socket, _) = websocket::upgrade(stream, request, config).await?;
        Ok(Self { socket, rest: Bytes::new() })
    }

    /// The certificate that the peer has shown; `None` without TLS.
    pub(super) fn certificate(&self) -> Option<Arc<Certificate>> {
        self.socket.get_ref().certificate()
    }
}

impl AsyncRead for Web {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => self.rest = bytes,
                // Pings are answered by the socket itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    let error = "a WebSocket's frame of text, which is not for MQTT";
                    return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, error)));
                }
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Ok(())),
                Some(Err(error)) => return Poll::Ready(broken(error).map_or(Ok(()), Err)),
            }
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..length]);
        self.rest.advance(length);
        if self.rest.is_empty() {
            self.rest = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Web {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let end = |error| broken(error).unwrap_or_else(|| ErrorKind::BrokenPipe.into());
        ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(end)?;
        let length = bytes.len().min(FRAME);
        let frame = Message::Binary(Bytes::copy_from_slice(&bytes[..length]));
        Pin::new(&mut self.socket).start_send(frame).map_err(end)?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let end = |error| broken(error).unwrap_or_else(|| ErrorKind::BrokenPipe.into());
        Pin::new(&mut self.socket).poll_flush(cx).map_err(end)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = ready!(Pin::new(&mut self.socket).poll_close(cx));
        Poll::Ready(closed.or_else(|error| broken(error).map_or(Ok(()), Err)))
    }
}
