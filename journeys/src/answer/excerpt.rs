//! The beginning of what was answered, for those who look for a failure's cause.

use http::header::CONTENT_TYPE;
use regex::Regex;

use super::Answer;
use crate::secret::{Clean, Redactor};

/// So many characters are told.
const MOST: usize = 200;
/// So many bytes are looked at: pages begin with much that nobody sees.
const LOOKED_AT: usize = 16 * 1024;
/// So many are cleaned for that: a secret that begins in what is looked at ends in these.
const CLEANED: usize = 4 * LOOKED_AT;

/// What of a page nobody reads.
const UNSEEN: &str = r"(?is)<!--.*?-->|<(script|style|svg)\b.*?</(script|style|svg)\s*>|<[^>]*>";

impl Answer {
    /// The beginning of the body in one line, of a page what its users see; `None` where there is nothing to be read.
    /// Secrets are looked for in the body as it came: folded and stripped they might not be known again.
    pub(crate) fn excerpt(&self, redactor: &Redactor) -> Option<Clean> {
        let text = redactor.clean(&String::from_utf8_lossy(&self.body[..self.body.len().min(CLEANED)]));
        let end = (0..=LOOKED_AT.min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
        let text = &text[..end];
        let kind = self.headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        let is_page = self.page.is_some() || kind.starts_with(b"text/html");
        let unseen = if is_page { Regex::new(UNSEEN).ok() } else { None };
        let seen = unseen.map_or(text.into(), |unseen| unseen.replace_all(text, " "));
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
        (!words.is_empty() && 10 * legible >= 9 * words.chars().count()).then(|| redactor.clean(&words))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    const SECRET: &str = "-----BEGIN KEY-----\nMIIEvQ  IBADAN\n<gkqhkiG9w0B>\n-----END KEY-----\n";

    fn excerpt(kind: &'static str, body: &[u8]) -> Option<String> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let answer = Answer { headers, body: body.to_vec().into(), ..Answer::default() };
        let mut redactor = Redactor::default();
        redactor.learn("key", SECRET);
        answer.excerpt(&redactor).map(Clean::into_string)
    }

    #[test]
    fn a_secret_is_known_however_it_would_look_in_one_line() {
        for kind in ["text/plain", "text/html"] {
            let body = format!("<p>you sent\n{SECRET}and more</p>");
            let told = excerpt(kind, body.as_bytes()).unwrap_or_default();
            assert!(told.contains("[key]") && !told.contains("MIIEvQ"), "{told}");
        }
        // Where it is cut off it is not told either.
        let far = format!("<p>{}</p>{SECRET}", "<br>".repeat((LOOKED_AT - 20) / 4));
        let told = excerpt("text/html", far.as_bytes()).unwrap_or_default();
        assert!(!told.contains("BEGIN"), "{told}");
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
