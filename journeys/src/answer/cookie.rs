//! The cookies that an answer sets.

use http::HeaderMap;
use http::header::SET_COOKIE;

/// The value of the cookie of that name; if it is set several times, the last one counts (RFC 6265, section 4.1.1 forbids
/// it, and users' agents take the last).
pub(super) fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(SET_COOKIE).iter().filter_map(|header| {
        let header = String::from_utf8_lossy(header.as_bytes());
        let pair = header.split(';').next().unwrap_or_default();
        let (found, value) = pair.split_once('=')?;
        (found.trim() == name).then(|| unquoted(value.trim()).to_owned())
    });
    values.next_back()
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_name_and_the_last_one_counts() {
        let mut headers = HeaderMap::new();
        for line in ["a=1; Path=/", "SID=\"x=y\"; HttpOnly", "a=2", "empty=; Max-Age=0", "none"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        let found = |name| value(&headers, name);
        assert_eq!(found("a").as_deref(), Some("2"));
        assert_eq!(found("SID").as_deref(), Some("x=y"));
        assert_eq!(found("empty").as_deref(), Some(""));
        assert_eq!((found("sid"), found("none")), (None, None));
    }
}
