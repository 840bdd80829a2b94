//! What a query found.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use cutover::{Answered, Reached};
use serde_json::Value;

/// What a query found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found<'a> {
    /// Nothing, and why: "nothing", "a body that is not JSON".
    Nothing(Cow<'a, str>),
    /// Any JSON value.
    Value(Cow<'a, Value>),
    /// Text, which may look like something else.
    Text(Cow<'a, str>),
    /// What a path to any number of values has found.
    Nodes(Vec<&'a Value>),
    /// What a selector has found.
    Texts(Vec<String>),
    /// A time.
    Time(Duration),
    /// What was reached.
    Reached(Reached),
    /// Who answered.
    Answered(Answered),
}

/// Longer values are cut in messages: a message is for people.
const SHOWN: usize = 160;

impl<'a> Found<'a> {
    /// Nothing at all.
    pub(crate) const fn nothing() -> Self {
        Self::Nothing(Cow::Borrowed("nothing"))
    }

    /// A value that was made for this.
    pub(crate) fn of(value: impl Into<Value>) -> Self {
        Self::Value(Cow::Owned(value.into()))
    }

    /// A list of texts, which stays one even with a single item.
    pub(crate) fn list(items: &[impl Display]) -> Self {
        Self::Value(Cow::Owned(items.iter().map(ToString::to_string).collect()))
    }

    /// The number of things found, or of those within the one that was found; `None` of what has no items.
    pub(crate) fn count(&self) -> Option<usize> {
        match self {
            Self::Nodes(values) => Some(values.len()),
            Self::Texts(texts) => Some(texts.len()),
            Self::Value(value) => match &**value {
                Value::Array(items) => Some(items.len()),
                Value::Object(fields) => Some(fields.len()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether there is something that has nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Value(value) if value.is_string() => value.as_str() == Some(""),
            other => other.count() == Some(0),
        }
    }

    /// What was found, whatever it could have been: several things are a list, one is itself, and none is nothing.
    pub(crate) fn settled(self) -> Self {
        match self {
            Self::Nodes(values) => match values.as_slice() {
                [] => Self::nothing(),
                [one] => Self::Value(Cow::Borrowed(one)),
                many => Self::Value(Cow::Owned(many.iter().map(|&value| value.clone()).collect())),
            },
            Self::Texts(mut texts) => match texts.len() {
                0 => Self::nothing(),
                1 => Self::Text(texts.remove(0).into()),
                _ => Self::Value(Cow::Owned(texts.into())),
            },
            other => other,
        }
    }

    /// The value in words, for messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Nothing(why) => shortened(why),
            Self::Value(value) => shortened(&value.to_string()),
            Self::Text(text) => shortened(&Value::from(longest(text)).to_string()),
            Self::Nodes(_) | Self::Texts(_) => self.clone().settled().shown(),
            Self::Time(time) => milliseconds(*time),
            Self::Reached(reached) => reached.to_string(),
            Self::Answered(answered) => answered.to_string(),
        }
    }

    /// The value to save, if there is one. A time is saved in seconds.
    pub(crate) fn into_value(self) -> Option<Value> {
        match self.settled() {
            Self::Value(value) => Some(value.into_owned()),
            Self::Text(text) => Some(text.into()),
            Self::Time(time) => Some(time.as_secs_f64().into()),
            Self::Reached(reached) => Some(reached.as_str().into()),
            Self::Answered(answered) => Some(answered.as_str().into()),
            Self::Nothing(_) | Self::Nodes(_) | Self::Texts(_) => None,
        }
    }
}

/// As much of a long text as could be shown, and a little more.
fn longest(text: &str) -> &str {
    text.char_indices().nth(SHOWN + 1).map_or(text, |(end, _)| &text[..end])
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A time as people read it: whole milliseconds, tenths below ten, and seconds from ten seconds on. What would be no
/// time at all in these is told in what it needs.
pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    match milliseconds {
        ..0.001 if !time.is_zero() => format!("{}ns", time.as_nanos()),
        ..0.05 if !time.is_zero() => format!("{:.1}us", milliseconds * 1000.0),
        ..10.0 => format!("{milliseconds:.1}ms"),
        ..10_000.0 => format!("{milliseconds:.0}ms"),
        _ if time.subsec_millis() == 0 => format!("{}s", time.as_secs()),
        _ => format!("{:.1}s", time.as_secs_f64()),
    }
}
