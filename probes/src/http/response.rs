//! What was answered.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use cutover::{Parts, Reached};
use http::{HeaderMap, StatusCode, Version};
use url::Url;

use crate::Certificate;

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
    /// What was asked for in the end: the request's URL, or where the last redirect led.
    pub url: Url,
    /// The redirects that were followed, in order.
    pub redirects: Vec<Redirect>,
    /// The peer that was really connected.
    pub peer: SocketAddr,
    /// The side whose addresses hold that peer.
    pub reached: Reached,
    /// The peer's certificate, over TLS.
    pub certificate: Option<Arc<Certificate>>,
    /// How long the parts took, those of all redirects together. `resolve`, `connect` and `tls` are missing where a
    /// connection was used again.
    pub parts: Parts,
}

/// A redirect that was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Its status.
    pub status: StatusCode,
    /// What was asked for.
    pub url: Url,
    /// The peer that answered so.
    pub peer: SocketAddr,
    /// The side whose addresses hold that peer.
    pub reached: Reached,
    /// How long its parts took.
    pub parts: Parts,
}
