//! MQTT over WebSockets, and peers that open none.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use cutover::FailureKind::{self, Protocol, Reset, Status, Timeout};
use futures_util::{SinkExt, StreamExt};
use probes::mqtt::{Event, Qos};
use probes::{MqttOptions, MqttSession, ProbeError, Trust};
use rumqttc::mqttbytes::v4::{Packet, PubAck};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

use crate::mqtt::{is, target};
use crate::support::{Ca, NEW, listen, public_trust, short};

/// The server's end, which has agreed to MQTT.
async fn upgraded<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> WebSocketStream<S> {
    #[expect(clippy::result_large_err, reason = "the library's signature")]
    let agree = |request: &Request, mut response: Response| {
        assert_eq!(request.uri(), "/mqtt?v=1");
        assert!(request.headers()["host"].to_str().unwrap().starts_with("mqtt.acme.example"));
        let asked = request.headers()["sec-websocket-protocol"].clone();
        assert_eq!(asked, "mqtt");
        response.headers_mut().insert("sec-websocket-protocol", asked);
        Ok(response)
    };
    tokio_tungstenite::accept_hdr_async(stream, agree).await.unwrap()
}

/// A broker behind a WebSocket: packets come and go in frames that care nothing for where they begin and end.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let mut socket = upgraded(stream).await;
    let mut inbox = BytesMut::new();
    while let Some(Ok(frame)) = socket.next().await {
        let Message::Binary(bytes) = frame else { continue };
        inbox.extend_from_slice(&bytes);
        while let Ok(packet) = Packet::read(&mut inbox, 1 << 20) {
            match packet {
                Packet::Connect(_) => {
                    for byte in [0x20, 2, 0, 0] {
                        socket.send(Message::Binary(Bytes::from(vec![byte]))).await.unwrap();
                    }
                    socket.send(Message::Ping(Bytes::from("still there?"))).await.unwrap();
                }
                Packet::Publish(publish) => {
                    let mut answers = BytesMut::new();
                    PubAck::new(publish.pkid).write(&mut answers).unwrap();
                    answers.extend_from_slice(&[0x30, 5, 0, 1, b't', b'h', b'i']);
                    assert_eq!(publish.payload.len(), 100_000);
                    socket.send(Message::Binary(answers.freeze())).await.unwrap();
                }
                Packet::Disconnect => return drop(socket.close(None).await),
                other => unreachable!("{other:?}"),
            }
        }
    }
}

async fn open(at: SocketAddr, scheme: &str, trust: &Trust) -> Result<MqttSession, ProbeError> {
    let target =
        format!("{}/mqtt?v=1", target(at, scheme).to_string().trim_end_matches('/')).parse().unwrap();
    let opened = MqttSession::open(at, &target, &MqttOptions::new("d"), trust, &short()).await;
    opened.map(|(session, _)| session)
}

async fn converse(mut session: MqttSession) {
    let payload = Bytes::from(vec![b'x'; 100_000]);
    let id = session.publish("t", payload, Qos::AtLeastOnce, false).await.unwrap().unwrap();
    assert_eq!(session.next().await.unwrap(), Event::Acknowledged(id));
    let Event::Message(message) = session.next().await.unwrap() else { unreachable!() };
    assert_eq!(message.payload, "hi");
    session.close().await;
}

#[tokio::test]
async fn a_session_over_a_web_socket() {
    let (at, _broker) = listen(NEW, serve).await;
    converse(open(at, "ws", &public_trust()).await.unwrap()).await;

    let ca = Ca::new();
    let acceptor = ca.server("mqtt.acme.example", 2100, &[]);
    let (at, _broker) = listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move { serve(acceptor.accept(stream).await.unwrap()).await }
    })
    .await;
    converse(open(at, "wss", &ca.trust()).await.unwrap()).await;
}

/// How opening fails at a peer that answers the request for a WebSocket so.
async fn refusal(answer: &'static [u8], stays: bool) -> ProbeError {
    let (at, _peer) = listen(NEW, move |mut stream| async move {
        let mut heard = [0; 4096];
        assert_ne!(stream.read(&mut heard).await.unwrap(), 0);
        stream.write_all(answer).await.unwrap();
        while stays && stream.read(&mut heard).await.unwrap_or_default() > 0 {}
    })
    .await;
    open(at, "ws", &public_trust()).await.unwrap_err()
}

#[tokio::test]
async fn peers_that_open_no_web_socket() {
    let unwilling = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    is(&refusal(unwilling, true).await, Status, "refused the WebSocket with 403");
    is(&refusal(b"", true).await, Timeout, "no WebSocket within 400ms");
    is(&refusal(b"", false).await, Protocol, "");
    is(&refusal(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", true).await, Protocol, "opened no WebSocket");
    let without = b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n";
    is(&refusal(without, true).await, Protocol, "opened no WebSocket");
}

/// How a session ends over a WebSocket on which the broker says these frames.
async fn end(frames: Vec<Message>) -> ProbeError {
    let (at, _broker) = listen(NEW, move |stream| {
        let frames = frames.clone();
        async move {
            let mut socket = upgraded(stream).await;
            for frame in frames {
                drop(socket.send(frame).await);
            }
        }
    })
    .await;
    match open(at, "ws", &public_trust()).await {
        Err(error) => error,
        Ok(mut session) => session.next().await.unwrap_err(),
    }
}

#[tokio::test]
async fn frames_that_are_not_mqtt() {
    let binary = |bytes: &[u8]| Message::Binary(Bytes::copy_from_slice(bytes));
    let accepted = binary(&[0x20, 2, 0, 0]);
    let cases: [(Vec<Message>, FailureKind, &str); 5] = [
        (vec![Message::text("hello")], Protocol, "frame of text"),
        (vec![binary(&[0xff; 9])], Protocol, "what no broker sends"),
        (vec![accepted.clone(), Message::Close(None)], Reset, "closed the connection"),
        (vec![accepted.clone()], Reset, "closed the connection"),
        (vec![accepted, binary(&vec![0x30; 300_000])], Protocol, "too long"),
    ];
    for (frames, kind, words) in cases {
        is(&end(frames).await, kind, words);
    }
}
