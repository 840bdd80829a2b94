//! What came back from an action, ready to be asked.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use cutover::{Answered, Parts, Reached, Vitals};
use http::{HeaderMap, StatusCode, Version};
use probes::{Certificate, Redirect};
use scraper::Html;
use serde_json::Value;
use url::Url;

/// What came back from an action. What an action does not have is `None`, and its queries are refused at load.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: Option<StatusCode>,
    pub(crate) version: Option<Version>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How long the body really was, when only its beginning was kept.
    pub(crate) cut_from: Option<u64>,
    /// The URL at which the exchange ended.
    pub(crate) url: Option<Url>,
    /// The redirects that were followed.
    pub(crate) redirects: Vec<Redirect>,
    /// The certificate that the peer has shown.
    pub(crate) certificate: Option<Arc<Certificate>>,
    pub(crate) topic: Option<String>,
    /// Of a DNS answer.
    pub(crate) lookup: Option<Lookup>,
    /// Of a page in a browser.
    pub(crate) page: Option<Page>,
    pub(crate) parts: Parts,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) reached: Option<Reached>,
    pub(crate) answered: Option<Answered>,
    /// The body as JSON, parsed when first asked for.
    pub(crate) json: OnceLock<Result<Value, String>>,
    /// The body as HTML, parsed when first asked for.
    pub(crate) html: OnceLock<Result<Html, String>>,
}

/// What a resolver said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// The response code, `NOERROR`.
    pub(crate) rcode: String,
    /// The addresses among the answers.
    pub(crate) addresses: Vec<IpAddr>,
    /// The least time to live among the answers, in seconds; `None` without any.
    pub(crate) ttl: Option<u32>,
    /// What it said and who it is, in one line, for those who look for a failure's cause.
    pub(crate) said: String,
}

/// What a browser measured of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) vitals: Vitals,
}
