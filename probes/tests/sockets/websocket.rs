//! Messages over WebSockets, and peers that misbehave on them.

use std::net::SocketAddr;

use bytes::Bytes;
use cutover::FailureKind::{self, Protocol, Reset, Status, Timeout};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderValue};
use probes::{ProbeError, Trust, WebSocketSession, WebSocketTarget};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::support::{Ca, NEW, Task, failed, listen, public_trust, short};

/// The server's end.
async fn accepted<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> WebSocketStream<S> {
    #[expect(clippy::result_large_err, reason = "the library's signature")]
    let agree = |request: &Request, mut response: Response| {
        assert_eq!(request.uri(), "/live?v=1");
        assert_eq!(request.headers()["authorization"], "Bearer x");
        assert_eq!(request.headers().get_all("host").iter().count(), 1);
        response.headers_mut().insert("x-served-by", HeaderValue::from_static("new"));
        Ok(response)
    };
    tokio_tungstenite::accept_hdr_async(stream, agree).await.unwrap()
}

/// A peer that says these frames when it is spoken to, and then repeats what it hears.
async fn says(frames: Vec<Message>) -> (SocketAddr, Task) {
    listen(NEW, move |stream| converse(stream, frames.clone())).await
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(stream: S, frames: Vec<Message>) {
    let mut socket = accepted(stream).await;
    for frame in frames {
        drop(socket.send(frame).await);
    }
    while let Some(Ok(message)) = socket.next().await {
        let answer = match message {
            Message::Text(text) => Message::text(format!("heard {text}")),
            Message::Pong(told) => Message::Binary(told),
            _ => continue,
        };
        drop(socket.send(answer).await);
    }
}

async fn connect(at: SocketAddr, scheme: &str, trust: &Trust) -> Result<WebSocketSession, ProbeError> {
    let target: WebSocketTarget =
        format!("{scheme}://live.acme.example:{}/live?v=1", at.port()).parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer x"));
    WebSocketSession::open(at, &target, &headers, trust, &short()).await.map(|(session, parts)| {
        assert!(parts.connect.is_some() && parts.wait.is_some());
        session
    })
}

async fn open(at: SocketAddr) -> WebSocketSession {
    connect(at, "ws", &public_trust()).await.unwrap()
}

#[tokio::test]
async fn messages_go_both_ways_and_pings_are_answered() {
    let (at, _peer) = says(vec![Message::text("welcome"), Message::Ping(Bytes::from("there?"))]).await;
    let mut session = open(at).await;
    assert_eq!(session.headers()["x-served-by"], "new");
    assert_eq!(session.next().await.unwrap(), "welcome");
    session.send("hello".to_owned(), short().transfer).await.unwrap();
    let mut heard = vec![session.next().await.unwrap(), session.next().await.unwrap()];
    heard.sort();
    assert_eq!(heard, ["heard hello", "there?"]);
    session.close().await;
}

#[tokio::test]
async fn over_tls_too() {
    let ca = Ca::new();
    let acceptor = ca.server("live.acme.example", 2100, &[]);
    let (at, _peer) = listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move { converse(acceptor.accept(stream).await.unwrap(), vec![]).await }
    })
    .await;
    let mut session = connect(at, "wss", &ca.trust()).await.unwrap();
    assert_eq!(session.certificate().unwrap().names, ["live.acme.example"]);
    session.send("hello".to_owned(), short().transfer).await.unwrap();
    assert_eq!(session.next().await.unwrap(), "heard hello");
}

#[tokio::test]
async fn a_peer_that_closes_says_why() {
    let close = |code: u16, reason: &'static str| {
        Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))
    };
    let cases: [(Message, FailureKind, &str); 5] = [
        (
            close(1011, "no database"),
            Status,
            "closed the WebSocket: 1011, an internal error: \"no database\"",
        ),
        (close(1001, ""), Reset, "closed the WebSocket: 1001, it is going away"),
        (close(1002, ""), Protocol, "closed the WebSocket: 1002, a protocol error"),
        (Message::Close(None), Reset, "did not say why"),
        (Message::Binary(vec![0; 2 << 20].into()), Protocol, "too long"),
    ];
    for (frame, kind, words) in cases {
        let (at, _peer) = says(vec![frame]).await;
        failed(&open(at).await.next().await.unwrap_err(), kind, words);
    }
}

#[tokio::test]
async fn a_peer_that_hangs_up_or_talks_nonsense_is_told_apart() {
    let (at, _peer) = listen(NEW, |stream| async move { drop(accepted(stream).await) }).await;
    failed(&open(at).await.next().await.unwrap_err(), Reset, "the peer closed the connection");

    let (at, _peer) = listen(NEW, |stream| async move {
        let mut socket = accepted(stream).await;
        // A frame of text that is no UTF-8.
        drop(socket.get_mut().write_all(&[0x81, 0x02, 0xff, 0xfe]).await);
        drop(socket.next().await);
    })
    .await;
    failed(&open(at).await.next().await.unwrap_err(), Protocol, "UTF-8");
}

#[tokio::test]
async fn peers_that_open_none() {
    let refusal = async |answer: &'static [u8]| {
        let (at, _peer) = listen(NEW, move |mut stream| async move {
            let mut heard = [0; 4096];
            drop(stream.read(&mut heard).await);
            drop(stream.write_all(answer).await);
            while stream.read(&mut heard).await.unwrap_or_default() > 0 {}
        })
        .await;
        connect(at, "ws", &public_trust()).await.unwrap_err()
    };
    let unwilling = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
    failed(&refusal(unwilling).await, Status, "refused the WebSocket with 401");
    failed(&refusal(b"").await, Timeout, "no WebSocket within 400ms");
    failed(&refusal(b"220 mail ESMTP\r\n\r\n").await, Protocol, "opened no WebSocket");
}
