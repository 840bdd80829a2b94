//! Queries: what of an answer is looked at.

use cutover::Part;
use http::HeaderName;
use regex::Regex;

use super::{Path, Selection};

/// What of an answer is looked at.
#[derive(Debug, Clone)]
pub(crate) enum Query {
    /// The HTTP status, a number.
    Status,
    /// A response header, as text; the first one of that name.
    Header(HeaderName),
    /// The value of a cookie that the answer sets.
    Cookie(String),
    /// The body, or an MQTT message's payload, as text.
    Body,
    /// Values within a JSON body (RFC 9535).
    Json(Path),
    /// Text or attributes of elements within an HTML body.
    Css(Selection),
    /// What a regular expression finds in the body.
    Regex(Regex),
    /// The body's length.
    Bytes,
    /// The body's SHA-256, in hexadecimal digits.
    Sha256,
    /// How long the exchange took, or a part of it.
    Duration(Part),
    /// Of the certificate that the peer has shown.
    Certificate(CertificatePart),
    /// How many redirects were followed.
    Redirects,
    /// The URL at which the exchange ended.
    Url,
    /// The side whose address was really connected.
    Reached,
    /// The side whose marker the answer bears.
    Answered,
    /// The topic of an MQTT message.
    Topic,
    /// The HTTP version spoken, `HTTP/1.1`.
    Version,
    /// The response code of a DNS answer, `NXDOMAIN`.
    Rcode,
    /// The addresses in a DNS answer, a list.
    Addresses,
    /// The least time to live in a DNS answer, in seconds.
    Ttl,
    /// The title of a page.
    Title,
    /// A time that a page took to appear.
    Vital(Vital),
    /// How much a page's layout shifted (CLS).
    Cls,
}

/// What of a certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertificatePart {
    /// The whole days until it expires; less than 0 once it has.
    DaysLeft,
    /// The names for which it stands, a list.
    Names,
    /// Who issued it.
    Issuer,
    /// For whom.
    Subject,
}

/// A time that a page took to appear (see web.dev/articles/vitals).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vital {
    /// To the first byte of the document.
    Ttfb,
    /// To the first content painted.
    Fcp,
    /// To the largest content painted.
    Lcp,
}

/// What a query yields, and so which predicates and values go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    /// An HTTP status.
    Status,
    /// A number.
    Number,
    /// Text, which may look like a number.
    Text,
    /// Any number of texts; a single one is a text.
    Texts,
    /// A list of texts.
    List,
    /// Any JSON value.
    Json,
    /// A time.
    Time,
    /// One of the sides' words.
    Side,
}

impl Query {
    /// The word with which it is written.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Header(_) => "header",
            Self::Cookie(_) => "cookie",
            Self::Body => "body",
            Self::Json(_) => "json",
            Self::Css(_) => "css",
            Self::Regex(_) => "regex",
            Self::Bytes => "bytes",
            Self::Sha256 => "sha256",
            Self::Duration(_) => "duration",
            Self::Certificate(_) => "certificate",
            Self::Redirects => "redirects",
            Self::Url => "url",
            Self::Reached => "reached",
            Self::Answered => "answered",
            Self::Topic => "topic",
            Self::Version => "version",
            Self::Rcode => "rcode",
            Self::Addresses => "addresses",
            Self::Ttl => "ttl",
            Self::Title => "title",
            Self::Vital(Vital::Ttfb) => "ttfb",
            Self::Vital(Vital::Fcp) => "fcp",
            Self::Vital(Vital::Lcp) => "lcp",
            Self::Cls => "cls",
        }
    }

    /// What it yields.
    pub(crate) fn yields(&self) -> Yields {
        match self {
            Self::Status => Yields::Status,
            Self::Header(_)
            | Self::Cookie(_)
            | Self::Body
            | Self::Sha256
            | Self::Certificate(CertificatePart::Issuer | CertificatePart::Subject)
            | Self::Url
            | Self::Topic
            | Self::Version
            | Self::Rcode
            | Self::Title => Yields::Text,
            Self::Css(_) => Yields::Texts,
            // Groups that have names make an object of what is found.
            Self::Regex(regex) if regex.capture_names().flatten().next().is_some() => Yields::Json,
            Self::Regex(_) => Yields::Text,
            Self::Json(_) => Yields::Json,
            Self::Bytes
            | Self::Certificate(CertificatePart::DaysLeft)
            | Self::Redirects
            | Self::Ttl
            | Self::Cls => Yields::Number,
            Self::Certificate(CertificatePart::Names) | Self::Addresses => Yields::List,
            Self::Duration(_) | Self::Vital(_) => Yields::Time,
            Self::Reached | Self::Answered => Yields::Side,
        }
    }
}
