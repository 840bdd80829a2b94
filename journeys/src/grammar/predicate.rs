//! Predicates: what must hold of what a query found.

use std::sync::Arc;
use std::time::Duration;

use regex::Regex;

use super::sort::Sort;
use super::{Cursor, GrammarError, Op, Operand, Path, Query, Templates, Yields, operand, pattern};
use crate::action::JsonTemplate;
use document::did_you_mean;

/// What must hold.
#[derive(Debug, Clone)]
pub(crate) enum Predicate {
    /// A comparison.
    Compare(Op, Operand),
    /// A text has the value within it; a list has it among its items.
    Contains(Operand),
    /// A text begins with the value.
    StartsWith(Operand),
    /// A text ends with it.
    EndsWith(Operand),
    /// A text matches, anywhere in it.
    Matches(Regex),
    /// It is one of these.
    OneOf(Vec<Operand>),
    /// It is of this type.
    Is(Sort),
    /// A list has so many items.
    Count(Op, Operand),
    /// A time stamp is at most so far from now, in either direction.
    Within(Duration),
    /// There is something, whatever it is.
    Exists,
    /// It has nothing in it.
    Empty,
    /// It is the same at each address.
    Same,
    /// It is this document, apart from what is ignored: the long form.
    Equals(Arc<Document>),
}

/// A document that is expected.
#[derive(Debug)]
pub(crate) struct Document {
    /// All of it.
    pub(crate) whole: JsonTemplate,
    /// What does not count, in either of the two.
    pub(crate) ignoring: Vec<Path>,
}

const WORDS: [&str; 17] = [
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "contains",
    "starts-with",
    "ends-with",
    "matches",
    "one-of",
    "is",
    "count",
    "within",
    "exists",
    "empty",
    "same",
];

/// What others write, and what it is called here.
const MEANT: [(&str, &str); 8] = [
    ("=", "=="),
    ("===", "=="),
    ("equals", "=="),
    ("eq", "=="),
    ("in", "one-of"),
    ("length", "count"),
    ("size", "count"),
    ("includes", "contains"),
];

/// The words by which predicates are known.
pub(crate) const fn predicate_words() -> &'static [&'static str] {
    &WORDS
}

impl Predicate {
    /// Reads a predicate and its value, and checks that they go with the query.
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        query: &Query,
        templates: &mut Templates<'_>,
    ) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let word = match cursor.word() {
            "startsWith" => "starts-with",
            "endsWith" => "ends-with",
            word => word,
        };
        if !WORDS.contains(&word) {
            return Err(unknown(cursor, from, word, query));
        }
        if !fits(word, query) {
            let message = format!("`{}` cannot be asked with `{word}`", query.word());
            let help = format!("it goes with {}", fitting(query).join(", "));
            return Err(cursor.error(from, message, Some(help)));
        }
        if let Some(op) = Op::parse(word) {
            return Ok(Self::Compare(op, compared(cursor, op, query, templates)?));
        }
        Ok(match word {
            "contains" => Self::Contains(Operand::read(cursor, query, templates)?),
            "starts-with" => Self::StartsWith(Operand::read(cursor, query, templates)?),
            "ends-with" => Self::EndsWith(Operand::read(cursor, query, templates)?),
            "matches" => Self::Matches(pattern::read(cursor, true)?),
            "one-of" => Self::OneOf(several(cursor, query, templates)?),
            "is" => Self::Is(Sort::read(cursor, query)?),
            "count" => count(cursor, templates)?,
            "within" => Self::Within(operand::time(cursor)?),
            "empty" => Self::Empty,
            "same" => Self::Same,
            _ => Self::Exists,
        })
    }

    /// The variables that it needs. Those of a document are known to whoever read it.
    pub(crate) fn needs(&self) -> Vec<&str> {
        self.operands().iter().flat_map(Operand::needs).collect()
    }

    /// The values that stand in its line.
    pub(crate) fn operands(&self) -> &[Operand] {
        match self {
            Self::Compare(_, operand)
            | Self::Contains(operand)
            | Self::StartsWith(operand)
            | Self::EndsWith(operand)
            | Self::Count(_, operand) => std::slice::from_ref(operand),
            Self::OneOf(operands) => operands,
            _ => &[],
        }
    }
}

impl Query {
    /// Whether an answer can be without it, so that it can be asked whether it is there.
    pub(crate) fn may_be_missing(&self) -> bool {
        fits("exists", self)
    }
}

/// Which predicates make sense for what a query yields.
fn fits(word: &str, query: &Query) -> bool {
    let equality = matches!(word, "==" | "!=");
    let size = matches!(word, "<" | "<=" | ">" | ">=");
    let choice = equality || matches!(word, "one-of" | "same");
    match query.yields() {
        Yields::Json | Yields::Texts => true,
        Yields::Text => word != "count",
        Yields::List => matches!(word, "contains" | "count" | "exists" | "empty" | "same"),
        Yields::Status => choice || size,
        Yields::Number => choice || size || word == "exists",
        // What was never painted has no time; an exchange always took some.
        Yields::Time => size || (word == "exists" && matches!(query, Query::Vital(_))),
        Yields::Side => choice,
    }
}

fn fitting(query: &Query) -> Vec<&'static str> {
    WORDS.into_iter().filter(|word| fits(word, query)).collect()
}

fn unknown(cursor: &Cursor<'_>, from: usize, word: &str, query: &Query) -> GrammarError {
    let fitting = fitting(query);
    if word.is_empty() {
        return cursor.error(from, "a predicate is missing", Some(format!("one of {}", fitting.join(", "))));
    }
    let meant = MEANT.iter().find(|(other, ours)| *other == word && fits(ours, query));
    let help = match meant {
        Some((_, ours)) => format!("did you mean `{ours}`?"),
        None => did_you_mean(word, fitting),
    };
    cursor.error(from, format!("`{word}` is no predicate"), Some(help))
}

/// The value of a comparison; only what has an order can be compared by it.
fn compared(
    cursor: &mut Cursor<'_>,
    op: Op,
    query: &Query,
    templates: &mut Templates<'_>,
) -> Result<Operand, GrammarError> {
    cursor.rest();
    let from = cursor.position();
    let value = Operand::read(cursor, query, templates)?;
    let ordered = match &value {
        Operand::Value(value) => value.is_number(),
        // What a template gives is known only in the run.
        Operand::Text(template) => template.literal().is_none_or(|text| text.parse::<f64>().is_ok()),
        Operand::Number(_) | Operand::Time(_) => true,
        _ => false,
    };
    if ordered || !op.is_by_size() {
        return Ok(value);
    }
    Err(cursor.error(from, "only a number can be compared by size", None))
}

/// The values of `one-of`, up to the end of the line.
fn several(
    cursor: &mut Cursor<'_>,
    query: &Query,
    templates: &mut Templates<'_>,
) -> Result<Vec<Operand>, GrammarError> {
    let mut operands = vec![Operand::read(cursor, query, templates)?];
    while !cursor.rest().is_empty() {
        operands.push(Operand::read(cursor, query, templates)?);
    }
    Ok(operands)
}

/// `count` compares the number of items: `count == 3`.
fn count(cursor: &mut Cursor<'_>, templates: &mut Templates<'_>) -> Result<Predicate, GrammarError> {
    cursor.rest();
    let from = cursor.position();
    let word = cursor.word();
    let Some(op) = Op::parse(word) else {
        let help = format!("as in `count == 3`; one of {}", Op::ALL.map(Op::as_str).join(", "));
        return Err(cursor.error(from, "`count` is compared with a number", Some(help)));
    };
    cursor.rest();
    let from = cursor.position();
    let operand = Operand::number(cursor, templates)?;
    match &operand {
        Operand::Value(value) if value.as_u64().is_none() => {
            Err(cursor.error(from, format!("`{value}` is no number of items"), None))
        }
        _ => Ok(Predicate::Count(op, operand)),
    }
}
