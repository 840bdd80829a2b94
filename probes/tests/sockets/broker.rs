//! A scripted MQTT broker on rumqttc's codec.

use std::net::SocketAddr;

use bytes::BytesMut;
use rumqttc::mqttbytes::Error;
use rumqttc::mqttbytes::v4::{ConnAck, ConnectReturnCode, Packet, SubAck, SubscribeReasonCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use tokio_rustls::TlsAcceptor;

use crate::support::{NEW, Task, listen};

/// The broker's end of a connection.
pub(crate) struct Peer<S> {
    pub(crate) stream: S,
    inbox: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, inbox: BytesMut::new() }
    }

    /// The next packet; `None` when the client is gone.
    pub(crate) async fn hear(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.inbox, 1 << 20) {
                Err(Error::InsufficientBytes(_)) => {}
                packet => return Some(packet.unwrap()),
            }
            if self.stream.read_buf(&mut self.inbox).await.ok()? == 0 {
                return None;
            }
        }
    }

    pub(crate) async fn say(&mut self, packet: Packet) {
        let mut wire = BytesMut::new();
        packet.write(&mut wire, 1 << 20).unwrap();
        drop(self.stream.write_all(&wire).await);
        drop(self.stream.flush().await);
    }

    /// Hears CONNECT and accepts it.
    pub(crate) async fn welcome(&mut self) -> Packet {
        let connect = self.hear().await.unwrap();
        self.say(Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, false))).await;
        connect
    }

    /// Hears SUBSCRIBE and answers it.
    pub(crate) async fn grant(&mut self, code: SubscribeReasonCode) {
        let Some(Packet::Subscribe(subscribe)) = self.hear().await else { return };
        self.say(Packet::SubAck(SubAck::new(subscribe.pkid, vec![code]))).await;
    }
}

/// A broker on the new side's address that treats each connection so.
pub(crate) async fn broker<F>(
    serve: impl Fn(Peer<tokio::net::TcpStream>) -> F + Send + 'static,
) -> (SocketAddr, Task)
where
    F: Future<Output = ()> + Send + 'static,
{
    listen(NEW, move |stream| serve(Peer::new(stream))).await
}

/// A broker on the new side's address that welcomes whoever gets through TLS, and hears it out.
pub(crate) async fn secure(acceptor: TlsAcceptor) -> (SocketAddr, Task) {
    listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let mut peer = Peer::new(stream);
            peer.welcome().await;
            while peer.hear().await.is_some() {}
        }
    })
    .await
}
