//! What a page loaded, as a HAR 1.2 log: browsers' own developer tools and many others read it.
//! <http://www.softwareishard.com/blog/har-12-spec/>

use chromiumoxide::cdp::browser_protocol::network::ResourceTiming;
use chrono::DateTime;
use serde_json::{Map, Value, json};
use url::Url;

use super::seen::{Answered, Request};

/// Headers whose values are nobody's business.
const HIDDEN: [&str; 5] = ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"];

/// The log. Bodies are not in it, nor is what identifies a user to a server.
pub(super) fn log<'r>(requests: impl Iterator<Item = &'r Request>) -> Value {
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "serin", "version": env!("CARGO_PKG_VERSION")},
        "entries": requests.map(entry).collect::<Vec<_>>(),
    }})
}

fn entry(request: &Request) -> Value {
    let (end, bytes) = request.ended.map_or((None, -1.0), |(end, bytes)| (Some(end), bytes));
    let took = end.map_or(0.0, |end| ((end - request.begun) * 1000.0).max(0.0));
    let query: Vec<_> = Url::parse(&request.url)
        .map(|url| url.query_pairs().map(|(name, value)| json!({"name": name, "value": value})).collect())
        .unwrap_or_default();
    let answer = request.answer.as_ref();
    let mut entry = json!({
        "startedDateTime": started(request.at),
        "time": took,
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": answer.map_or("", |answer| answer.protocol.as_str()),
            "cookies": [],
            "headers": headers(&request.headers),
            "queryString": query,
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": response(answer, bytes, request.error.as_deref()),
        "cache": {},
        "timings": timings(answer.and_then(|answer| answer.timing.as_ref()), took),
    });
    if let Some(peer) = answer.and_then(|answer| answer.peer) {
        entry["serverIPAddress"] = peer.ip().to_string().into();
        entry["connection"] = peer.port().to_string().into();
    }
    entry
}

/// What was answered. Without an answer the status is 0, as Chromium's own export has it.
fn response(answer: Option<&Answered>, bytes: f64, error: Option<&str>) -> Value {
    let none = Map::new();
    let (status, text, version, mime, fields) = match answer {
        Some(answer) => (
            answer.status,
            answer.status_text.as_str(),
            answer.protocol.as_str(),
            answer.mime.as_str(),
            &answer.headers,
        ),
        None => (0, "", "", "", &none),
    };
    let location = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
    let mut response = json!({
        "status": status,
        "statusText": text,
        "httpVersion": version,
        "cookies": [],
        "headers": headers(fields),
        "content": {"size": -1, "mimeType": mime},
        "redirectURL": location.map_or("", |(_, value)| value.as_str().unwrap_or_default()),
        "headersSize": -1,
        "bodySize": bytes,
    });
    if let Some(error) = error {
        response["_error"] = error.into();
    }
    response
}

fn headers(fields: &Map<String, Value>) -> Vec<Value> {
    let hidden = |name: &str| HIDDEN.iter().any(|hidden| name.eq_ignore_ascii_case(hidden));
    let value = |name: &str, value: &Value| if hidden(name) { "(hidden)".into() } else { value.clone() };
    fields.iter().map(|(name, given)| json!({"name": name, "value": value(name, given)})).collect()
}

/// The parts in milliseconds; -1 for one that did not happen.
fn timings(timing: Option<&ResourceTiming>, took: f64) -> Value {
    let Some(timing) = timing else { return json!({"send": 0, "wait": took, "receive": 0}) };
    let part = |from: f64, to: f64| if from < 0.0 { -1.0 } else { (to - from).max(0.0) };
    json!({
        "dns": part(timing.dns_start, timing.dns_end),
        "connect": part(timing.connect_start, timing.connect_end),
        "ssl": part(timing.ssl_start, timing.ssl_end),
        "send": part(timing.send_start, timing.send_end).max(0.0),
        "wait": part(timing.send_end, timing.receive_headers_end).max(0.0),
        "receive": (took - timing.receive_headers_end).max(0.0),
    })
}

/// ISO 8601, to the millisecond.
fn started(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a date in this age has few milliseconds")]
    let milliseconds = (seconds * 1000.0) as i64;
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default().to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chromiumoxide::cdp::browser_protocol::network::RequestId;

    #[test]
    fn a_log_says_what_was_asked_and_hides_who_asked() {
        let fields = |given: Value| given.as_object().cloned().unwrap_or_default();
        let request = Request {
            id: RequestId::new("1"),
            main: true,
            at: 1_700_000_000.25,
            begun: 10.0,
            method: "GET".to_owned(),
            url: "https://console.acme.example/?a=b".to_owned(),
            headers: fields(json!({"Cookie": "session=1", "Accept": "text/html"})),
            answer: Some(Answered {
                status: 302,
                status_text: "Found".to_owned(),
                protocol: "h2".to_owned(),
                mime: "text/html".to_owned(),
                headers: fields(json!({"location": "/sign-in", "set-cookie": "session=2"})),
                peer: "192.0.2.1:443".parse().ok(),
                timing: None,
            }),
            ended: Some((10.5, 123.0)),
            error: None,
        };
        let log = log(std::iter::once(&request));
        let entry = &log["log"]["entries"][0];
        assert_eq!(entry["startedDateTime"], "2023-11-14T22:13:20.250+00:00");
        assert_eq!(entry["time"], 500.0);
        assert_eq!(entry["request"]["queryString"], json!([{"name": "a", "value": "b"}]));
        assert_eq!(entry["response"]["redirectURL"], "/sign-in");
        assert_eq!(entry["serverIPAddress"], "192.0.2.1");
        let text = log.to_string();
        assert!(!text.contains("session="), "{text}");
        assert!(text.contains("(hidden)"), "{text}");
    }
}
