//! Plain HTTP for looking at things: one request a connection, ended by its close (HTTP/1.0, RFC 1945), so that no
//! client of the product's own is needed to judge it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);
/// No answer looked at here is larger.
const LARGEST: u64 = 16 << 20;

/// The body of a page that is there.
pub(crate) fn get(at: SocketAddr, path: &str) -> Result<String, String> {
    exchange(at, "GET", path)
}

/// The body that a deed is answered with.
pub(crate) fn post(at: SocketAddr, path: &str) -> Result<String, String> {
    exchange(at, "POST", path)
}

fn exchange(at: SocketAddr, method: &str, path: &str) -> Result<String, String> {
    let answer = raw(at, method, path).map_err(|error| format!("{method} http://{at}{path}: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some(status) if status.starts_with('2') => Ok(body.to_owned()),
        _ => Err(format!("{method} http://{at}{path}: {answer}")),
    }
}

fn raw(at: SocketAddr, method: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&at, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(stream, "{method} {path} HTTP/1.0\r\nhost: {at}\r\ncontent-length: 0\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(LARGEST).read_to_string(&mut answer)?;
    Ok(answer)
}
