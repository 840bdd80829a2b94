//! What a query finds.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use cutover::Answered;
use probes::Certificate;
use serde_json::Value;

use super::{Answer, Found, cookie};
use crate::grammar::{CertificatePart, Nodes, Query, Vital};
use crate::journey::Save;
use crate::run::Unmet;

impl Answer {
    /// Asks the answer.
    pub(crate) fn find(&self, query: &Query) -> Found<'_> {
        match query {
            Query::Status => self.status.map(|status| Found::of(status.as_u16())),
            Query::Version => self.version.map(|version| Found::Text(format!("{version:?}").into())),
            Query::Header(name) => {
                self.headers.get(name).map(|value| Found::Text(String::from_utf8_lossy(value.as_bytes())))
            }
            Query::Cookie(name) => cookie::value(&self.headers, name).map(|value| Found::Text(value.into())),
            Query::Body => Some(Found::Text(self.text())),
            Query::Json(path) => match self.json() {
                Ok(json) => match path.find(json) {
                    Nodes::One(one) => one.map(|value| Found::Value(Cow::Borrowed(value))),
                    Nodes::Several(values) => Some(Found::Nodes(values)),
                },
                Err(why) => Some(Found::Nothing(why.as_str().into())),
            },
            Query::Css(selection) => Some(self.selected(selection)),
            Query::Regex(regex) => Some(self.matched(regex)),
            Query::Bytes => Some(Found::of(self.length())),
            Query::Sha256 => Some(self.sha256()),
            // A part that did not happen took no time.
            Query::Duration(part) => Some(Found::Time(self.parts.get(*part).unwrap_or_default())),
            Query::Certificate(part) => Some(match &self.certificate {
                Some(certificate) => certificate_part(certificate, *part, Utc::now()),
                None => Found::Nothing("no certificate: the connection is not encrypted".into()),
            }),
            Query::Redirects => Some(Found::of(self.redirects.len())),
            Query::Url => self.url.as_ref().map(|url| Found::Text(url.as_str().into())),
            Query::Topic => self.topic.as_deref().map(|topic| Found::Text(topic.into())),
            Query::Rcode => self.lookup.as_ref().map(|lookup| Found::Text(lookup.rcode.as_str().into())),
            Query::Addresses => self.lookup.as_ref().map(|lookup| Found::list(&lookup.addresses)),
            Query::Ttl => self.lookup.as_ref().and_then(|lookup| lookup.ttl).map(Found::of),
            Query::Title => self.page.as_ref().map(|page| Found::Text(page.title.as_str().into())),
            Query::Vital(vital) => {
                let page = self.page.as_ref();
                let time = page.and_then(|page| match vital {
                    Vital::Ttfb => page.vitals.ttfb,
                    Vital::Fcp => page.vitals.fcp,
                    Vital::Lcp => page.vitals.lcp,
                });
                time.map(Found::Time)
            }
            Query::Cls => self.page.as_ref().and_then(|page| page.vitals.cls).map(Found::of),
            Query::Reached => self.reached.map(Found::Reached),
            Query::Answered => Some(Found::Answered(self.answered.unwrap_or(Answered::Unmarked))),
        }
        .unwrap_or_else(Found::nothing)
    }

    /// What is to be kept of it, or that there is no such thing.
    pub(crate) fn keep(&self, save: &Save) -> Result<Value, Box<Unmet<String>>> {
        let found = self.find(&save.query);
        let actual = found.shown();
        found.into_value().ok_or_else(|| {
            Box::new(Unmet {
                text: save.text.clone(),
                at: save.at.clone(),
                expected: "exists".to_owned(),
                actual,
                diff: Vec::new(),
            })
        })
    }
}

fn certificate_part(certificate: &Certificate, part: CertificatePart, now: DateTime<Utc>) -> Found<'_> {
    match part {
        CertificatePart::DaysLeft => Found::of(certificate.days_left(now)),
        CertificatePart::Names => Found::list(&certificate.names),
        CertificatePart::Issuer => Found::Text(certificate.issuer.as_str().into()),
        CertificatePart::Subject => Found::Text(certificate.subject.as_str().into()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use cutover::{Reached, Vitals};
    use http::header::SET_COOKIE;
    use http::{HeaderValue, StatusCode};

    use super::super::record::{Lookup, Page};
    use super::*;
    use crate::grammar::Cursor;

    fn ask(answer: &Answer, query: &str) -> String {
        answer.find(&Query::read(&mut Cursor::new(query)).unwrap()).shown()
    }

    fn found(body: &'static str, query: &str) -> String {
        ask(&Answer { body: body.into(), ..Answer::default() }, query)
    }

    #[test]
    fn a_path_finds_nothing_one_thing_or_a_list() {
        let body = r#"{"items": [{"v": 1}, {"v": 2.5}]}"#;
        assert_eq!(found(body, "json $.none"), "nothing");
        assert_eq!(found(body, "json $.none[*]"), "nothing");
        assert_eq!(found(body, "json $.items[1].v"), "2.5");
        assert_eq!(found(body, "json $.items[?@.v == 1].v"), "1");
        assert_eq!(found(body, "json $.items[*].v"), "[1,2.5]");
    }

    #[test]
    fn what_is_no_json_says_so() {
        assert_eq!(found("", "json $.a"), "an empty body");
        assert!(found("<html>", "json $.a").starts_with("a body that is not JSON"));
    }

    #[test]
    fn what_an_answer_lacks_is_nothing() {
        for query in
            ["status", "version", "header a", "cookie a", "css h1", "regex /a/", "url", "topic", "rcode"]
        {
            assert_eq!(found("", query), "nothing", "{query}");
        }
        for query in ["addresses", "ttl", "title", "ttfb", "fcp", "lcp", "cls", "reached"] {
            assert_eq!(found("", query), "nothing", "{query}");
        }
        assert_eq!(found("", "certificate.names"), "no certificate: the connection is not encrypted");
        assert_eq!(found("", "answered"), "unmarked");
        assert_eq!(found("", "duration"), "0.0ms");
        assert_eq!(found("", "duration.tls"), "0.0ms");
    }

    #[test]
    fn a_body_is_asked_as_text_and_as_bytes() {
        let body = "id=17&name=größe&id=18";
        assert_eq!(found(body, "regex /id=(\\d+)/"), "\"17\"");
        assert_eq!(found(body, "regex /id=\\d+/"), "\"id=17\"");
        assert_eq!(found(body, "regex /(?<id>\\d+)&(?<name>x)?/"), r#"{"id":"17","name":null}"#);
        assert_eq!(found(body, "bytes"), "24");
        assert_eq!(
            found("", "sha256"),
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""
        );
        let cut = Answer { body: "abc".into(), cut_from: Some(7), ..Answer::default() };
        assert_eq!(ask(&cut, "bytes"), "7");
        assert_eq!(ask(&cut, "sha256"), "a body of 7 bytes, of which the first 3 were kept");
    }

    #[test]
    fn everything_is_found_where_it_is() {
        let hop = probes::Redirect {
            status: StatusCode::FOUND,
            url: "https://acme.example/".parse().unwrap(),
            peer: ([192, 0, 2, 1], 443).into(),
            reached: Reached::New,
            parts: cutover::Parts::default(),
        };
        let mut answer = Answer {
            status: Some(StatusCode::CREATED),
            version: Some(http::Version::HTTP_2),
            url: Some("https://acme.example/home".parse().unwrap()),
            redirects: vec![hop.clone(), hop],
            reached: Some(Reached::New),
            topic: Some("a/b".to_owned()),
            lookup: Some(Lookup {
                rcode: "NOERROR".to_owned(),
                addresses: vec!["192.0.2.1".parse().unwrap()],
                ttl: Some(60),
                said: "A 192.0.2.1".to_owned(),
            }),
            page: Some(Page {
                title: "Home".to_owned(),
                vitals: Vitals {
                    ttfb: Some(Duration::from_millis(80)),
                    lcp: Some(Duration::from_millis(1_200)),
                    cls: Some(0.05),
                    ..Vitals::default()
                },
            }),
            certificate: Some(Arc::new(Certificate {
                subject: "CN=acme.example".to_owned(),
                issuer: "CN=Acme CA".to_owned(),
                names: vec!["acme.example".to_owned(), "*.acme.example".to_owned()],
                not_after: Utc::now() + Duration::from_hours(24 * 15 + 1),
            })),
            ..Answer::default()
        };
        answer.parts.total = Duration::from_millis(120);
        answer.parts.connect = Some(Duration::from_micros(1_500));
        answer.headers.append(SET_COOKIE, HeaderValue::from_static("SID=abc; Path=/"));
        for (query, wanted) in [
            ("status", "201"),
            ("version", "\"HTTP/2.0\""),
            ("header set-cookie", "\"SID=abc; Path=/\""),
            ("cookie SID", "\"abc\""),
            ("url", "\"https://acme.example/home\""),
            ("redirects", "2"),
            ("reached", "new"),
            ("topic", "\"a/b\""),
            ("rcode", "\"NOERROR\""),
            ("addresses", "[\"192.0.2.1\"]"),
            ("ttl", "60"),
            ("title", "\"Home\""),
            ("ttfb", "80ms"),
            ("fcp", "nothing"),
            ("lcp", "1200ms"),
            ("cls", "0.05"),
            ("certificate.days-left", "15"),
            ("certificate.names", "[\"acme.example\",\"*.acme.example\"]"),
            ("certificate.issuer", "\"CN=Acme CA\""),
            ("certificate.subject", "\"CN=acme.example\""),
            ("duration", "120ms"),
            ("duration.connect", "1.5ms"),
        ] {
            assert_eq!(ask(&answer, query), wanted, "{query}");
        }
    }
}
