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
    /// The same, as it was written.
    pub(crate) asked: Arc<str>,
    /// What must hold of it.
    pub(crate) predicate: Predicate,
}

impl Expectation {
    /// Reads a whole line.
    pub(crate) fn parse(text: &str, templates: &mut Templates<'_>) -> Result<Self, GrammarError> {
        let mut cursor = Cursor::new(text);
        let negated = cursor.eat("not");
        cursor.rest();
        let from = cursor.position();
        let query = Query::read(&mut cursor)?;
        let asked = text[from..cursor.position()].trim().into();
        let predicate = Predicate::read(&mut cursor, &query, templates)?;
        let rest = cursor.rest();
        cursor.finish(match predicate {
            _ if [",", "and ", "or ", "&&", "||"].iter().any(|word| rest.starts_with(word)) => {
                "one expectation a line; all of them must hold"
            }
            Predicate::Exists | Predicate::Empty | Predicate::Same => {
                "`exists`, `empty` and `same` take no value"
            }
            _ => "a text with spaces is put in double quotes",
        })?;
        Ok(Self { text: text.trim().into(), at: At::default(), negated, query, asked, predicate })
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
            "status one-of 200 204",
            "header content-type contains json",
            "header x-app starts-with \"7.\"",
            "header x-app endsWith beta",
            "header x-app exists",
            "not header x-app exists",
            "header x-request-id is uuid",
            "header date within 5s",
            "header x-version same",
            "cookie session exists",
            "body matches /err(or)?: \\/tmp/",
            "not body empty",
            "json $.items[0].value == 21.5",
            "json $.state == \"active\"",
            "json $.state one-of active \"not yet\" {{ state }} null",
            "json $.user == {{ user }}",
            "json $.user == \"{{ user }}-{{ run.id }}\"",
            "json $.gone == null",
            "json $.count > 1",
            "json $.items count >= {{ n }}",
            "json $.items[*].id is integer",
            "json $.at within 1m 30s",
            "css \"a.next\" @href starts-with /page",
            "css li count == 3",
            "regex /id=(\\d+)/ == 7",
            "bytes < 1000",
            "bytes == {{ n }}",
            "sha256 == e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "duration < 800ms",
            "duration.connect < 50ms",
            "certificate.days-left > 14",
            "certificate.names contains api.acme.example",
            "redirects == 1",
            "url ends-with /home",
            "reached == other",
            "answered != unmarked",
            "answered == route",
            "answered one-of old new",
            "topic == a/b",
            "version == HTTP/1.1",
            "rcode == NXDOMAIN",
            "addresses count > 1",
            "ttl <= 60",
            "title == \"Sign in\"",
            "lcp < 2500ms",
            "cls < 0.1",
        ] {
            assert_eq!(parse(text).err(), None, "{text}");
        }
        assert!(parse("not status >= 400").unwrap().negated);
        assert_eq!(&*parse("not  json $.a[?@.b == 'c d']  exists").unwrap().asked, "json $.a[?@.b == 'c d']");
    }

    #[test]
    fn every_mismatch_is_refused_with_its_column() {
        for (text, at, message) in [
            ("status", 6, "a predicate is missing"),
            ("status ==", 9, "a value is missing"),
            ("status = 201", 7, "`=` is no predicate"),
            ("status == ok", 10, "`ok` is no status"),
            ("status contains 2", 7, "`status` cannot be asked with `contains`"),
            ("status one-of", 13, "a value is missing"),
            ("status one-of 200 20", 18, "`20` is no status"),
            ("duration < 800", 11, "`800` is no duration"),
            ("duration exists", 9, "`duration` cannot be asked with `exists`"),
            ("duration == 1s", 9, "`duration` cannot be asked with `==`"),
            ("answered == nwe", 12, "`nwe` is no side"),
            ("reached == unmarked", 11, "`unmarked` is no side"),
            ("body matches error", 13, "a regular expression is missing"),
            ("body matches /(/", 13, "bad regular expression: unclosed group"),
            ("body matches /a/i", 16, "`i` stands behind the regular expression"),
            ("body count == 1", 5, "`body` cannot be asked with `count`"),
            ("json $.a == \"open", 12, "the text has no closing quote, or a bad escape in it"),
            ("json $.a == two words", 16, "`words` is left over"),
            ("json $.a < text", 11, "only a number can be compared by size"),
            ("json $.a exists 7", 16, "`7` is left over"),
            ("json $.a == 'ok'", 12, "texts stand in double quotes"),
            ("status == 200, duration < 3s", 13, "`, duration < 3s` is left over"),
            ("json $.a count 7", 15, "`count` is compared with a number"),
            ("json $.a count == two", 18, "`two` is no number"),
            ("json $.a count == 1.5", 18, "`1.5` is no number of items"),
            ("json $.a is int", 12, "`int` is no type"),
            ("json $.a is", 11, "a type is missing"),
            ("header x is list", 12, "`header` is always text"),
            ("json $.a within 5", 16, "`5` is no duration"),
            ("bytes > many", 8, "`many` is no number"),
            ("addresses == 192.0.2.1", 10, "`addresses` cannot be asked with `==`"),
            ("css li[ exists", 4, "`li[ exists` is no CSS selector"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        }
    }
}
