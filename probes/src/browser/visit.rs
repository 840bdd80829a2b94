//! What came of what a user did.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use chromiumoxide::cdp::browser_protocol::network::ResourceTiming;
use cutover::{Parts, Reached, Vitals};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use super::tab::{Looked, Tab};

/// What came of what a user did: the page as it is now, and the answer that it came with.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Where the page is.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The document as it is now, scripts' doing included, as HTML.
    pub html: Bytes,
    /// How long it really is (bytes), when only its beginning was kept.
    pub cut_from: Option<u64>,
    /// What the last `evaluate` came to.
    pub json: Option<Value>,
    /// The status of the main document; missing where none came over HTTP.
    pub status: Option<StatusCode>,
    /// Its headers.
    pub headers: HeaderMap,
    /// The peer from which Chromium says it has the main document.
    pub peer: Option<SocketAddr>,
    /// The side whose addresses hold that peer.
    pub reached: Option<Reached>,
    /// How long all took; `connect`, `tls` and `wait` are the main document's, where it came in this visit.
    pub parts: Parts,
    /// How the page felt.
    pub vitals: Vitals,
}

impl Visit {
    /// Of what was looked at; the answer is the main document's.
    pub(super) fn of(looked: Looked, tab: &Tab, json: Option<Value>, begun: Instant, took: Duration) -> Self {
        let document = tab.watch().seen().document.clone();
        let new = document.as_ref().filter(|document| document.when >= begun);
        let timing = new.and_then(|document| document.answer.timing.as_ref());
        let peer = document.as_ref().and_then(|document| document.answer.peer);
        let status = document.as_ref().and_then(|document| u16::try_from(document.answer.status).ok());
        let fields = document.iter().flat_map(|document| &document.answer.headers);
        let headers = fields.filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value.as_str()?).ok()?))
        });
        Self {
            url: looked.url,
            title: looked.title,
            html: looked.html,
            cut_from: looked.cut_from,
            json,
            status: status.and_then(|status| StatusCode::from_u16(status).ok()),
            headers: headers.collect(),
            peer,
            reached: peer.map(|peer| tab.reached(peer)),
            parts: Parts { total: took, ..timing.map(parts).unwrap_or_default() },
            vitals: looked.vitals,
        }
    }
}

/// The parts of the main document's exchange. There is no lookup: the browser was told where the host is.
fn parts(timing: &ResourceTiming) -> Parts {
    let part = |from: f64, to: f64| {
        // Milliseconds, and -1 for what did not happen.
        let took = if from < 0.0 { None } else { Duration::try_from_secs_f64((to - from) / 1000.0).ok() };
        took.filter(|_| to >= from)
    };
    let tcp_end = if timing.ssl_start < 0.0 { timing.connect_end } else { timing.ssl_start };
    Parts {
        connect: part(timing.connect_start, tcp_end),
        tls: part(timing.ssl_start, timing.ssl_end),
        wait: part(timing.send_end, timing.receive_headers_end),
        ..Parts::default()
    }
}

/// From what the page's own observer says: milliseconds, and null where there is none.
pub(super) fn vitals(told: &Value) -> Vitals {
    let number = |name: &str| told.get(name).and_then(Value::as_f64).filter(|number| *number >= 0.0);
    let time = |name: &str| {
        number(name).and_then(|milliseconds| Duration::try_from_secs_f64(milliseconds / 1000.0).ok())
    };
    Vitals { ttfb: time("ttfb"), fcp: time("fcp"), lcp: time("lcp"), cls: number("cls") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vitals_are_read_and_never_believed_to_be_there() {
        let read = vitals(&serde_json::json!({"ttfb": 12.5, "fcp": null, "lcp": -1, "cls": 0.25}));
        assert_eq!(read.ttfb, Some(Duration::from_micros(12_500)));
        assert_eq!((read.fcp, read.lcp, read.cls), (None, None, Some(0.25)));
        assert_eq!(vitals(&Value::Null), Vitals::default());
    }
}
