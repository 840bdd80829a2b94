//! Redirects, versions, certificates and cookies: what an HTTP request can ask for beside a page.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use cutover::{FailureKind, Reached, Route};
use probes::{Fault, HttpRequest, HttpSession, HttpVersion, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Ca, NEW, OLD, Task, aim, knows, listen, mute, public_trust, short};

/// What a server was asked: the method, the path, the headers, the body.
type Asked = Arc<Mutex<Vec<(Method, String, HeaderMap, String)>>>;

/// A server at `address` that keeps what it is asked: `/to?STATUS,URL` redirects, everything else is an answer.
async fn server(address: Ipv4Addr) -> (SocketAddr, Task, Asked) {
    let asked = Asked::default();
    let keep = Arc::clone(&asked);
    let handler = move |request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 65536).await.unwrap();
        let line = parts.uri.path_and_query().unwrap().to_string();
        let answer: Response = match line.strip_prefix("/to?").and_then(|to| to.split_once(',')) {
            Some((status, location)) => {
                let status = StatusCode::from_bytes(status.as_bytes()).unwrap();
                (status, [("location", location), ("set-cookie", "hop=1")], "moved").into_response()
            }
            None => "arrived".into_response(),
        };
        let body = String::from_utf8(body.to_vec()).unwrap();
        keep.lock().unwrap().push((parts.method, line, parts.headers, body));
        answer
    };
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let app = Router::new().fallback(any(handler));
    (at, Task::spawn(async move { axum::serve(listener, app).await.unwrap() }), asked)
}

fn post(at: SocketAddr, path: &str) -> HttpRequest {
    let url = format!("http://api.acme.example:{}{path}", at.port()).parse().unwrap();
    let mut request = HttpRequest::new(Method::POST, url);
    request.body = "{}".into();
    request.headers.insert("content-type", "application/json".parse().unwrap());
    request.headers.insert("x-app", "7".parse().unwrap());
    request.credentials = Some(("me".to_owned(), "pw".to_owned()));
    request.cookies = vec![("own".to_owned(), "2".to_owned())];
    request.redirects = 2;
    request
}

#[tokio::test]
async fn a_redirect_is_followed_along_the_aim_and_told() {
    let (old, _old, asked_old) = server(OLD).await;
    let (new, _new, asked_new) = server(NEW).await;
    // Only `api.acme.example` is pinned: another name is where the resolver says.
    let (resolver, _dns) = knows(NEW).await;
    let mut session = HttpSession::new(aim(Route::Old, resolver), &public_trust(), short(), "x").unwrap();
    let elsewhere = format!("http://elsewhere.example:{}/end", new.port());
    let answer = session.send(post(old, &format!("/to?307,/to?302,{elsewhere}"))).await.unwrap();
    assert_eq!((&answer.body[..], answer.url.as_str()), (&b"arrived"[..], elsewhere.as_str()));
    assert_eq!((answer.peer, answer.reached), (new, Reached::New));
    let hops: Vec<_> =
        answer.redirects.iter().map(|hop| (hop.status.as_u16(), hop.peer, hop.reached)).collect();
    assert_eq!(hops, [(307, old, Reached::Old), (302, old, Reached::Old)]);
    assert!(answer.redirects[1].url.path().starts_with("/to"));
    assert!(answer.redirects[0].parts.connect.is_some() && answer.redirects[1].parts.connect.is_none());
    assert!(answer.parts.total >= answer.redirects[0].parts.total + answer.redirects[1].parts.total);

    let asked = asked_old.lock().unwrap();
    let (method, _, headers, body) = &asked[1];
    assert_eq!((method, body.as_str()), (&Method::POST, "{}"), "307 asks the same again");
    assert!(headers.contains_key("authorization"));
    assert_eq!(headers["cookie"], "hop=1; own=2");
    let asked = asked_new.lock().unwrap();
    let (method, _, headers, body) = &asked[0];
    assert_eq!((method, body.as_str()), (&Method::GET, ""), "302 asks with GET instead of POST");
    for secret in ["authorization", "cookie", "content-type"] {
        assert!(!headers.contains_key(secret), "{secret} is told to another origin");
    }
    assert_eq!(headers["x-app"], "7");
    assert_eq!(headers["host"], format!("elsewhere.example:{}", new.port()));
}

#[tokio::test]
async fn where_redirects_end() {
    let (old, _old, _) = server(OLD).await;
    let (resolver, _dns) = knows(NEW).await;
    let mut session = HttpSession::new(aim(Route::Old, resolver), &public_trust(), short(), "x").unwrap();
    let host = format!("api.acme.example ({old})");
    for (path, words) in [
        (
            "/to?303,ftp://files.example/",
            "redirects to `ftp://files.example/`, which is no http or https URL",
        ),
        ("/to?303,http://[", "redirects to `http://[`, which is no URL"),
    ] {
        let error = session.send(post(old, path)).await.unwrap_err();
        assert_eq!(
            (error.fault, error.message),
            (Fault::Failed(FailureKind::Protocol), format!("{host}: {words}"))
        );
        assert_eq!(error.peer, Some(old));
    }
    let error = session.send(post(old, "/to?302,/to?302,/to?302,/to?302,/end")).await.unwrap_err();
    let to = format!("http://api.acme.example:{}/to?302,/end", old.port());
    assert_eq!(error.message, format!("{host}: redirects to `{to}` after 2 redirects: no more are followed"));
    // Where the way leads to nobody, the failure is of the last hop, and the time of all.
    let error = session.send(post(old, "/to?302,http://127.0.1.99:9/")).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Refused), "{error}");
    assert!(error.parts.wait.is_some(), "of the first hop");
}

#[tokio::test]
async fn a_connection_that_the_peer_has_closed_meanwhile_is_made_again() {
    let (at, _server) = listen(OLD, |mut stream| async move {
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    })
    .await;
    let (resolver, _dns) = knows(OLD).await;
    let mut session = HttpSession::new(aim(Route::Old, resolver), &public_trust(), short(), "x").unwrap();
    for _ in 0..20 {
        let mut request = post(at, "/");
        (request.method, request.body) = (Method::GET, bytes::Bytes::new());
        let answer = session.send(request).await.unwrap();
        assert!(answer.parts.connect.is_some());
        // The end of the connection is there before the next request is.
        tokio::task::yield_now().await;
    }
}

/// An HTTPS server that shows its certificate, and answers with the protocol that was agreed upon.
async fn secure(ca: &Ca, alpn: &[&[u8]]) -> (SocketAddr, Task) {
    let acceptor = ca.server("api.acme.example", 2100, alpn);
    listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((_, mut answer))) = connection.accept().await {
                    drop(answer.send_response(http::Response::new(()), true));
                }
                return;
            }
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                drop(stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await);
            }
        }
    })
    .await
}

fn get(at: SocketAddr) -> HttpRequest {
    HttpRequest::new(Method::GET, format!("https://api.acme.example:{}/", at.port()).parse().unwrap())
}

#[tokio::test]
async fn one_version_alone_and_the_peers_certificate() {
    let ca = Ca::new();
    let (both, _both) = secure(&ca, &[b"h2", b"http/1.1"]).await;
    let (old, _old) = secure(&ca, &[]).await;
    let (silent, _socket) = mute().await;
    let mut session =
        HttpSession::new(aim(Route::New, silent), &ca.trust(), Timeouts::default(), "x").unwrap();
    for (version, spoken) in [
        (None, http::Version::HTTP_2),
        (Some(HttpVersion::One), http::Version::HTTP_11),
        (Some(HttpVersion::Two), http::Version::HTTP_2),
    ] {
        let answer = session.send(HttpRequest { version, ..get(both) }).await.unwrap();
        assert_eq!(answer.version, spoken);
        assert!(answer.parts.tls.is_some(), "a version of its own is a connection of its own");
        let certificate = answer.certificate.unwrap();
        assert_eq!(certificate.names, ["api.acme.example"]);
        assert_eq!(certificate.not_after.to_rfc3339(), "2100-01-01T00:00:00+00:00");
    }
    let again = session.send(get(both)).await.unwrap();
    assert!(again.parts.tls.is_none() && again.certificate.is_some(), "the connection is used again");
    let error = session.send(HttpRequest { version: Some(HttpVersion::Two), ..get(old) }).await.unwrap_err();
    assert_eq!(error.message, format!("api.acme.example ({old}): the peer does not speak HTTP/2"));
    assert_eq!(error.fault, Fault::Failed(FailureKind::Protocol));
}

#[tokio::test]
async fn http_2_with_prior_knowledge() {
    let (at, _server) = listen(NEW, |stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((request, mut answer))) = connection.accept().await {
            let uri = request.uri().to_string();
            let mut body = answer.send_response(http::Response::new(()), false).unwrap();
            body.send_data(uri.into(), true).unwrap();
        }
    })
    .await;
    let (silent, _socket) = mute().await;
    let mut session = HttpSession::new(aim(Route::New, silent), &public_trust(), short(), "x").unwrap();
    let url = format!("http://api.acme.example:{}/a?b", at.port());
    let mut request = HttpRequest::new(Method::GET, url.parse().unwrap());
    request.version = Some(HttpVersion::Two);
    let answer = session.send(request).await.unwrap();
    assert_eq!((answer.version, &answer.body[..]), (http::Version::HTTP_2, url.as_bytes()));
}

#[tokio::test]
async fn a_certificate_and_a_ca_of_ones_own() {
    let ca = Ca::new();
    let acceptor = ca.strict_server("api.acme.example");
    let (at, _server) = listen(NEW, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                drop(stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await);
            }
        }
    })
    .await;
    let (silent, _socket) = mute().await;
    let public = public_trust();
    let mut session = HttpSession::new(aim(Route::New, silent), &public, Timeouts::default(), "x").unwrap();
    let error = session.send(get(at)).await.unwrap_err();
    assert!(error.message.contains("is not trusted here"), "{error}");
    let known = public.with_ca(ca.pem().as_bytes()).unwrap();
    let error = session.send(HttpRequest { trust: Some(known.clone()), ..get(at) }).await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Tls), "{error}");
    let (chain, key) = ca.identity("canary");
    let own = known.with_identity(&chain, &key).unwrap();
    for connected in [true, false] {
        let answer = session.send(HttpRequest { trust: Some(own.clone()), ..get(at) }).await.unwrap();
        assert_eq!((answer.status, answer.parts.tls.is_some()), (StatusCode::NO_CONTENT, connected));
    }
}

#[tokio::test]
async fn a_body_packed_with_deflate() {
    // zlib (RFC 1950) of one stored block, and trailing bytes that nobody needs.
    let packed = b"\x78\x01\x01\x05\x00\xfa\xffhello\x06\x2c\x02\x15rest";
    let (at, _server) = listen(NEW, move |mut stream| async move {
        let mut request = [0; 4096];
        while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: {}\r\n\r\n",
                packed.len()
            );
            stream.write_all(&[head.as_bytes(), packed].concat()).await.unwrap();
        }
    })
    .await;
    let (silent, _socket) = mute().await;
    let mut session = HttpSession::new(aim(Route::New, silent), &public_trust(), short(), "x").unwrap();
    for connected in [true, false] {
        let url = format!("http://api.acme.example:{}/", at.port()).parse().unwrap();
        let answer = session.send(HttpRequest::new(Method::GET, url)).await.unwrap();
        assert_eq!((&answer.body[..], answer.body_len), (&b"hello"[..], 5));
        // The headers are those that the peer sent: whether it packs may be what is looked at.
        assert_eq!(answer.headers["content-encoding"], "deflate");
        assert_eq!(answer.headers["content-length"], packed.len().to_string());
        assert_eq!(answer.parts.connect.is_some(), connected);
    }
}
