//! A request as it goes out.

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, COOKIE, Entry, HOST, TRANSFER_ENCODING,
    USER_AGENT,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use url::{Position, Url};

use super::HttpRequest;
use super::basic;
use super::cookies::Cookies;
use super::target::{Target, script};
use crate::ProbeError;

/// A request as it goes out.
pub(super) type Message = Request<Full<Bytes>>;

/// The message of a request, as HTTP/1.1 has it: a path, and the host as a header. What the request says itself takes
/// the place of what would have been sent.
pub(super) fn message(
    request: &HttpRequest,
    mut headers: HeaderMap,
    target: &Target,
    user_agent: &HeaderValue,
    cookies: &Cookies,
) -> Result<Message, ProbeError> {
    let url = &request.url;
    if !headers.contains_key(AUTHORIZATION)
        && let Some(value) = authorization(request)
    {
        headers.insert(AUTHORIZATION, value);
    }
    if let Entry::Vacant(entry) = headers.entry(HOST) {
        entry.insert(host(target, url)?);
    }
    headers.entry(USER_AGENT).or_insert_with(|| user_agent.clone());
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip, br, deflate"));
    if !headers.contains_key(COOKIE)
        && let Some(value) = cookies.header(url, &request.cookies)?
    {
        headers.insert(COOKIE, value);
    }
    // How long the body is and how it is framed follows from the body.
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        // RFC 9110 section 8.6: where a body is expected, that there is none is said.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let path = PathAndQuery::try_from(path).map_err(|_| script(format!("`{url}` cannot be asked for")))?;
    let mut message = Request::new(Full::new(request.body.clone()));
    *message.method_mut() = request.method.clone();
    *message.uri_mut() = Uri::from(path);
    *message.headers_mut() = headers;
    Ok(message)
}

/// The message as HTTP/2 has it: the host is a part of the URI (RFC 9113 section 8.3.1).
pub(super) fn with_authority(message: &mut Message, tls: bool) {
    let host = message.headers_mut().remove(HOST);
    let authority = host.as_ref().and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let mut parts = std::mem::take(message.uri_mut()).into_parts();
    if authority.is_some() {
        parts.scheme = Some(if tls { Scheme::HTTPS } else { Scheme::HTTP });
        parts.authority = authority;
    }
    // Its parts are one URI's but for the authority, which needs a path: there always is one.
    *message.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
}

/// The message as HTTP/1.1 has it, again.
pub(super) fn without_authority(message: &mut Message) {
    let mut parts = std::mem::take(message.uri_mut()).into_parts();
    parts.scheme = None;
    if let Some(host) =
        parts.authority.take().and_then(|authority| HeaderValue::try_from(authority.as_str()).ok())
    {
        message.headers_mut().insert(HOST, host);
    }
    *message.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
}

/// The host, with the port where it is not the scheme's own.
fn host(target: &Target, url: &Url) -> Result<HeaderValue, ProbeError> {
    let value = match url.port() {
        Some(port) => HeaderValue::try_from(format!("{}:{port}", target.host)),
        None => HeaderValue::from_str(&target.host),
    };
    value.map_err(|_| script(format!("`{}` is no host", target.host)))
}

/// RFC 7617: the request's credentials, or else those in its URL.
fn authorization(request: &HttpRequest) -> Option<HeaderValue> {
    let text = match (&request.credentials, request.url.username(), request.url.password()) {
        (Some((name, password)), ..) => basic(name, password),
        (None, "", None) => return None,
        (None, name, password) => basic(&decoded(name), &decoded(password.unwrap_or_default())),
    };
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::Trust;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    fn of(request: &HttpRequest) -> Message {
        let target = Target::of(request, &Trust::new(&[]).unwrap()).unwrap();
        let agent = HeaderValue::from_static("serin/test");
        message(request, request.headers.clone(), &target, &agent, &Cookies::default()).unwrap()
    }

    fn get(url: &str) -> HttpRequest {
        HttpRequest::new(Method::GET, url.parse().unwrap())
    }

    #[test]
    fn a_message_says_what_the_request_does_not_and_no_more() {
        let mut request = get("http://acme.example:8080/a?b=c d#e");
        let message = of(&request);
        assert_eq!(message.uri(), "/a?b=c%20d");
        assert_eq!(message.headers()[HOST], "acme.example:8080");
        assert_eq!(message.headers()[USER_AGENT], "serin/test");
        assert!(!message.headers().contains_key(CONTENT_LENGTH) && !message.headers().contains_key(COOKIE));
        request.headers.insert(HOST, HeaderValue::from_static("other.example"));
        request.headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
        request.method = Method::POST;
        let message = of(&request);
        assert_eq!(
            (&message.headers()[HOST], &message.headers()[CONTENT_LENGTH]),
            (&"other.example".parse().unwrap(), &"0".parse().unwrap())
        );
    }

    #[test]
    fn credentials_are_the_requests_or_the_urls() {
        let mut request = get("https://user%40a:p%3aw@acme.example");
        let sent = |request: &HttpRequest| of(request).headers()[AUTHORIZATION].clone();
        assert_eq!(sent(&request), format!("Basic {}", BASE64_STANDARD.encode("user@a:p:w")).as_str());
        request.credentials = Some(("me".to_owned(), "pw".to_owned()));
        assert_eq!(sent(&request), format!("Basic {}", BASE64_STANDARD.encode("me:pw")).as_str());
        request.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer t"));
        assert_eq!(sent(&request), "Bearer t");
    }

    #[test]
    fn a_message_changes_its_form_with_the_version_and_back() {
        let mut message = of(&get("https://acme.example:444/a?b"));
        with_authority(&mut message, true);
        assert_eq!(message.uri(), "https://acme.example:444/a?b");
        assert!(!message.headers().contains_key(HOST));
        without_authority(&mut message);
        assert_eq!(message.uri(), "/a?b");
        assert_eq!(message.headers()[HOST], "acme.example:444");
    }
}
