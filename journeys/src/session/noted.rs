//! The request that is under way, noted for those who want to make it again.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderName, HeaderValue};
use probes::{HttpRequest, HttpVersion, SentMessage, Transcript};
use url::Url;
use uuid::Uuid;

use crate::action::Certificates;
use crate::run::{Asked, Sent};

/// Longer texts are not kept: no shell takes a word that is much longer.
const LONGEST: usize = 64 << 10;

/// A request that is under way, or was made last.
pub(super) struct Noted {
    transcript: Transcript,
    /// What its body was made of, where that does not tell itself.
    of: Option<Sent<String>>,
    version: Option<HttpVersion>,
    certificates: Option<Certificates>,
}

impl Noted {
    /// Notes what becomes of `request`.
    pub(super) fn of(
        request: &mut HttpRequest,
        of: Option<Sent<String>>,
        certificates: Option<&Certificates>,
    ) -> Self {
        let transcript = request.transcript.insert(Transcript::default()).clone();
        Self { transcript, of, version: request.version, certificates: certificates.cloned() }
    }

    /// All that went out for it, by the run of that id.
    pub(super) fn asked(&self, id: Uuid) -> Vec<Asked<String>> {
        let id = id.simple().to_string();
        self.transcript.messages().iter().map(|message| self.one(message, &id)).collect()
    }

    fn one(&self, message: &SentMessage, id: &str) -> Asked<String> {
        let certificates = self.certificates.as_ref();
        let identity = certificates.and_then(|own| own.identity.as_ref());
        let credentials = message.headers.get(AUTHORIZATION).and_then(basic);
        let told = |(name, value): &(&HeaderName, &HeaderValue)| match **name {
            HOST => !is_host(&message.url, value),
            AUTHORIZATION => credentials.is_none(),
            _ => !(names_a_run(name) && shown(value).contains(id)),
        };
        let headers = message.headers.iter().filter(told);
        let headers = headers.map(|(name, value)| (name.as_str().into(), shown(value))).collect();
        Asked {
            method: message.method.as_str().into(),
            url: bare(&message.url),
            headers,
            credentials,
            body: self.body(&message.body),
            length: message.body.len(),
            version: self.version,
            ca: certificates.and_then(|own| own.ca.as_ref()).map(|ca| ca.path.clone()),
            certificate: identity.map(|(own, key)| (own.path.clone(), key.path.clone())),
            peer: message.peer,
            status: message.status.map(|status| status.as_u16()),
            marks: BTreeSet::new(),
        }
    }

    fn body(&self, bytes: &[u8]) -> Sent<String> {
        match (std::str::from_utf8(bytes), &self.of) {
            // A redirect may lose it on the way.
            (Ok(""), _) => Sent::Nothing,
            (_, Some(of)) if is_plain(of) => of.clone(),
            // No shell takes a word with a NUL in it.
            (Ok(text), _) if text.len() <= LONGEST && !text.contains('\0') => Sent::Text(text.to_owned()),
            _ => Sent::Bytes,
        }
    }
}

/// Whether each of its pieces can be told as `NAME=WHAT`.
fn is_plain(sent: &Sent<String>) -> bool {
    !matches!(sent, Sent::Pieces(pieces) if pieces.iter().any(|(name, _)| name.contains('=')))
}

/// Whether it is a header of ours that says which run this is.
fn names_a_run(name: &HeaderName) -> bool {
    matches!(name.as_str(), "x-serin-run" | "traceparent")
}

fn shown(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Whether a `host` says no more than the URL does.
fn is_host(url: &Url, value: &HeaderValue) -> bool {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => value.as_bytes() == format!("{host}:{port}").as_bytes(),
        None => value.as_bytes() == host.as_bytes(),
    }
}

/// A URL as it is asked for: without the credentials, which are a header, and without the fragment, which nobody is sent.
fn bare(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // Every http URL could have credentials: taking them away cannot fail.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

/// Name and password of a Basic `authorization`, if nothing is lost by telling them so.
fn basic(value: &HeaderValue) -> Option<(String, String)> {
    let encoded = value.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (name, password) = pair.split_once(':').filter(|_| !pair.contains('\0'))?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_only_where_they_say_all() {
        let told = |text: &str| basic(&HeaderValue::try_from(text).unwrap());
        assert_eq!(told("Basic bWU6cDp3"), Some(("me".to_owned(), "p:w".to_owned())));
        assert_eq!(told("Basic OnB3"), Some((String::new(), "pw".to_owned())));
        for other in ["Bearer bWU6cHc=", "basic bWU6cHc=", "Basic bWU", "Basic bWU=", "Basic !", "Basic /w=="]
        {
            assert_eq!(told(other), None, "{other}");
        }
    }

    #[test]
    fn a_url_is_told_as_it_is_asked_for() {
        let told = |url: &str| bare(&url.parse().unwrap());
        assert_eq!(told("https://me:pw@a.example:8443/b?c=d#e"), "https://a.example:8443/b?c=d");
        assert_eq!(told("https://a.example"), "https://a.example/");
    }

    #[test]
    fn a_host_of_its_own_is_told() {
        let is =
            |url: &str, host: &'static str| is_host(&url.parse().unwrap(), &HeaderValue::from_static(host));
        assert!(is("http://a.example/", "a.example") && is("http://a.example:80/", "a.example"));
        assert!(is("http://[::1]:8080/", "[::1]:8080"));
        assert!(!is("http://a.example/", "b.example") && !is("http://a.example:81/", "a.example"));
    }
}
