//! One line of `expect`.

use std::sync::Arc;

use super::{Cursor, GrammarError, Predicate, Query, Templates};
use crate::run::At;

/// A query and what must hold of it.
#[derive(Debug, Clone)]
pub(crate) struct Expectation {
    /// As it was written, for messages.
    pub(crate) text: Arc<str>,
    /// Where it is written; nowhere until [`standing`](Self::standing) says so, as with a marker.
    pub(crate) at: At,
    /// Whether it begins with `not`.
    pub(crate) negated: bool,
    /// What is looked at.
    pub(crate) query: Query,
    /// What must hold of it.
    pub(crate) predicate: Predicate,
}

impl Expectation {
    /// Reads a whole line.
    pub(crate) fn parse(text: &str, templates: &mut Templates<'_>) -> Result<Self, GrammarError> {
        let mut cursor = Cursor::new(text);
        let negated = cursor.eat("not");
        let query = Query::read(&mut cursor)?;
        let predicate = Predicate::read(&mut cursor, &query, templates)?;
        cursor.finish("a text with spaces is put in double quotes")?;
        Ok(Self { text: text.trim().into(), at: At::default(), negated, query, predicate })
    }

    /// The same, where it is written.
    pub(crate) fn standing(self, at: At) -> Self {
        Self { at, ..self }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::template::Workshop;

    fn parse(text: &str) -> Result<Expectation, GrammarError> {
        let mut workshop = Workshop::new();
        Expectation::parse(text, &mut |text| workshop.compile(text))
    }

    #[test]
    fn every_predicate_is_read() {
        for text in [
            "status == 201",
            "status != 500",
            "status<300",
            "not status >= 400",
            "header content-type contains json",
            "header x-app starts-with \"7.\"",
            "header x-app endsWith beta",
            "header x-app exists",
            "not header x-app exists",
            "body matches /err(or)?: \\/tmp/",
            "json $.items[0].value == 21.5",
            "json $.state == \"active\"",
            "json $.user == {{ user }}",
            "json $.user == \"{{ user }}-{{ run.id }}\"",
            "json $.gone == null",
            "json $.count > 1",
            "duration < 800ms",
            "reached == other",
            "answered != unmarked",
            "answered == route",
            "topic == a/b",
            "version == HTTP/1.1",
        ] {
            parse(text).unwrap();
        }
        assert!(parse("not status >= 400").unwrap().negated);
    }

    #[test]
    fn every_mismatch_is_refused_with_its_column() {
        for (text, at, message) in [
            ("status", 6, "a predicate is missing"),
            ("status ==", 9, "a value is missing"),
            ("status = 201", 7, "`=` is no predicate"),
            ("status == ok", 10, "`ok` is no status"),
            ("status contains 2", 7, "`status` cannot be asked with `contains`"),
            ("duration < 800", 11, "`800` is no duration"),
            ("duration == 1s", 9, "`duration` cannot be asked with `==`"),
            ("answered == nwe", 12, "`nwe` is no side"),
            ("reached == unmarked", 11, "`unmarked` is no side"),
            ("body matches error", 13, "a regular expression is missing"),
            ("body matches /(/", 13, "bad regular expression: unclosed group"),
            ("json $.a == \"open", 12, "the text has no closing quote, or a bad escape in it"),
            ("json $.a == two words", 16, "`words` is left over"),
            ("json $.a < text", 11, "only a number can be compared by size"),
            ("json $.a exists 7", 16, "`7` is left over"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        }
    }
}
