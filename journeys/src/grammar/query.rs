//! Queries: what of an answer is looked at.

use std::str::FromStr;

use http::HeaderName;
use serde_json_path::JsonPath;

use super::{Cursor, GrammarError};
use document::did_you_mean;

/// What of an answer is looked at.
#[derive(Debug, Clone)]
pub(crate) enum Query {
    /// The HTTP status, a number.
    Status,
    /// A response header, as text; the first one of that name.
    Header(HeaderName),
    /// The body, or an MQTT message's payload, as text.
    Body,
    /// Values within a JSON body (RFC 9535).
    Json(JsonPath),
    /// How long the exchange took, all its parts together.
    Duration,
    /// The side whose address was really connected.
    Reached,
    /// The side whose marker the answer bears.
    Answered,
    /// The topic of an MQTT message.
    Topic,
    /// The HTTP version spoken, `HTTP/1.1`.
    Version,
}

/// What a query yields, and so which predicates and values go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    /// A whole number.
    Number,
    /// Text, which may look like a number.
    Text,
    /// Any JSON value.
    Json,
    /// A time.
    Time,
    /// One of the sides' words.
    Side,
}

const WORDS: [&str; 9] =
    ["status", "header", "body", "json", "duration", "reached", "answered", "topic", "version"];

impl Query {
    /// Reads a query.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let word = cursor.word();
        Ok(match word {
            "status" => Self::Status,
            "header" => Self::Header(header_name(cursor)?),
            "body" => Self::Body,
            "json" => Self::Json(json_path(cursor)?),
            "duration" => Self::Duration,
            "reached" => Self::Reached,
            "answered" => Self::Answered,
            "topic" => Self::Topic,
            "version" => Self::Version,
            "" => {
                let help = format!("one of {}", WORDS.join(", "));
                return Err(cursor.error(from, "a query is missing", Some(help)));
            }
            other => {
                let message = format!("`{other}` is no query");
                return Err(cursor.error(from, message, Some(did_you_mean(other, WORDS))));
            }
        })
    }

    /// The word with which it is written.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Header(_) => "header",
            Self::Body => "body",
            Self::Json(_) => "json",
            Self::Duration => "duration",
            Self::Reached => "reached",
            Self::Answered => "answered",
            Self::Topic => "topic",
            Self::Version => "version",
        }
    }

    /// What it yields.
    pub(crate) const fn yields(&self) -> Yields {
        match self {
            Self::Status => Yields::Number,
            Self::Header(_) | Self::Body | Self::Topic | Self::Version => Yields::Text,
            Self::Json(_) => Yields::Json,
            Self::Duration => Yields::Time,
            Self::Reached | Self::Answered => Yields::Side,
        }
    }
}

fn header_name(cursor: &mut Cursor<'_>) -> Result<HeaderName, GrammarError> {
    cursor.rest();
    let from = cursor.position();
    let name = cursor.word();
    if name.is_empty() {
        return Err(cursor.error(from, "the header's name is missing", None));
    }
    HeaderName::from_str(name)
        .map_err(|_| cursor.error(from, format!("`{name}` cannot be a header's name"), None))
}

fn json_path(cursor: &mut Cursor<'_>) -> Result<JsonPath, GrammarError> {
    let rest = cursor.rest();
    let from = cursor.position();
    let length = path_length(rest);
    let path = &rest[..length];
    cursor.advance(length);
    if !path.starts_with('$') {
        let help = Some("a JSONPath begins with $, as in `json $.items[0].value`".to_owned());
        return Err(cursor.error(from, "a JSONPath is missing", help));
    }
    JsonPath::parse(path).map_err(|error| {
        let at = from + error.position().min(path.len());
        let help = Some("RFC 9535: $.name, $.items[0], $.items[?@.id == 7]".to_owned());
        cursor.error_at(at, from + length, format!("`{path}` is no JSONPath"), help)
    })
}

/// A path ends at the first space that is neither in brackets nor in quotes.
fn path_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) if c.is_whitespace() && depth == 0 => return index,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_hold_spaces_in_brackets_and_quotes() {
        let mut cursor = Cursor::new("json $.items[?(@.name == 'a ] b')].value == 21.5");
        assert!(matches!(Query::read(&mut cursor).unwrap(), Query::Json(_)));
        assert_eq!(cursor.rest(), "== 21.5");
    }

    #[test]
    fn errors_point_at_the_word() {
        let error = |text: &str| Query::read(&mut Cursor::new(text)).unwrap_err();
        assert_eq!((error("statsu == 2").at, error("statsu == 2").width), (0, 6));
        assert_eq!(error("statsu == 2").help.unwrap(), "did you mean `status`?");
        assert_eq!(error("json items").at, 5);
        assert_eq!(error("json $.a[").message, "`$.a[` is no JSONPath");
        assert_eq!(error("header é").message, "`é` cannot be a header's name");
        assert_eq!(error("").message, "a query is missing");
    }
}
