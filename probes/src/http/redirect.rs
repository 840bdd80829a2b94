//! Where a redirect leads, and what of the request goes there (RFC 9110 section 15.4).

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, HOST,
    LOCATION, PROXY_AUTHORIZATION,
};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::HttpRequest;

/// Where an answer sends who asked for `url`; `None` when it sends nowhere, or nothing that the reason can be told of.
pub(super) fn location(status: StatusCode, headers: &HeaderMap, url: &Url) -> Result<Option<Url>, String> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes());
    let mut to = url.join(&location).map_err(|_| format!("redirects to `{location}`, which is no URL"))?;
    if !matches!(to.scheme(), "http" | "https") {
        return Err(format!("redirects to `{to}`, which is no http or https URL"));
    }
    if to.fragment().is_none() {
        to.set_fragment(url.fragment());
    }
    Ok(Some(to))
}

/// Makes of a request the one that follows a redirect: 303 asks with GET, and so do 301 and 302 instead of POST, as
/// all browsers do; 307 and 308 ask the same again. Another origin is told no secrets.
pub(super) fn follow(request: &mut HttpRequest, status: StatusCode, to: Url) {
    let asks = match status.as_u16() {
        303 => request.method != Method::HEAD,
        301 | 302 => request.method == Method::POST,
        _ => false,
    };
    if asks {
        request.method = Method::GET;
        request.body.clear();
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION] {
            request.headers.remove(name);
        }
    }
    if request.url.origin() != to.origin() {
        request.credentials = None;
        request.cookies.clear();
        for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, HOST] {
            request.headers.remove(name);
        }
    }
    request.url = to;
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn led(location: &str) -> Result<Option<Url>, String> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, location.parse().unwrap());
        let url = "https://acme.example/a/b?c#d".parse().unwrap();
        super::location(StatusCode::FOUND, &headers, &url)
    }

    #[test]
    fn a_location_is_read_as_a_link_on_the_page() {
        for (location, url) in [
            ("/home", "https://acme.example/home#d"),
            ("home", "https://acme.example/a/home#d"),
            ("?x", "https://acme.example/a/b?x#d"),
            ("//other.example", "https://other.example/#d"),
            ("http://acme.example/#e", "http://acme.example/#e"),
        ] {
            assert_eq!(led(location).unwrap().unwrap().as_str(), url);
        }
        assert_eq!(led("ftp://a/").unwrap_err(), "redirects to `ftp://a/`, which is no http or https URL");
        assert_eq!(led("http://[").unwrap_err(), "redirects to `http://[`, which is no URL");
        let url = "https://acme.example".parse().unwrap();
        assert_eq!(location(StatusCode::FOUND, &HeaderMap::new(), &url), Ok(None));
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, "/made".parse().unwrap());
        assert_eq!(location(StatusCode::CREATED, &headers, &url), Ok(None));
    }

    #[test]
    fn what_goes_on_depends_on_the_status_and_on_the_origin() {
        let request = |method: Method| {
            let mut request = HttpRequest::new(method, "https://acme.example/a".parse().unwrap());
            request.body = Bytes::from_static(b"{}");
            request.headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
            request.headers.insert(AUTHORIZATION, "Bearer t".parse().unwrap());
            request.credentials = Some(("me".to_owned(), "pw".to_owned()));
            request.cookies = vec![("a".to_owned(), "b".to_owned())];
            request
        };
        for (status, method, followed) in [
            (303, Method::POST, Method::GET),
            (303, Method::HEAD, Method::HEAD),
            (302, Method::POST, Method::GET),
            (301, Method::PUT, Method::PUT),
            (307, Method::POST, Method::POST),
            (308, Method::PATCH, Method::PATCH),
        ] {
            let mut request = request(method);
            let to = "https://acme.example/b".parse().unwrap();
            follow(&mut request, StatusCode::from_u16(status).unwrap(), to);
            let asks = followed == Method::GET;
            assert_eq!((&request.method, request.body.is_empty()), (&followed, asks), "{status}");
            assert_eq!(request.headers.contains_key(CONTENT_TYPE), !asks);
            assert!(request.headers.contains_key(AUTHORIZATION) && request.credentials.is_some());
        }
        for elsewhere in ["http://acme.example/", "https://acme.example:444/", "https://b.acme.example/"] {
            let mut request = request(Method::POST);
            follow(&mut request, StatusCode::PERMANENT_REDIRECT, elsewhere.parse().unwrap());
            assert!(!request.headers.contains_key(AUTHORIZATION) && request.credentials.is_none());
            assert!(request.cookies.is_empty() && !request.body.is_empty());
        }
    }
}
