//! What is asked.

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use super::Transcript;
use crate::{Timeouts, Trust};

/// A request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where: `http` or `https`.
    pub url: Url,
    /// Headers beside those that the session sends itself, or in their place.
    pub headers: HeaderMap,
    /// Cookies beside the session's, or in their place; not kept.
    pub cookies: Vec<(String, String)>,
    /// Name and password (RFC 7617), where `headers` has no `authorization`.
    pub credentials: Option<(String, String)>,
    /// The body; empty for none.
    pub body: Bytes,
    /// Other timeouts than the session's.
    pub timeouts: Option<Timeouts>,
    /// How many bytes of the answer's body are kept; the rest is read and counted.
    pub keep: usize,
    /// How many redirects are followed at most. With none, a redirect is an answer like any other.
    pub redirects: usize,
    /// The one version to speak; where none is named, HTTP/2 is offered over TLS.
    pub version: Option<HttpVersion>,
    /// Other certificates than the session's.
    pub trust: Option<Trust>,
    /// Where it is noted what goes out.
    pub transcript: Option<Transcript>,
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.1.
    One,
    /// HTTP/2; without TLS with prior knowledge (RFC 9113 section 3.3).
    Two,
}

impl HttpRequest {
    /// How much of a body is kept unless asked otherwise.
    pub const KEEP: usize = 1024 * 1024;

    /// A request without headers and body of its own.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            credentials: None,
            body: Bytes::new(),
            timeouts: None,
            keep: Self::KEEP,
            redirects: 0,
            version: None,
            trust: None,
            transcript: None,
        }
    }
}
