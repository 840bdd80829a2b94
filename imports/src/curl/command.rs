//! What a command of curl's asks for.

use std::time::Duration;

use url::form_urlencoded::byte_serialize;

use crate::draft::Field;
use crate::text::Text;

/// What one request of a command is.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub(super) urls: Vec<String>,
    pub(super) method: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) data: Vec<Data>,
    pub(super) parts: Vec<(String, Field)>,
    pub(super) user: Option<(String, String)>,
    pub(super) cookies: Vec<String>,
    pub(super) agent: Option<String>,
    pub(super) get: bool,
    pub(super) head: bool,
    pub(super) redirects: Option<u64>,
    pub(super) version: Option<&'static str>,
    pub(super) timeout: Option<Duration>,
    /// How often it is tried, if more than once.
    pub(super) attempts: Option<u64>,
    pub(super) cert: Option<String>,
    pub(super) key: Option<String>,
    pub(super) ca: Option<String>,
    pub(super) remarks: Vec<String>,
    /// Whether there was an option of which it is not known whether it takes a value.
    pub(super) unknown: bool,
}

/// A piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    Text(String),
    Json(String),
    File(String),
}

impl Command {
    /// Behind an option that is not known, what is no whole URL may be its value.
    pub(super) fn finished(mut self) -> Self {
        if self.unknown && self.urls.iter().any(|url| url.contains("://")) {
            self.urls.retain(|url| url.contains("://"));
        }
        self
    }

    pub(super) fn header(&mut self, value: &str) {
        match value.split_once(':') {
            Some((name, value)) if !value.trim().is_empty() => {
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            // `-H 'Accept:'` takes a header of curl's own away, which is not sent here in any case.
            Some(_) => {}
            None => match value.strip_suffix(';') {
                Some(name) => self.headers.push((name.to_owned(), String::new())),
                None => self.remarks.push(format!("The header `{value}` has no value and was left out.")),
            },
        }
    }

    /// `name=text`, `name=@path;type=image/png`, `name=<path`.
    pub(super) fn part(&mut self, value: &str) {
        let (name, content) = value.split_once('=').unwrap_or((value, ""));
        let field = match content.strip_prefix(['@', '<']) {
            Some(rest) => {
                let mut pieces = rest.split(';');
                let path = pieces.next().unwrap_or_default().trim_matches('"').to_owned();
                let mime = pieces.find_map(|piece| piece.trim().strip_prefix("type=").map(str::to_owned));
                Field::File { path, mime }
            }
            None => Field::Text(Text::from(content.split(";type=").next().unwrap_or_default())),
        };
        self.parts.push((name.to_owned(), field));
    }
}

/// `--data-urlencode`: `content`, `=content`, `name=content`, `@path`, `name@path`.
pub(super) fn encoded(value: &str) -> Data {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    match value.find(['=', '@']) {
        Some(at) if value[at..].starts_with('=') => {
            let (name, text) = (&value[..at], &value[at + 1..]);
            Data::Text(if name.is_empty() { encode(text) } else { format!("{name}={}", encode(text)) })
        }
        Some(at) => Data::File(value[at + 1..].to_owned()),
        None => Data::Text(encode(value)),
    }
}

/// Seconds, with a fraction if need be; what is no time of a step is none.
pub(super) fn seconds(value: &str) -> Option<Duration> {
    const LONGEST: f64 = 3_600.0;
    let seconds: f64 = value.parse().ok().filter(|seconds| *seconds >= 0.001 && *seconds <= LONGEST)?;
    let whole = Duration::from_secs_f64(seconds).as_millis();
    Some(Duration::from_millis(u64::try_from(whole).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_encoded_where_curl_would() {
        assert_eq!(encoded("a=b c&d"), Data::Text("a=b+c%26d".to_owned()));
        assert_eq!(encoded("=b c"), Data::Text("b+c".to_owned()));
        assert_eq!(encoded("n@f"), Data::File("f".to_owned()));
    }
}
