//! The value on the right of a predicate.

use std::time::Duration;

use cutover::Side;
use serde_json::Value;

use super::words::quoted;
use super::{Cursor, GrammarError, Query, Yields};
use crate::template::{BadTemplate, Template};
use document::did_you_mean;

/// How a text within an expectation becomes a template; a marker, which belongs to no run, refuses them.
pub(crate) type Templates<'w> = dyn FnMut(&str) -> Result<Template, BadTemplate> + 'w;

/// The value on the right of a predicate.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    /// A number, a truth value or null.
    Value(Value),
    /// A text.
    Text(Template),
    /// A text that becomes a number when it is filled in.
    Number(Template),
    /// A time.
    Time(Duration),
    /// One of the two sides.
    Side(Side),
    /// `other` for what was reached, `unmarked` for what answered.
    Neither,
    /// The side to which the step's route is pinned.
    Route,
}

impl Operand {
    /// The variables that it needs.
    pub(crate) fn needs(&self) -> Vec<&str> {
        match self {
            Self::Text(template) | Self::Number(template) => template.needs(),
            _ => Vec::new(),
        }
    }

    /// Whether it is the same in every run.
    pub(crate) fn is_constant(&self) -> bool {
        match self {
            Self::Text(template) => template.literal().is_some(),
            Self::Number(_) | Self::Route => false,
            _ => true,
        }
    }

    /// Reads the value that goes with this query.
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        query: &Query,
        templates: &mut Templates<'_>,
    ) -> Result<Self, GrammarError> {
        let rest = cursor.rest();
        let from = cursor.position();
        if rest.is_empty() {
            return Err(cursor.error(from, "a value is missing", None));
        }
        match query.yields() {
            Yields::Status => status(cursor, from),
            Yields::Number => Self::number(cursor, templates),
            Yields::Time => time(cursor).map(Self::Time),
            Yields::Side => side(cursor, from, query),
            Yields::Text | Yields::Texts | Yields::List => text(cursor, from, rest, templates),
            Yields::Json => json(cursor, from, rest, templates),
        }
    }

    /// Reads a number, or a variable that holds one.
    pub(crate) fn number(
        cursor: &mut Cursor<'_>,
        templates: &mut Templates<'_>,
    ) -> Result<Self, GrammarError> {
        let rest = cursor.rest();
        let from = cursor.position();
        if rest.is_empty() {
            return Err(cursor.error(from, "a value is missing", None));
        }
        if rest.starts_with("{{") {
            return Ok(match text(cursor, from, rest, templates)? {
                Self::Text(template) => Self::Number(template),
                other => other,
            });
        }
        let word = cursor.word();
        match serde_json::from_str(word) {
            Ok(Value::Number(number)) => Ok(Self::Value(Value::Number(number))),
            _ => Err(cursor.error(from, format!("`{word}` is no number"), None)),
        }
    }
}

/// Reads a time, up to the end of the line.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Result<Duration, GrammarError> {
    let rest = cursor.rest();
    let from = cursor.position();
    if rest.is_empty() {
        return Err(cursor.error(from, "a value is missing", None));
    }
    cursor.advance(rest.len());
    humantime::parse_duration(rest).map_err(|_| {
        let help = "a number and its unit: 800ms, 2s".to_owned();
        cursor.error(from, format!("`{rest}` is no duration"), Some(help))
    })
}

fn status(cursor: &mut Cursor<'_>, from: usize) -> Result<Operand, GrammarError> {
    let word = cursor.word();
    let word = match word.strip_suffix(',') {
        // What stands behind a comma is told to be one too many.
        Some(before) => {
            cursor.back(word.len() - before.len());
            before
        }
        None => word,
    };
    let status = word.parse::<u16>().ok().filter(|status| (100..=599).contains(status));
    let status = status.ok_or_else(|| {
        cursor.error(
            from,
            format!("`{word}` is no status"),
            Some("a status is a number from 100 to 599".to_owned()),
        )
    })?;
    Ok(Operand::Value(status.into()))
}

fn side(cursor: &mut Cursor<'_>, from: usize, query: &Query) -> Result<Operand, GrammarError> {
    let neither = if matches!(query, Query::Reached) { "other" } else { "unmarked" };
    let word = cursor.word();
    Ok(match word {
        "old" => Operand::Side(Side::Old),
        "new" => Operand::Side(Side::New),
        "route" => Operand::Route,
        word if word == neither => Operand::Neither,
        other => {
            let help = did_you_mean(other, ["old", "new", "route", neither]);
            return Err(cursor.error(from, format!("`{other}` is no side"), Some(help)));
        }
    })
}

/// A text: in double quotes, or a single word.
fn text(
    cursor: &mut Cursor<'_>,
    from: usize,
    rest: &str,
    templates: &mut Templates<'_>,
) -> Result<Operand, GrammarError> {
    if let Some(text) = quoted(cursor)? {
        return template(cursor, from, &text, templates);
    }
    if let Some(inside) = rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        cursor.advance(rest.len());
        let help = format!("\"{inside}\"; quotes that are part of it stand within: \"'{inside}'\"");
        return Err(cursor.error(from, "texts stand in double quotes", Some(help)));
    }
    let end = if rest.starts_with("{{") {
        rest.find("}}").map(|index| index + 2)
    } else {
        rest.find(char::is_whitespace)
    };
    let word = &rest[..end.unwrap_or(rest.len())];
    cursor.advance(word.len());
    template(cursor, from, word, templates)
}

/// A number, `true`, `false`, `null`, or else a text.
fn json(
    cursor: &mut Cursor<'_>,
    from: usize,
    rest: &str,
    templates: &mut Templates<'_>,
) -> Result<Operand, GrammarError> {
    let word = rest.split_whitespace().next().unwrap_or(rest);
    match serde_json::from_str(word) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => {
            cursor.advance(word.len());
            Ok(Operand::Value(value))
        }
        _ => text(cursor, from, rest, templates),
    }
}

fn template(
    cursor: &Cursor<'_>,
    from: usize,
    text: &str,
    templates: &mut Templates<'_>,
) -> Result<Operand, GrammarError> {
    templates(text).map(Operand::Text).map_err(|bad| {
        let fault = bad.faults.into_iter().next();
        let (message, help) = fault.map(|fault| (fault.message, fault.help)).unwrap_or_default();
        cursor.error(from, message, help)
    })
}
