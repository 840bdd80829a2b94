//! The HTTP client against honest servers and hostile ones, without TLS.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{NEW, OLD, Task, addresses, aim, dns, knows, listen, mute, public_trust, short};
use ::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use bytes::Bytes;
use cutover::{AbortCause, FailureKind, Reached, Route};
use hickory_proto::op::{MessageType, ResponseCode};
use probes::{Fault, HttpRequest, HttpResponse, HttpSession, ProbeError, Resolver, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

fn get_from(host: &str, at: SocketAddr, path: &str) -> HttpRequest {
    HttpRequest::new(Method::GET, format!("http://{host}:{}{path}", at.port()).parse().unwrap())
}

async fn session(route: Route, timeouts: Timeouts) -> (HttpSession, Task) {
    let (resolver, server) = knows(OLD).await;
    (HttpSession::new(aim(route, resolver), &public_trust(), timeouts, "serin/test").unwrap(), server)
}

/// What a raw server on the old side's address brings about.
async fn against<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Result<HttpResponse, ProbeError>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (at, _server) = listen(OLD, serve).await;
    let (mut session, _dns) = session(Route::Old, short()).await;
    session.send(get_from("api.acme.example", at, "/")).await
}

/// Reads a request's headers, and whatever else has come with them.
async fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut seen).await.unwrap() == 0 {
            return;
        }
    }
}

/// Answers with these bytes, and then keeps the connection open and still.
async fn say(mut stream: TcpStream, answer: &[u8]) {
    read_request(&mut stream).await;
    drop(stream.write_all(answer).await);
    std::future::pending::<()>().await;
}

#[track_caller]
fn kind_of(result: Result<HttpResponse, ProbeError>, kind: FailureKind, words: &str) -> ProbeError {
    let error = result.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(kind), "{error}");
    assert!(error.message.contains(words), "{error}");
    assert!(error.message.contains("api.acme.example"), "{error}");
    assert!(error.parts.total > Duration::ZERO);
    error
}

#[tokio::test]
async fn an_exchange_says_its_parts_and_who_was_reached() {
    type Seen = Arc<Mutex<Vec<(SocketAddr, HeaderMap)>>>;
    let seen = Seen::default();
    let record = Arc::clone(&seen);
    let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>, headers: HeaderMap, body: Bytes| async move {
        record.lock().unwrap().push((peer, headers));
        ([("set-cookie", "sid=7"), ("x-served-by", "new")], body).into_response()
    };
    let listener = TcpListener::bind((NEW, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let app = Router::new().route("/echo", post(handler)).into_make_service_with_connect_info::<SocketAddr>();
    let _server = Task::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let (resolver, _dns) = knows(NEW).await;
    let aim = aim(Route::Live, resolver);
    let mut session = HttpSession::new(aim, &public_trust(), Timeouts::default(), "serin/test").unwrap();
    let mut request = get_from("api.acme.example", at, "/echo");
    request.method = Method::POST;
    request.body = Bytes::from_static(b"21.5");
    request.headers.insert("x-app", HeaderValue::from_static("7"));

    let first = session.send(request.clone()).await.unwrap();
    assert_eq!((first.status, first.peer, first.reached), (StatusCode::OK, at, Reached::New));
    assert_eq!((&first.body[..], first.body_len, first.truncated), (&b"21.5"[..], 4, false));
    assert_eq!(first.headers["x-served-by"], "new");
    let parts = first.parts;
    assert!(parts.resolve.is_some() && parts.connect.is_some() && parts.tls.is_none(), "{parts:?}");
    let sum = parts.resolve.unwrap() + parts.connect.unwrap() + parts.wait.unwrap() + parts.transfer.unwrap();
    assert!(sum <= parts.total, "{parts:?}");

    let second = session.send(request).await.unwrap();
    let parts = second.parts;
    assert!(parts.resolve.is_none() && parts.connect.is_none() && parts.wait.is_some(), "{parts:?}");
    let seen = seen.lock().unwrap();
    let (_, headers) = &seen[1];
    assert_eq!(headers["host"], format!("api.acme.example:{}", at.port()));
    assert_eq!(
        (&headers["cookie"], &headers["user-agent"]),
        (&"sid=7".parse().unwrap(), &"serin/test".parse().unwrap())
    );
    assert_eq!(headers["x-app"], "7");
    assert_eq!(seen[0].0, seen[1].0, "the connection is used again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_asks_again_and_again_keeps_the_connection() {
    let connections = Arc::new(Mutex::new(HashSet::new()));
    let record = Arc::clone(&connections);
    let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
        record.lock().unwrap().insert(peer);
        "x".repeat(50_000)
    };
    let listener = TcpListener::bind((OLD, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let app = Router::new().route("/", get(handler)).into_make_service_with_connect_info::<SocketAddr>();
    let _server = Task::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let (mut session, _dns) = session(Route::Old, Timeouts::default()).await;
    for _ in 0..200 {
        session.send(get_from("api.acme.example", at, "/")).await.unwrap();
    }
    assert_eq!(connections.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let answer = b"HTTP/1.1 303 See Other\r\nlocation: /home\r\ncontent-length: 0\r\n\r\n";
    let response = against(|stream| say(stream, answer)).await.unwrap();
    assert_eq!(
        (response.status, &response.headers["location"]),
        (StatusCode::SEE_OTHER, &"/home".parse().unwrap())
    );
    assert_eq!(response.parts.resolve, None, "a pinned name is not looked up");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind((OLD, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let (mut session, _dns) = session(Route::Old, short()).await;
    let error =
        kind_of(session.send(get_from("api.acme.example", at, "/")).await, FailureKind::Refused, "refused");
    assert_eq!(error.peer, Some(at));
}

#[tokio::test]
async fn an_address_that_refuses_leads_to_the_next() {
    let (at, _server) = listen(NEW, |stream| say(stream, b"HTTP/1.1 204 No Content\r\n\r\n")).await;
    let (names_at, _dns) = dns(|query| vec![addresses(query, &[OLD, NEW]).to_vec().unwrap()]).await;
    let resolver = Resolver::connect("test", names_at, Duration::from_secs(2)).await.unwrap();
    let mut session = HttpSession::new(aim(Route::Live, resolver), &public_trust(), short(), "x").unwrap();
    let response = session.send(get_from("api.acme.example", at, "/")).await.unwrap();
    assert_eq!((response.peer, response.reached), (at, Reached::New));
}

#[tokio::test]
async fn an_address_in_the_url_is_itself_on_every_route() {
    let (at, server) = listen(NEW, |stream| say(stream, b"HTTP/1.1 204 No Content\r\n\r\n")).await;
    let (mut session, _dns) = session(Route::Old, short()).await;
    let response = session.send(get_from("127.0.2.1", at, "/")).await.unwrap();
    assert_eq!((response.peer, response.parts.resolve), (at, None));
    server.end().await;
    let (silent, _socket) = mute().await;
    let mut session = HttpSession::new(aim(Route::Old, silent), &public_trust(), short(), "x").unwrap();
    let error = session.send(get_from("127.0.2.1", at, "/")).await.unwrap_err();
    assert_eq!((error.fault, error.peer), (Fault::Failed(FailureKind::Refused), Some(at)), "{error}");
}

#[tokio::test]
async fn no_connection_comes_about() {
    // A backlog that is full: the kernel passes over further attempts in silence.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((OLD, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let at = listener.local_addr().unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        waiting.spawn(TcpStream::connect(at));
    }
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(waiting.join_next().await.unwrap().unwrap().unwrap());
    }
    let (mut session, _dns) = session(Route::Old, short()).await;
    let error = session.send(get_from("api.acme.example", at, "/")).await;
    kind_of(error, FailureKind::Timeout, "no TCP connection within 400ms");
}

#[tokio::test]
async fn an_accepted_connection_that_stays_silent() {
    let error = against(|stream| say(stream, b"")).await;
    let error = kind_of(error, FailureKind::Timeout, "connected, but no answer within 400ms");
    assert!(error.parts.connect.is_some() && error.parts.wait.is_none());
    assert!(error.peer.is_some());
}

#[tokio::test]
async fn a_body_that_stops_in_the_middle() {
    let error = against(|stream| say(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")).await;
    let error = kind_of(error, FailureKind::Timeout, "its body was not complete within 400ms");
    assert!(error.parts.wait.is_some() && error.parts.transfer.is_none());
}

#[tokio::test]
async fn a_connection_that_is_cut() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nx-half",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let error = against(move |mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(answer).await.unwrap();
        })
        .await;
        kind_of(error, FailureKind::Reset, "connection");
    }
    // Closed without reading: the kernel answers the request with a reset.
    kind_of(against(|stream| async move { drop(stream) }).await, FailureKind::Reset, "connection");
}

#[tokio::test]
async fn what_is_no_http() {
    for answer in [
        &b"\x00\x01\x02 garbage of another protocol\r\n\r\n"[..],
        b"HTTP/1.1 9999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\nthis is no gzip data",
    ] {
        kind_of(against(move |stream| say(stream, answer)).await, FailureKind::Protocol, "");
    }
}

#[tokio::test]
async fn headers_without_end() {
    let many = against(|mut stream| async move {
        read_request(&mut stream).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\n").await);
        while stream.write_all(b"x-more: and more\r\n").await.is_ok() {}
    })
    .await;
    kind_of(many, FailureKind::Protocol, "headers");
    let long = against(|mut stream| async move {
        read_request(&mut stream).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nx-long: ").await);
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {}
    })
    .await;
    kind_of(long, FailureKind::Protocol, "headers");
}

#[tokio::test]
async fn a_body_without_end_is_counted_not_kept() {
    let error = against(|mut stream| async move {
        read_request(&mut stream).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await);
        while stream.write_all(&[b'a'; 65536]).await.is_ok() {}
    })
    .await;
    kind_of(error, FailureKind::Timeout, "its body was not complete");
}

#[tokio::test]
async fn a_slow_drip_does_not_outlast_the_limit() {
    let error = against(|mut stream| async move {
        read_request(&mut stream).await;
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await);
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    kind_of(error, FailureKind::Timeout, "its body was not complete");
}

#[tokio::test]
async fn a_body_is_kept_as_far_as_asked() {
    let (at, _server) =
        listen(OLD, |stream| say(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789")).await;
    let (mut session, _dns) = session(Route::Old, short()).await;
    let mut request = get_from("api.acme.example", at, "/");
    request.keep = 4;
    let response = session.send(request).await.unwrap();
    assert_eq!((&response.body[..], response.body_len, response.truncated), (&b"0123"[..], 10, true));
}

#[tokio::test]
async fn a_compressed_bomb_is_counted_not_kept() {
    let bomb = gzip_of_zeros(20_000);
    let length = bomb.len();
    assert!(length < 50_000);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
    let answer = Arc::new([head.into_bytes(), bomb].concat());
    let (at, _server) = listen(OLD, move |stream| {
        let answer = Arc::clone(&answer);
        async move { say(stream, &answer).await }
    })
    .await;
    let (mut session, _dns) = session(Route::Old, Timeouts::default()).await;
    let response = session.send(get_from("api.acme.example", at, "/")).await.unwrap();
    assert_eq!((response.body.len(), response.body_len), (HttpRequest::KEEP, 1 + 258 * 20_000));
}

/// A gzip stream of one zero and `runs` repetitions of 258 zeros, in fixed Huffman codes (RFC 1951 section 3.2.6).
fn gzip_of_zeros(runs: usize) -> Vec<u8> {
    let mut bits = vec![true, true, false]; // the last block, fixed codes
    let code = |bits: &mut Vec<bool>, value: u16, length: u16| {
        bits.extend((0..length).rev().map(|at| value >> at & 1 == 1));
    };
    code(&mut bits, 0b0011_0000, 8); // the literal 0
    for _ in 0..runs {
        code(&mut bits, 0b1100_0101, 8); // length 258
        code(&mut bits, 0, 5); // distance 1
    }
    code(&mut bits, 0, 7); // the end
    let mut data = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    data.extend(
        bits.chunks(8)
            .map(|byte| byte.iter().enumerate().fold(0, |sum, (at, bit)| sum | u8::from(*bit) << at)),
    );
    let length = 1 + 258 * runs;
    let mut crc = u32::MAX;
    for _ in 0..length * 8 {
        crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    }
    data.extend((!crc).to_le_bytes());
    data.extend(u32::try_from(length).unwrap().to_le_bytes());
    data
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let (at, _server) = dns(|query| {
        let mut answer = query.clone();
        answer.metadata.message_type = MessageType::Response;
        answer.metadata.response_code = ResponseCode::NXDomain;
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let resolver = Resolver::connect("office", at, Duration::from_secs(2)).await.unwrap();
    let mut gone = HttpSession::new(aim(Route::Live, resolver), &public_trust(), short(), "x").unwrap();
    let error = gone.send(get_from("api.acme.example", at, "/")).await;
    kind_of(error, FailureKind::Resolve, "NXDOMAIN");

    let (silent, _socket) = mute().await;
    let mut silent = HttpSession::new(aim(Route::Live, silent), &public_trust(), short(), "x").unwrap();
    let error = silent.send(get_from("api.acme.example", at, "/")).await.unwrap_err();
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Resolver), "{error}");
}

#[tokio::test]
async fn what_is_no_request_is_the_scripts_fault() {
    let (mut session, _dns) = session(Route::Old, short()).await;
    let error = session.send(HttpRequest::new(Method::GET, "ftp://a/".parse().unwrap())).await.unwrap_err();
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Script));
    let (resolver, _dns) = knows(OLD).await;
    let error = HttpSession::new(aim(Route::Old, resolver), &public_trust(), short(), "a\nb").unwrap_err();
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Script));
}
