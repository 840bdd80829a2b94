//! What came back from an action, ready to be asked.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use cutover::{Answered, Parts, Reached};
use http::{HeaderMap, StatusCode, Version};
use serde_json::Value;

use crate::grammar::Query;
use crate::journey::Save;
use crate::run::Unmet;

/// What came back from an action. What an action does not have is `None`, and its queries are refused at load.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: Option<StatusCode>,
    pub(crate) version: Option<Version>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How long the body really was, when only its beginning was kept.
    pub(crate) cut_from: Option<u64>,
    pub(crate) topic: Option<String>,
    pub(crate) parts: Parts,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) reached: Option<Reached>,
    pub(crate) answered: Option<Answered>,
    /// The body as JSON, parsed when first asked for.
    pub(crate) json: OnceLock<Result<Value, String>>,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// Nothing, and why: "nothing", "a body that is not JSON".
    Nothing(String),
    /// A number, a text, or any JSON value.
    Value(Value),
    /// A time.
    Time(Duration),
    /// What was reached.
    Reached(Reached),
    /// Who answered.
    Answered(Answered),
}

impl Answer {
    /// Asks the answer.
    pub(crate) fn find(&self, query: &Query) -> Found {
        let nothing = || Found::Nothing("nothing".to_owned());
        let text = |text: &str| Found::Value(Value::String(text.to_owned()));
        match query {
            Query::Status => self.status.map_or_else(nothing, |status| Found::Value(status.as_u16().into())),
            Query::Version => self.version.map_or_else(nothing, |version| text(&format!("{version:?}"))),
            Query::Header(name) => match self.headers.get(name) {
                Some(value) => text(&String::from_utf8_lossy(value.as_bytes())),
                None => nothing(),
            },
            Query::Body => text(&String::from_utf8_lossy(&self.body)),
            Query::Json(path) => match self.json() {
                Ok(json) => match path.query(json).all().as_slice() {
                    [] => nothing(),
                    [one] => Found::Value((*one).clone()),
                    // A path that finds several things has found a list of them.
                    many => Found::Value(Value::Array(many.iter().map(|&value| value.clone()).collect())),
                },
                Err(why) => Found::Nothing(why.clone()),
            },
            Query::Topic => self.topic.as_deref().map_or_else(nothing, text),
            Query::Duration => Found::Time(self.parts.total),
            Query::Reached => self.reached.map_or_else(nothing, Found::Reached),
            Query::Answered => Found::Answered(self.answered.unwrap_or(Answered::Unmarked)),
        }
    }

    /// What is to be kept of it, or that there is no such thing.
    pub(crate) fn keep(&self, save: &Save) -> Result<Value, Box<Unmet<String>>> {
        let found = self.find(&save.query);
        let actual = found.shown();
        found.into_value().ok_or_else(|| {
            Box::new(Unmet {
                text: save.text.clone(),
                at: save.at.clone(),
                expected: "exists".to_owned(),
                actual,
                diff: Vec::new(),
            })
        })
    }

    fn json(&self) -> &Result<Value, String> {
        self.json.get_or_init(|| match (serde_json::from_slice(&self.body), self.cut_from) {
            (Ok(value), _) => Ok(value),
            (Err(_), Some(length)) => {
                Err(format!("a body of {length} bytes, of which the first {} were kept", self.body.len()))
            }
            (Err(_), None) if self.body.is_empty() => Err("an empty body".to_owned()),
            (Err(error), None) => Err(format!("a body that is not JSON ({error})")),
        })
    }
}

/// Longer values are cut in messages: a message is for people.
const SHOWN: usize = 160;

impl Found {
    /// The value in words, for messages.
    pub(crate) fn shown(&self) -> String {
        let shown = match self {
            Self::Nothing(why) => why.clone(),
            Self::Value(value) => value.to_string(),
            Self::Time(time) => milliseconds(*time),
            Self::Reached(reached) => reached.to_string(),
            Self::Answered(answered) => answered.to_string(),
        };
        match shown.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}...", &shown[..end]),
            None => shown,
        }
    }

    /// The value to save, if there is one. A time is saved in seconds.
    pub(crate) fn into_value(self) -> Option<Value> {
        match self {
            Self::Nothing(_) => None,
            Self::Value(value) => Some(value),
            Self::Time(time) => Some(time.as_secs_f64().into()),
            Self::Reached(reached) => Some(reached.as_str().into()),
            Self::Answered(answered) => Some(answered.as_str().into()),
        }
    }
}

/// A time as people read it: whole milliseconds, or tenths below ten.
pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 { format!("{milliseconds:.1}ms") } else { format!("{milliseconds:.0}ms") }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::grammar::Cursor;

    fn found(body: &'static str, query: &str) -> String {
        let answer = Answer { body: body.into(), ..Answer::default() };
        answer.find(&Query::read(&mut Cursor::new(query)).unwrap()).shown()
    }

    #[test]
    fn a_path_finds_nothing_one_thing_or_a_list() {
        let body = r#"{"items": [{"v": 1}, {"v": 2.5}]}"#;
        assert_eq!(found(body, "json $.none"), "nothing");
        assert_eq!(found(body, "json $.items[1].v"), "2.5");
        assert_eq!(found(body, "json $.items[*].v"), "[1,2.5]");
    }

    #[test]
    fn what_is_no_json_says_so() {
        assert_eq!(found("", "json $.a"), "an empty body");
        assert!(found("<html>", "json $.a").starts_with("a body that is not JSON"));
    }

    #[test]
    fn what_an_answer_lacks_is_nothing() {
        assert_eq!(found("", "status"), "nothing");
        assert_eq!(found("", "answered"), "unmarked");
        assert_eq!(found("", "duration"), "0.0ms");
    }
}
