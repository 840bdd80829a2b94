//! Markers: by what an answer is recognised as the old or the new side's.

use std::collections::BTreeSet;

use cutover::{Answered, Route, Side};

use crate::answer::{Answer, Found};
use crate::grammar::{Cursor, Expectation, GrammarError, Predicate, Query};
use crate::template::{BadTemplate, Fault, Template, Workshop};
use crate::vars::Vars;

/// One mark of one side: `header x-served-by == "old"`, `json $.served_by == "old"`, or, for MQTT sessions, the
/// retained message of a topic, `mqtt served-by == "old"`.
#[derive(Debug, Clone)]
pub struct Marker(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Answer(Expectation),
    Retained { topic: String, predicate: Predicate },
}

/// The marks of both sides.
#[derive(Debug)]
pub struct Markers {
    old: Vec<Marker>,
    new: Vec<Marker>,
    /// Markers are constants: there is never a variable in here.
    vars: Vars,
}

impl Marker {
    /// Reads a marker. Its words are those of an expectation; templates are refused.
    ///
    /// # Errors
    /// When the text is no marker; says where and why.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut cursor = Cursor::new(text);
        if cursor.eat("mqtt") {
            return Self::retained(cursor);
        }
        let expectation = Expectation::parse(text, &mut constant)?;
        let usable =
            matches!(expectation.query, Query::Status | Query::Header(_) | Query::Body | Query::Json(_));
        if usable && !matches!(expectation.predicate, Predicate::Same) {
            return Ok(Self(Kind::Answer(expectation)));
        }
        let word = if usable { "same" } else { expectation.query.word() };
        let help = "a marker is a header, json, body, status, or mqtt TOPIC".to_owned();
        Err(cursor.error_at(0, text.len(), format!("`{word}` marks no side"), Some(help)))
    }

    fn retained(mut cursor: Cursor<'_>) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let topic = cursor.word().to_owned();
        if topic.is_empty() || topic.contains(['+', '#', '=', '<', '>', '!']) {
            let help = "as in `mqtt served-by == \"old\"`".to_owned();
            return Err(cursor.error(from, "the topic of one retained message is missing", Some(help)));
        }
        let predicate = Predicate::read(&mut cursor, &Query::Body, &mut constant)?;
        if matches!(predicate, Predicate::Same) {
            return Err(cursor.error(from, "`same` marks no side", None));
        }
        cursor.finish("a text with spaces is put in double quotes")?;
        Ok(Self(Kind::Retained { topic, predicate }))
    }
}

/// A text in a marker: itself, for it belongs to no run.
fn constant(text: &str) -> Result<Template, BadTemplate> {
    if text.contains("{{") {
        let message = "a marker belongs to no run: it can have no variables".to_owned();
        let fault = Fault { at: 0, width: text.chars().count(), message, help: None };
        return Err(BadTemplate { faults: vec![fault], needs: BTreeSet::new() });
    }
    Ok(Template::Literal(text.into()))
}

impl Default for Markers {
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new())
    }
}

impl Markers {
    /// The marks of both sides. A side without any is never recognised; that is no error.
    pub fn new(old: Vec<Marker>, new: Vec<Marker>) -> Self {
        Self { old, new, vars: Vars::new(Workshop::new().finish()) }
    }

    /// The topics whose retained messages say who answers on MQTT, each once.
    pub(crate) fn topics(&self) -> Vec<&str> {
        let mut topics: Vec<_> = self.old.iter().chain(&self.new).filter_map(Marker::topic).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }

    /// Who gave this HTTP answer.
    pub(crate) fn of_answer(&self, answer: &Answer) -> Answered {
        self.decide(|marker| match &marker.0 {
            Kind::Answer(expectation) => expectation.holds(answer, &self.vars, Route::Live).unwrap_or(false),
            Kind::Retained { .. } => false,
        })
    }

    /// Who keeps this retained message.
    pub(crate) fn of_retained(&self, topic: &str, payload: &[u8]) -> Answered {
        let found = Found::Text(String::from_utf8_lossy(payload));
        self.decide(|marker| match &marker.0 {
            Kind::Retained { topic: wanted, predicate } => {
                wanted == topic && predicate.holds(&found, &self.vars, Route::Live).unwrap_or(false)
            }
            Kind::Answer(_) => false,
        })
    }

    /// An answer that bears the marks of both sides proves nothing.
    fn decide(&self, bears: impl Fn(&Marker) -> bool) -> Answered {
        match (self.old.iter().any(&bears), self.new.iter().any(&bears)) {
            (true, false) => Side::Old.into(),
            (false, true) => Side::New.into(),
            _ => Answered::Unmarked,
        }
    }
}

impl Marker {
    fn topic(&self) -> Option<&str> {
        match &self.0 {
            Kind::Retained { topic, .. } => Some(topic),
            Kind::Answer(_) => None,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn markers() -> Markers {
        let parse = |side: &str| {
            let texts = [
                format!("header x-served-by == \"{side}\""),
                format!("json $.served_by == \"{side}\""),
                format!("mqtt served-by == \"{side}\""),
            ];
            texts.iter().map(|text| Marker::parse(text).unwrap()).collect()
        };
        Markers::new(parse("old"), parse("new"))
    }

    #[test]
    fn an_answer_is_recognised_by_any_of_its_marks() {
        let markers = markers();
        let mut answer = Answer { body: r#"{"served_by": "new"}"#.into(), ..Answer::default() };
        assert_eq!(markers.of_answer(&answer), Answered::New);
        answer.headers.insert("x-served-by", HeaderValue::from_static("old"));
        assert_eq!(markers.of_answer(&answer), Answered::Unmarked);
        assert_eq!(markers.of_answer(&Answer::default()), Answered::Unmarked);
    }

    #[test]
    fn a_retained_message_is_recognised_on_its_topic() {
        let markers = markers();
        assert_eq!(markers.topics(), ["served-by"]);
        assert_eq!(markers.of_retained("served-by", b"old"), Answered::Old);
        assert_eq!(markers.of_retained("elsewhere", b"old"), Answered::Unmarked);
    }

    #[test]
    fn what_marks_no_side_is_refused() {
        let error = |text: &str| Marker::parse(text).unwrap_err();
        assert_eq!(error("duration < 1s").message, "`duration` marks no side");
        assert_eq!(error("header x-served-by same").message, "`same` marks no side");
        assert_eq!(error("mqtt served-by same").message, "`same` marks no side");
        assert_eq!(error("mqtt == old").message, "the topic of one retained message is missing");
        assert_eq!(
            error("header x == \"{{ a }}\"").message,
            "a marker belongs to no run: it can have no variables"
        );
    }
}
