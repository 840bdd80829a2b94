//! The words that stand within texts: what an expectation, a template or a question to a resolver is made of.

use probes::dns::RecordKind;

use crate::functions::{FILTERS, FUNCTIONS};
use crate::grammar::{Expectation, GrammarError, Sort, predicate_words, query_parts, query_words};
use crate::template::Workshop;

/// Every query by its word, those in two parts with both (`duration.connect`).
pub fn queries() -> impl Iterator<Item = &'static str> {
    // What cannot be asked without its part.
    let alone = query_words().iter().copied().filter(|word| *word != "certificate");
    alone.chain(query_parts())
}

/// Every predicate.
pub const fn predicates() -> &'static [&'static str] {
    predicate_words()
}

/// Every type that `is` knows.
pub fn types() -> impl Iterator<Item = &'static str> {
    Sort::ALL.into_iter().map(Sort::as_str)
}

/// Every type of record that `dns` asks for.
pub fn record_types() -> impl Iterator<Item = &'static str> {
    RecordKind::ALL.into_iter().map(RecordKind::as_str)
}

/// The functions of templates, beside minijinja's own.
pub const fn functions() -> &'static [&'static str] {
    &FUNCTIONS
}

/// The filters of templates that the language is about; minijinja has more.
pub const fn filters() -> &'static [&'static str] {
    &FILTERS
}

/// What an expectation's line says, in words of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Whether it begins with `not`.
    pub negated: bool,
    /// Its query, one of [`queries`].
    pub query: String,
    /// Its predicate, one of [`predicates`].
    pub predicate: String,
    /// What stands behind the predicate.
    pub value: String,
}

impl Wording {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// It is no expectation.
    pub fn of(line: &str) -> Result<Self, GrammarError> {
        let mut workshop = Workshop::new();
        let read = Expectation::parse(line, &mut |text| workshop.compile(text))?;
        let query = first_word(&read.asked).to_owned();
        // What was asked stands in the line as it was written, once `not` is passed.
        let from = line.find(&*read.asked).map_or(line.len(), |at| at + read.asked.len());
        let rest = line[from..].trim_start();
        let predicate = predicates().iter().copied().filter(|word| rest.starts_with(word));
        let predicate = predicate.max_by_key(|word| word.len()).unwrap_or_default();
        let value = rest[predicate.len()..].trim().to_owned();
        Ok(Self { negated: read.negated, query, predicate: predicate.to_owned(), value })
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        for (line, negated, query, predicate, value) in [
            ("status==201", false, "status", "==", "201"),
            ("status<=201", false, "status", "<=", "201"),
            ("not json $.items[?@.a == 'b'] count >= 2", true, "json", "count", ">= 2"),
            ("duration.connect < 1s", false, "duration.connect", "<", "1s"),
            ("certificate.names contains a.example", false, "certificate.names", "contains", "a.example"),
            ("header x exists", false, "header", "exists", ""),
            ("css \"a b\" @href starts-with /x", false, "css", "starts-with", "/x"),
        ] {
            let told = Wording::of(line).unwrap();
            assert_eq!((told.negated, &*told.query), (negated, query), "{line}");
            assert_eq!((&*told.predicate, &*told.value), (predicate, value), "{line}");
            assert!(queries().any(|known| known == told.query), "{line}");
        }
        assert!(Wording::of("statsu == 200").is_err());
    }
}
