//! What is asked, and what was answered.

use std::net::SocketAddr;

use bytes::Bytes;
use cutover::{Parts, Reached};
use http::{HeaderMap, Method, StatusCode, Version};
use url::Url;

use crate::Timeouts;

/// A request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where: `http` or `https`.
    pub url: Url,
    /// Headers beside those that the session sends itself.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// Other timeouts than the session's.
    pub timeouts: Option<Timeouts>,
    /// How many bytes of the answer's body are kept; the rest is read and counted.
    pub keep: usize,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The version of HTTP that was spoken.
    pub version: Version,
    /// The headers. Where the body came compressed, those that speak of its compressed form are left out.
    pub headers: HeaderMap,
    /// The body, decompressed, as far as it was kept.
    pub body: Bytes,
    /// The length of the whole body, decompressed.
    pub body_len: u64,
    /// Whether the body is longer than what was kept of it.
    pub truncated: bool,
    /// The peer that was really connected.
    pub peer: SocketAddr,
    /// The side whose addresses hold that peer.
    pub reached: Reached,
    /// How long the parts took. `resolve`, `connect` and `tls` are missing where a connection was used again.
    pub parts: Parts,
}

impl HttpRequest {
    /// How much of a body is kept unless asked otherwise.
    pub const KEEP: usize = 1024 * 1024;

    /// A request without headers and body of its own.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), timeouts: None, keep: Self::KEEP }
    }
}
