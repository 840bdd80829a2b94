//! A request as it was made, for those who want to make it again.

use std::sync::Arc;

use http::header::USER_AGENT;
use probes::HttpRequest;

use crate::secret::{Clean, Redactor};

/// A request over HTTP as it was made, without the headers that name the run.
///
/// Within a run its texts are plain ones, `Asked<String>`; it leaves the run cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<T = Clean> {
    /// The method.
    pub method: Arc<str>,
    /// The URL, as it was first asked for.
    pub url: T,
    /// The headers that were given, and the cookies.
    pub headers: Vec<(Arc<str>, T)>,
    /// What was sent.
    pub body: Sent<T>,
    /// What stands in these texts in the place of secrets: `[secret.password]`.
    pub marks: Vec<String>,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T = Clean> {
    /// None.
    Nothing,
    /// A text.
    Text(T),
    /// So many bytes that are no text, or too many to be kept.
    Bytes(usize),
}

/// Longer bodies are not kept.
const LONGEST: usize = 64 << 10;

impl Asked<String> {
    /// The request that is about to be made.
    pub(crate) fn of(request: &HttpRequest, user_agent: &str) -> Self {
        let shown = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = request.headers.iter().map(|(name, value)| (name.as_str().into(), shown(value)));
        let mut headers: Vec<(Arc<str>, String)> = headers.collect();
        if !request.headers.contains_key(USER_AGENT) {
            headers.push((USER_AGENT.as_str().into(), user_agent.to_owned()));
        }
        let body = match std::str::from_utf8(&request.body) {
            Ok("") => Sent::Nothing,
            Ok(text) if text.len() <= LONGEST => Sent::Text(text.to_owned()),
            _ => Sent::Bytes(request.body.len()),
        };
        Self {
            method: request.method.as_str().into(),
            url: request.url.to_string(),
            headers,
            body,
            marks: Vec::new(),
        }
    }
}

impl<T: AsRef<str>> Asked<T> {
    /// The same without any secret.
    pub(crate) fn cleaned(&self, redactor: &Redactor) -> Asked {
        let clean = |text: &T| redactor.clean(text.as_ref());
        let asked = Asked {
            method: self.method.clone(),
            url: clean(&self.url),
            headers: self.headers.iter().map(|(name, value)| (name.clone(), clean(value))).collect(),
            body: match &self.body {
                Sent::Nothing => Sent::Nothing,
                Sent::Text(text) => Sent::Text(clean(text)),
                Sent::Bytes(count) => Sent::Bytes(*count),
            },
            marks: Vec::new(),
        };
        let marks = redactor
            .marks()
            .into_iter()
            .filter(|mark| asked.texts().any(|text| text.contains(mark.as_str())));
        let marks = marks.collect();
        Asked { marks, ..asked }
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let body = match &self.body {
            Sent::Text(text) => Some(text),
            _ => None,
        };
        let values = self.headers.iter().map(|(_, value)| value);
        std::iter::once(&self.url).chain(values).chain(body).map(AsRef::as_ref)
    }
}
