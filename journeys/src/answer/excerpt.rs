//! The beginning of what was answered, for those who look for a failure's cause.

use http::header::CONTENT_TYPE;
use regex::Regex;

use super::Answer;

/// So many characters are told.
const MOST: usize = 200;
/// So many bytes are looked at: pages begin with much that nobody sees.
const LOOKED_AT: usize = 16 * 1024;

/// What of a page nobody reads.
const UNSEEN: &str = r"(?is)<!--.*?-->|<(script|style|svg)\b.*?</(script|style|svg)\s*>|<[^>]*>";

impl Answer {
    /// The beginning of the body in one line, of a page what its users see; `None` where there is nothing to be read.
    pub(crate) fn excerpt(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(LOOKED_AT)]);
        let kind = self.headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        let is_page = self.page.is_some() || kind.starts_with(b"text/html");
        let unseen = Regex::new(UNSEEN).ok().filter(|_| is_page);
        let seen = unseen.map_or(text.clone(), |unseen| unseen.replace_all(&text, " "));
        let mut words = String::new();
        for word in seen.split_whitespace() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
            if let Some((end, _)) = words.char_indices().nth(MOST) {
                words.truncate(end);
                words.push_str("...");
                break;
            }
        }
        let legible = words.chars().filter(|c| *c != char::REPLACEMENT_CHARACTER && !c.is_control()).count();
        // Pictures and the like are no words.
        (!words.is_empty() && 10 * legible >= 9 * words.chars().count()).then_some(words)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn excerpt(kind: &'static str, body: &[u8]) -> Option<String> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Answer { headers, body: body.to_vec().into(), ..Answer::default() }.excerpt()
    }

    #[test]
    fn one_line_is_told_and_of_a_page_what_is_seen() {
        let json = b"{\n  \"error\": \"who are you?\"\n}\n";
        assert_eq!(excerpt("application/json", json).as_deref(), Some("{ \"error\": \"who are you?\" }"));
        let page = b"<html><head><title>502 Bad Gateway</title><style>h1 { color: red }</style></head>\n\
            <body><!-- a --> <center><h1>502 Bad Gateway</h1></center><script>if (a < b) {}</script>nginx</body>";
        let told = excerpt("text/html; charset=utf-8", page);
        assert_eq!(told.as_deref(), Some("502 Bad Gateway 502 Bad Gateway nginx"));
        assert_eq!(
            excerpt("text/plain", "wörter ".repeat(60).as_bytes()).map(|it| it.chars().count()),
            Some(203)
        );
        for nothing in [&b""[..], b" \n", b"\x89PNG\r\n\x1a\n\0\0\0\xff\xfe\xfd"] {
            assert_eq!(excerpt("image/png", nothing), None, "{nothing:?}");
        }
    }
}
