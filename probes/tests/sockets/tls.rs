//! The HTTP client over TLS: certificates, names, HTTP/2, and handshakes that fail.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use crate::support::{Ca, NEW, Task, aim, knows, listen, mute, public_trust, short};
use ::http::{Method, Version};
use bytes::Bytes;
use cutover::{FailureKind, Reached, Route};
use probes::{Fault, HttpRequest, HttpResponse, HttpSession, ProbeError, Timeouts, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

fn get(at: SocketAddr) -> HttpRequest {
    HttpRequest::new(Method::GET, format!("https://api.acme.example:{}/", at.port()).parse().unwrap())
}

async fn ask(at: SocketAddr, trust: &Trust, timeouts: Timeouts) -> Result<HttpResponse, ProbeError> {
    let (silent, _socket) = mute().await;
    HttpSession::new(aim(Route::New, silent), trust, timeouts, "serin/test").unwrap().send(get(at)).await
}

/// A server that shakes hands, if it can, and answers one request over HTTP/1.1.
async fn serve(acceptor: TlsAcceptor) -> (SocketAddr, Task) {
    listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let name = stream.get_ref().1.server_name().unwrap_or("none").to_owned();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            let request = String::from_utf8(request).unwrap();
            let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
            let body = format!("{name} {host}");
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            std::future::pending::<()>().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_pinned_route_changes_the_address_and_nothing_else() {
    let ca = Ca::new();
    let (at, _server) = serve(ca.server("api.acme.example", 2100, &[])).await;
    let response = ask(at, &ca.trust(), Timeouts::default()).await.unwrap();
    assert_eq!(response.body, format!("api.acme.example api.acme.example:{}", at.port()));
    assert_eq!((response.peer, response.reached), (at, Reached::New));
    let parts = response.parts;
    assert!(parts.resolve.is_none() && parts.connect.is_some() && parts.tls.is_some(), "{parts:?}");
    assert!(parts.tls > parts.connect, "a handshake on loopback takes longer than a connection: {parts:?}");
    assert!(parts.connect.unwrap() + parts.tls.unwrap() + parts.wait.unwrap() < parts.total);
}

#[tokio::test]
async fn every_session_shakes_hands_in_full_as_a_fresh_user() {
    let ca = Ca::new();
    let (at, _server) = serve(ca.server("api.acme.example", 2100, &[])).await;
    let trust = ca.trust();
    for _ in 0..2 {
        assert!(ask(at, &trust, Timeouts::default()).await.unwrap().parts.tls.is_some());
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_acceptable_says_why() {
    let ca = Ca::new();
    for (name, year, trust, words) in [
        ("api.acme.example", 2100, public_trust(), "which is not trusted here"),
        (
            "api.other.example",
            2100,
            ca.trust(),
            "its certificate is for api.other.example, not for api.acme.example",
        ),
        ("api.acme.example", 2021, ca.trust(), "its certificate expired"),
    ] {
        let (at, _server) = serve(ca.server(name, year, &[])).await;
        let error = ask(at, &trust, Timeouts::default()).await.unwrap_err();
        assert_eq!(error.fault, Fault::Failed(FailureKind::Tls), "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(error.message.contains(&at.to_string()), "{error}");
        assert_eq!(error.peer, Some(at));
        assert!(error.parts.connect.is_some() && error.parts.tls.is_none());
    }
}

#[tokio::test]
async fn a_handshake_that_never_comes() {
    let (at, _server) = listen(NEW, |stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let error = ask(at, &public_trust(), short()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Timeout));
    assert!(error.message.contains("connected, but no TLS handshake within 400ms"), "{error}");
}

#[tokio::test]
async fn a_handshake_that_is_cut_and_a_port_without_tls() {
    let (at, _server) = listen(NEW, |mut stream: TcpStream| async move {
        drop(stream.read(&mut [0; 64]).await);
    })
    .await;
    let error = ask(at, &public_trust(), short()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Reset), "{error}");
    assert!(error.message.contains("during the TLS handshake"), "{error}");

    let (at, _server) = listen(NEW, |mut stream: TcpStream| async move {
        drop(stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await);
        drop(stream.read(&mut [0; 4096]).await);
    })
    .await;
    let error = ask(at, &public_trust(), short()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Tls), "{error}");
    assert!(error.message.contains("does not speak TLS"), "{error}");
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_does() {
    let ca = Ca::new();
    let acceptor = ca.server("api.acme.example", 2100, &[b"h2"]);
    let authorities = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&authorities);
    let (at, _server) = listen(NEW, move |stream| {
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
        async move {
            let mut connection = h2::server::handshake(acceptor.accept(stream).await.unwrap()).await.unwrap();
            while let Some(Ok((request, mut answer))) = connection.accept().await {
                seen.lock().unwrap().push(request.uri().authority().unwrap().to_string());
                let mut body = answer.send_response(http::Response::new(()), false).unwrap();
                body.send_data(Bytes::from_static(b"two"), true).unwrap();
            }
        }
    })
    .await;
    let (resolver, _dns) = knows(NEW).await;
    let timeouts = Timeouts::default();
    let mut session = HttpSession::new(aim(Route::Live, resolver), &ca.trust(), timeouts, "x").unwrap();
    let first = session.send(get(at)).await.unwrap();
    assert_eq!((first.version, &first.body[..], first.peer), (Version::HTTP_2, &b"two"[..], at));
    assert!(first.parts.resolve.is_some() && first.parts.tls.is_some());
    let second = session.send(get(at)).await.unwrap();
    assert!(second.parts.tls.is_none(), "the connection is used again");
    assert_eq!(
        authorities.lock().unwrap()[..],
        [format!("api.acme.example:{}", at.port()), format!("api.acme.example:{}", at.port())]
    );
}

#[tokio::test]
async fn an_http_2_connection_that_breaks() {
    let ca = Ca::new();
    let acceptor = ca.server("api.acme.example", 2100, &[b"h2"]);
    let (cut_at, _cut) = listen(NEW, {
        let acceptor = acceptor.clone();
        move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut connection =
                    h2::server::handshake(acceptor.accept(stream).await.unwrap()).await.unwrap();
                drop(connection.accept().await);
            }
        }
    })
    .await;
    let error = ask(cut_at, &ca.trust(), short()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Reset), "{error}");

    let (refusing_at, _refusing) = listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut connection = h2::server::handshake(acceptor.accept(stream).await.unwrap()).await.unwrap();
            while let Some(Ok((_, mut answer))) = connection.accept().await {
                answer.send_reset(h2::Reason::INTERNAL_ERROR);
            }
        }
    })
    .await;
    let error = ask(refusing_at, &ca.trust(), short()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Protocol), "{error}");
}
