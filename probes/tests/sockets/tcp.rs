//! Conversations in bytes, and peers that do not keep theirs.

use std::net::SocketAddr;
use std::time::Duration;

use cutover::FailureKind::{Protocol, Reset, Timeout, Tls};
use probes::tcp::Until;
use probes::{ProbeError, TcpSession, TcpTarget, Trust};
use regex::bytes::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Ca, NEW, Task, failed, listen, public_trust, short};

/// A peer that says these pieces, one after the other with a moment between them, and then stays or closes.
async fn says(pieces: &'static [&'static [u8]], stays: bool) -> (SocketAddr, Task) {
    listen(NEW, move |mut stream| async move {
        for piece in pieces {
            drop(stream.write_all(piece).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut heard = [0; 1024];
        while stays && stream.read(&mut heard).await.unwrap_or_default() > 0 {}
    })
    .await
}

fn target(at: SocketAddr) -> TcpTarget {
    TcpTarget { host: "cache.acme.example".into(), port: at.port() }
}

async fn open(at: SocketAddr) -> TcpSession {
    TcpSession::open(at, &target(at), false, &public_trust(), &short()).await.unwrap().0
}

async fn read(session: &mut TcpSession, until: &Until) -> String {
    let heard = session.read(until, &short()).await.unwrap();
    String::from_utf8(heard.bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn what_is_read_is_what_was_asked_for_and_the_rest_stays() {
    let (at, _peer) = says(&[b"VALUE a 0 5\r", b"\nhel", b"lo\r\nEND\r\nbye"], false).await;
    let mut session = open(at).await;
    assert_eq!(read(&mut session, &Until::Line).await, "VALUE a 0 5");
    assert_eq!(read(&mut session, &Until::Bytes(5)).await, "hello");
    let end = Until::Match(Regex::new(r"END\r\n").unwrap());
    assert_eq!(read(&mut session, &end).await, "\r\nEND\r\n");
    assert!(!session.is_closed());
    assert_eq!(read(&mut session, &Until::Close).await, "bye");
    assert!(session.is_closed());
}

#[tokio::test]
async fn what_is_sent_arrives() {
    let (at, _peer) = listen(NEW, |mut stream| async move {
        let (mut reader, mut writer) = stream.split();
        drop(tokio::io::copy(&mut reader, &mut writer).await);
    })
    .await;
    let mut session = open(at).await;
    let (sent, received) = (vec![b'x'; 300_000], Until::Bytes(300_000));
    session.send(&sent, short().transfer).await.unwrap();
    let heard = session.read(&received, &short()).await.unwrap();
    assert_eq!(heard.bytes, sent);
    session.close().await;
}

async fn failure(session: &mut TcpSession, until: &Until) -> ProbeError {
    session.read(until, &short()).await.unwrap_err()
}

#[tokio::test]
async fn a_peer_that_does_not_say_it_all_fails_in_its_own_way() {
    let (at, _peer) = says(&[b"220 mail"], true).await;
    let error = failure(&mut open(at).await, &Until::Line).await;
    failed(&error, Timeout, "a whole line did not come within 400ms; it said \"220 mail\"");
    assert_eq!(error.peer, Some(at));

    let (at, _peer) = says(&[], true).await;
    failed(
        &failure(&mut open(at).await, &Until::Bytes(1)).await,
        Timeout,
        "a byte did not come within 400ms",
    );

    let (at, _peer) = says(&[b"EN"], false).await;
    let end = Until::Match(Regex::new("END").unwrap());
    let error = failure(&mut open(at).await, &end).await;
    failed(&error, Reset, "closed the connection before what matches /END/; it said \"EN\"");
}

#[tokio::test]
async fn a_late_reading_loses_nothing() {
    let (at, _peer) = listen(NEW, |mut stream| async move {
        stream.write_all(b"first ").await.unwrap();
        let mut heard = [0; 1];
        stream.read_exact(&mut heard).await.unwrap();
        stream.write_all(b"second\n").await.unwrap();
        drop(stream.read(&mut heard).await);
    })
    .await;
    let mut session = open(at).await;
    failed(&failure(&mut session, &Until::Line).await, Timeout, "a whole line");
    session.send(b"!", short().transfer).await.unwrap();
    assert_eq!(read(&mut session, &Until::Line).await, "first second");
}

#[tokio::test]
async fn a_peer_that_never_ends_is_stopped() {
    let (at, _peer) =
        listen(NEW, |mut stream| async move { while stream.write_all(&[b'x'; 64 * 1024]).await.is_ok() {} })
            .await;
    let long = probes::Timeouts::default();
    for until in [Until::Line, Until::Close, Until::Match(Regex::new("END").unwrap())] {
        let error = open(at).await.read(&until, &long).await.unwrap_err();
        failed(&error, Protocol, "the peer has said 1048576 bytes, and");
    }
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_not_waited_for() {
    let (at, _peer) = listen(NEW, |stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let mut session = open(at).await;
    let error = session.send(&vec![0; 64 << 20], short().transfer).await.unwrap_err();
    failed(&error, Timeout, "the peer has not taken 67108864 bytes within 400ms");
}

#[tokio::test]
async fn tls_is_checked_against_the_host() {
    let ca = Ca::new();
    let acceptor = ca.server("cache.acme.example", 2100, &[]);
    let (at, _peer) = listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            // Without TLS's own farewell, as many servers end.
            drop(stream.write_all(b"220 ready\r\nmore").await);
            drop(stream.flush().await);
        }
    })
    .await;
    let connect = async |trust: Trust, host: &str| {
        let target = TcpTarget { host: host.into(), port: at.port() };
        TcpSession::open(at, &target, true, &trust, &short()).await
    };
    let (mut session, parts) = connect(ca.trust(), "cache.acme.example").await.unwrap();
    assert!(parts.connect.is_some() && parts.tls.is_some());
    let certificate = session.certificate().unwrap();
    assert_eq!(certificate.names, ["cache.acme.example"]);
    assert_eq!(read(&mut session, &Until::Line).await, "220 ready");
    assert_eq!(read(&mut session, &Until::Close).await, "more");

    let error = connect(ca.trust(), "other.acme.example").await.unwrap_err();
    failed(&error, Tls, "its certificate is for ");
    failed(&connect(public_trust(), "cache.acme.example").await.unwrap_err(), Tls, "is not trusted here");
}
