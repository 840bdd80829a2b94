//! Servers that mean harm, or are broken beyond it: each is a failure of the right kind, or an answer, in bounded memory
//! and time.

use std::fs;
use std::time::Duration;

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use cutover::{FailureKind, Outcome};
use journeys::{Run, RunContext};
use probes::Timeouts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{OLD, context, run};

/// A server on the old side: what it does with each connection once a request has come.
struct Server {
    context: RunContext,
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn server<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((OLD, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if hear(&mut stream).await {
                connections.spawn(serve(stream));
            }
        }
    });
    Server { context: context(port).await, port, task }
}

/// Hears a request without a body; false when the client has gone.
async fn hear(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut seen).await.unwrap_or(0) == 0 {
            return false;
        }
    }
    true
}

/// Says this again and again, for as long as somebody listens.
async fn flood(mut stream: TcpStream, first: &[u8], again: &[u8]) {
    drop(stream.write_all(first).await);
    while stream.write_all(again).await.is_ok() {}
}

impl Server {
    /// Runs one step against it: `more` are its keys beside the name and the request.
    async fn ask(&self, more: &str) -> Run {
        let yaml = format!("journey: j\nsteps:\n  - name: read\n    http: GET {{{{ api }}}}/\n{more}");
        run(&self.context, &yaml).await
    }

    /// That it failed in this way, in these words; `AT` stands for the server.
    #[track_caller]
    fn failed(&self, run: &Run, kind: FailureKind, words: &str) {
        let words = words.replace("AT", &format!("test.example ({OLD}:{})", self.port));
        assert_eq!(run.detail.as_str(), format!("read: {words}"));
        assert_eq!(run.outcome, Outcome::Failed { step: "read".to_owned(), kind });
    }
}

/// The largest that this process has been, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

const MIB: u64 = 1 << 20;

#[tokio::test]
async fn headers_without_end() {
    let many = server(|stream| flood(stream, b"HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n")).await;
    let words = "AT: the answer's headers are larger than is accepted";
    many.failed(&many.ask("").await, FailureKind::Protocol, words);
    let one = server(|stream| flood(stream, b"HTTP/1.1 200 OK\r\nx-long: ", &[b'a'; 4096])).await;
    one.failed(&one.ask("").await, FailureKind::Protocol, words);
    let interim = server(|stream| flood(stream, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")).await;
    let run = interim.ask("    timeout: 300ms\n").await;
    interim.failed(&run, FailureKind::Timeout, "AT: connected, but no answer within 300ms");
    assert!(peak() < 128 * MIB, "{}", peak());
}

#[tokio::test]
async fn a_body_without_end() {
    let before = peak();
    let mut server = server(|stream| flood(stream, b"HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 65536])).await;
    server.context.timeouts = Timeouts { transfer: Duration::from_millis(500), ..Timeouts::default() };
    let run = server.ask("").await;
    let words = "AT: the answer began, but its body was not complete within 500ms";
    server.failed(&run, FailureKind::Timeout, words);
    let chunks = self::server(|stream| {
        flood(
            stream,
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            b"1;x=yyyyyyyyyyyyyyyy\r\na\r\n",
        )
    })
    .await;
    // Chunks of one byte, with extensions that are longer than they are.
    let run = chunks.ask("    timeout: 500ms\n").await;
    let Outcome::Failed { kind, .. } = run.outcome else { panic!("{}", run.detail) };
    assert!(matches!(kind, FailureKind::Timeout | FailureKind::Protocol), "{}", run.detail);
    assert!(peak() - before < 32 * MIB, "{}", peak() - before);
}

#[tokio::test(start_paused = true)]
async fn a_byte_a_second() {
    let body = server(|mut stream| async move {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await);
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    let words = "AT: the answer began, but its body was not complete within 10s";
    body.failed(&body.ask("").await, FailureKind::Timeout, words);
    let head = server(|mut stream| async move {
        for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" {
            drop(stream.write_all(&[*byte]).await);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    head.failed(&head.ask("").await, FailureKind::Timeout, "AT: connected, but no answer within 10s");
}

#[tokio::test]
async fn a_length_that_is_not_the_bodys() {
    let short = server(|mut stream| async move {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await);
    })
    .await;
    let words = "AT: the peer closed the connection in the middle of its answer";
    short.failed(&short.ask("").await, FailureKind::Reset, words);
    // What is too much is not taken for the next answer.
    let long = server(|mut stream| async move {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhalfHTTP/1.1 500 Smuggled\r\n\r\n";
        drop(stream.write_all(answer).await);
        while hear(&mut stream).await {
            drop(stream.write_all(answer).await);
        }
    })
    .await;
    let again =
        "    expect: [body == half]\n  - { name: again, http: \"GET {{ api }}/\", expect: [body == half] }\n";
    let run = long.ask(again).await;
    assert_eq!((run.detail.as_str(), &run.outcome), ("", &Outcome::Passed));
    for (lengths, words) in [
        ("content-length: -1", "AT: what came is no HTTP (invalid content-length parsed)"),
        (
            "content-length: 3\r\ncontent-length: 4",
            "AT: what came is no HTTP (invalid content-length parsed)",
        ),
    ] {
        let server = server(move |mut stream| async move {
            let answer = format!("HTTP/1.1 200 OK\r\n{lengths}\r\n\r\nhalf");
            drop(stream.write_all(answer.as_bytes()).await);
            drop(stream.read(&mut [0; 1]).await);
        })
        .await;
        server.failed(&server.ask("").await, FailureKind::Protocol, words);
    }
}

#[tokio::test]
async fn a_bomb_is_counted_and_not_kept() {
    const SIZE: usize = 64 << 20;
    let mut gzip = GzipEncoder::new(Vec::new());
    let mut brotli = BrotliEncoder::with_quality(Vec::new(), async_compression::Level::Fastest);
    let zeros = vec![0; 1 << 20];
    for _ in 0..SIZE >> 20 {
        gzip.write_all(&zeros).await.unwrap();
        brotli.write_all(&zeros).await.unwrap();
    }
    gzip.shutdown().await.unwrap();
    brotli.shutdown().await.unwrap();
    let before = peak();
    for (name, bomb) in [("gzip", gzip.into_inner()), ("br", brotli.into_inner())] {
        assert!(bomb.len() < 100_000, "{name}: {}", bomb.len());
        let server = server(move |mut stream| {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {name}\r\ncontent-length: {}\r\n\r\n",
                bomb.len()
            );
            let answer = [head.into_bytes(), bomb.clone()].concat();
            async move {
                drop(stream.write_all(&answer).await);
                drop(stream.read(&mut [0; 1]).await);
            }
        })
        .await;
        let run = server.ask(&format!("    expect: [bytes == {SIZE}]\n")).await;
        assert_eq!(run.detail.as_str(), "", "{name}");
        let run = server.ask("    expect: [json $ exists]\n").await;
        let words = format!(
            "expected json $ exists, got a body of {SIZE} bytes, of which the first 1048576 were kept"
        );
        server.failed(&run, FailureKind::Assertion, &words);
    }
    assert!(peak() - before < 32 * MIB, "{}", peak() - before);
}

#[tokio::test]
async fn what_is_said_to_be_packed_and_is_not() {
    for (packing, words) in [
        ("gzip", "packed with gzip, and cannot be unpacked (Invalid gzip header)"),
        ("br", "packed with brotli, and cannot be unpacked ("),
        ("deflate", "packed with deflate, and cannot be unpacked ("),
    ] {
        let server = server(move |mut stream| async move {
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-encoding: {packing}\r\ncontent-length: 24\r\n\r\n");
            drop(stream.write_all(head.as_bytes()).await);
            drop(stream.write_all(b"this is not packed at al").await);
            drop(stream.read(&mut [0; 1]).await);
        })
        .await;
        let run = server.ask("").await;
        assert!(run.detail.contains(words), "{}", run.detail.as_str());
        let kind = FailureKind::Protocol;
        assert_eq!(run.outcome, Outcome::Failed { step: "read".to_owned(), kind });
    }
}

#[tokio::test]
async fn a_loop_of_redirects() {
    let server = server(|mut stream| async move {
        loop {
            let answer = b"HTTP/1.1 302 Found\r\nlocation: /?again\r\ncontent-length: 0\r\n\r\n";
            drop(stream.write_all(answer).await);
            if !hear(&mut stream).await {
                return;
            }
        }
    })
    .await;
    let run = server.ask("    redirects: 3\n").await;
    let words = format!(
        "AT: redirects to `http://test.example:{}/?again` after 3 redirects: no more are followed",
        server.port
    );
    server.failed(&run, FailureKind::Protocol, &words);
}

#[tokio::test]
async fn what_is_no_http() {
    for (answer, words) in [
        (
            &b"<html>An answer of HTTP/0.9</html>\r\n"[..],
            "AT: what came is no HTTP (invalid HTTP version parsed)",
        ),
        (b"\x16\x03\x01\x00\x05hello", "AT: what came is no HTTP (invalid HTTP version parsed)"),
        (b"HTTP/1.1 99999 Huh\r\n\r\n", "AT: what came is no HTTP (invalid HTTP status-code parsed)"),
        (b"HTTP/1.1 200 OK\r\nx y: z\r\n\r\n", "AT: what came is no HTTP (invalid HTTP header parsed)"),
    ] {
        let server = server(move |mut stream| async move {
            drop(stream.write_all(answer).await);
            drop(stream.read(&mut [0; 1]).await);
        })
        .await;
        server.failed(&server.ask("").await, FailureKind::Protocol, words);
    }
}

#[tokio::test]
async fn what_is_no_utf_8() {
    let server = server(|mut stream| async move {
        let answer = b"HTTP/1.1 200 OK\r\nx-odd: a\xffb\r\ncontent-length: 4\r\n\r\n\xf0\x9f{\"";
        drop(stream.write_all(answer).await);
        drop(stream.read(&mut [0; 1]).await);
    })
    .await;
    let run =
        server.ask("    expect: [header x-odd contains b, bytes == 4, \"body contains \\uFFFD\"]\n").await;
    assert_eq!(run.detail.as_str(), "");
    let run = server.ask("    expect: [json $ exists]\n").await;
    let words = "expected json $ exists, got a body that is not JSON (expected value at line 1 column 1)";
    server.failed(&run, FailureKind::Assertion, words);
}

#[tokio::test]
async fn fifty_megabytes_of_json() {
    const SIZE: usize = 50_000_000;
    let before = peak();
    let server = server(|mut stream| async move {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n[");
        drop(stream.write_all(head.as_bytes()).await);
        let piece = b"21.5,".repeat(2000);
        for _ in 0..(SIZE - 10_000) / piece.len() {
            drop(stream.write_all(&piece).await);
        }
        drop(stream.write_all(&vec![b' '; 9_998]).await);
        drop(stream.write_all(b"]").await);
        drop(stream.read(&mut [0; 1]).await);
    })
    .await;
    let run = server.ask("    expect: [json $ exists]\n").await;
    let words =
        format!("expected json $ exists, got a body of {SIZE} bytes, of which the first 1048576 were kept");
    server.failed(&run, FailureKind::Assertion, &words);
    assert!(peak() - before < 32 * MIB, "{}", peak() - before);
}

#[tokio::test]
async fn json_that_is_deep() {
    let server = server(|mut stream| async move {
        let body = "[".repeat(500_000);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        drop(stream.write_all(head.as_bytes()).await);
        drop(stream.read(&mut [0; 1]).await);
    })
    .await;
    let run = server.ask("    expect: [json $ exists]\n").await;
    let words =
        "expected json $ exists, got a body that is not JSON (recursion limit exceeded at line 1 column 128)";
    server.failed(&run, FailureKind::Assertion, words);
}
