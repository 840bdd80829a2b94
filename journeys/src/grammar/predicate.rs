//! Predicates: what must hold of what a query found.

use regex::Regex;

use super::{Cursor, GrammarError, Operand, Query, Templates, Yields};
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
    /// There is something, whatever it is.
    Exists,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Op {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

const WORDS: [&str; 11] =
    ["==", "!=", "<", "<=", ">", ">=", "contains", "starts-with", "ends-with", "matches", "exists"];

impl Predicate {
    /// Reads a predicate and its value, and checks that they go with the query.
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        query: &Query,
        templates: &mut Templates<'_>,
    ) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let word = cursor.word();
        if !WORDS.contains(&word) && !matches!(word, "startsWith" | "endsWith") {
            return Err(unknown(cursor, from, word, query));
        }
        if !fits(word, query.yields()) {
            let message = format!("`{}` cannot be asked with `{word}`", query.word());
            let help = format!("it goes with {}", fitting(query.yields()).join(", "));
            return Err(cursor.error(from, message, Some(help)));
        }
        let mut operand = |cursor: &mut Cursor<'_>| Operand::read(cursor, query, templates);
        Ok(match word {
            "==" => Self::Compare(Op::Equal, operand(cursor)?),
            "!=" => Self::Compare(Op::Unequal, operand(cursor)?),
            "<" => Self::Compare(Op::Less, ordered(cursor, operand)?),
            "<=" => Self::Compare(Op::AtMost, ordered(cursor, operand)?),
            ">" => Self::Compare(Op::More, ordered(cursor, operand)?),
            ">=" => Self::Compare(Op::AtLeast, ordered(cursor, operand)?),
            "contains" => Self::Contains(operand(cursor)?),
            "starts-with" | "startsWith" => Self::StartsWith(operand(cursor)?),
            "ends-with" | "endsWith" => Self::EndsWith(operand(cursor)?),
            "matches" => Self::Matches(regex(cursor)?),
            _ => Self::Exists,
        })
    }
}

impl Predicate {
    /// The variables that it needs.
    pub(crate) fn needs(&self) -> Vec<&str> {
        match self {
            Self::Compare(_, operand)
            | Self::Contains(operand)
            | Self::StartsWith(operand)
            | Self::EndsWith(operand) => operand.needs(),
            Self::Matches(_) | Self::Exists => Vec::new(),
        }
    }
}

/// Which predicates make sense for what a query yields.
fn fits(word: &str, yields: Yields) -> bool {
    match yields {
        Yields::Text | Yields::Json => true,
        Yields::Number => matches!(word, "==" | "!=" | "<" | "<=" | ">" | ">="),
        Yields::Time => matches!(word, "<" | "<=" | ">" | ">="),
        Yields::Side => matches!(word, "==" | "!="),
    }
}

fn fitting(yields: Yields) -> Vec<&'static str> {
    WORDS.into_iter().filter(|word| fits(word, yields)).collect()
}

fn unknown(cursor: &Cursor<'_>, from: usize, word: &str, query: &Query) -> GrammarError {
    let fitting = fitting(query.yields());
    if word.is_empty() {
        return cursor.error(from, "a predicate is missing", Some(format!("one of {}", fitting.join(", "))));
    }
    let help = if word == "=" { "did you mean `==`?".to_owned() } else { did_you_mean(word, fitting) };
    cursor.error(from, format!("`{word}` is no predicate"), Some(help))
}

/// Only what has an order can be compared by it.
fn ordered(
    cursor: &mut Cursor<'_>,
    mut operand: impl FnMut(&mut Cursor<'_>) -> Result<Operand, GrammarError>,
) -> Result<Operand, GrammarError> {
    cursor.rest();
    let from = cursor.position();
    let value = operand(cursor)?;
    let number = match &value {
        Operand::Value(value) => value.is_number(),
        // What a template gives is known only in the run.
        Operand::Text(template) => template.literal().is_none_or(|text| text.parse::<f64>().is_ok()),
        Operand::Time(_) => true,
        _ => false,
    };
    if number {
        return Ok(value);
    }
    Err(cursor.error(from, "only a number can be compared by size", None))
}

fn regex(cursor: &mut Cursor<'_>) -> Result<Regex, GrammarError> {
    let rest = cursor.rest();
    let from = cursor.position();
    let Some(pattern) = rest.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) else {
        cursor.advance(rest.len());
        let help = "a regular expression stands between slashes: /err(or)?/".to_owned();
        return Err(cursor.error(from, "a regular expression is missing", Some(help)));
    };
    cursor.advance(rest.len());
    Regex::new(&pattern.replace("\\/", "/")).map_err(|error| {
        // The last line of the crate's message says what is wrong; the ones before it draw their own marks.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
        cursor.error(from, format!("bad regular expression: {reason}"), None)
    })
}
