//! The cookies that a user has been given.

use std::str;

use cookie_store::{CookieStore, RawCookie};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use url::Url;

use super::target::script;
use crate::ProbeError;

/// The cookies that a user has been given (RFC 6265).
#[derive(Debug, Default)]
pub(super) struct Cookies {
    /// Made with the first cookie: most users have none.
    store: Option<Box<CookieStore>>,
}

/// How many are kept; browsers keep about as many of a domain (RFC 6265 section 6.1).
const MOST: usize = 256;

impl Cookies {
    /// Keeps what an answer from `url` sets.
    pub(super) fn keep(&mut self, headers: &HeaderMap, url: &Url) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let store = self.store.get_or_insert_default();
        for value in headers.get_all(SET_COOKIE) {
            let cookie = str::from_utf8(value.as_bytes()).ok().and_then(|text| RawCookie::parse(text).ok());
            if let Some(cookie) = cookie
                && store.iter_any().count() < MOST
            {
                // What the URL may not set is not kept, and that is all there is to it.
                drop(store.insert_raw(&cookie, url));
            }
        }
    }

    /// What goes with a request to `url`: those of `own`, and those kept that `own` does not replace.
    pub(super) fn header(
        &self,
        url: &Url,
        own: &[(String, String)],
    ) -> Result<Option<HeaderValue>, ProbeError> {
        let mut pairs = String::new();
        let mut add = |name: &str, value: &str| {
            if !pairs.is_empty() {
                pairs.push_str("; ");
            }
            pairs.extend([name, "=", value]);
        };
        if let Some(store) = &self.store {
            for (name, value) in store.get_request_values(url) {
                if !own.iter().any(|(replaced, _)| replaced == name) {
                    add(name, value);
                }
            }
        }
        for (name, value) in own {
            if name.is_empty() || name.contains([';', '=', ' ']) || value.contains(';') {
                return Err(script(format!(
                    "the cookie `{name}` cannot be sent: it has a `;`, or a name with `=` or spaces"
                )));
            }
            add(name, value);
        }
        if pairs.is_empty() {
            return Ok(None);
        }
        HeaderValue::try_from(pairs).map(Some).map_err(|_| {
            script("a cookie cannot be sent: its characters are not those of a header".to_owned())
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_for_their_host_and_path_and_replaced_by_ones_own() {
        let at = |path: &str| format!("https://api.acme.example{path}").parse::<Url>().unwrap();
        let mut headers = HeaderMap::new();
        for set in ["sid=7", "theme=dark; path=/console", "other=1; domain=elsewhere.example"] {
            headers.append(SET_COOKIE, set.parse().unwrap());
        }
        let mut cookies = Cookies::default();
        assert_eq!(cookies.header(&at("/"), &[]).unwrap(), None);
        cookies.keep(&headers, &at("/sign-in"));
        let sent = |url: &Url, own: &[(String, String)]| cookies.header(url, own).unwrap();
        assert_eq!(sent(&at("/"), &[]).unwrap(), "sid=7");
        let own = [("sid".to_owned(), "8".to_owned()), ("a".to_owned(), "b".to_owned())];
        assert_eq!(sent(&at("/"), &own).unwrap(), "sid=8; a=b");
        assert!(sent(&at("/console"), &[]).unwrap().to_str().unwrap().contains("theme=dark"));
        assert_eq!(sent(&"https://elsewhere.example/".parse().unwrap(), &[]), None);
        let bad = cookies.header(&at("/"), &[("a;b".to_owned(), "c".to_owned())]).unwrap_err();
        assert_eq!(
            bad.message,
            "the cookie `a;b` cannot be sent: it has a `;`, or a name with `=` or spaces"
        );
    }

    #[test]
    fn they_are_bounded() {
        let url = "http://acme.example/".parse::<Url>().unwrap();
        let mut cookies = Cookies::default();
        for index in 0..2 * MOST {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, format!("c{index}=1").parse().unwrap());
            cookies.keep(&headers, &url);
        }
        assert_eq!(cookies.store.unwrap().iter_any().count(), MOST);
    }
}
