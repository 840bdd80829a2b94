//! The body, read as what a query takes it for.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use regex::Regex;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::{Answer, Found, page};
use crate::grammar::Selection;

/// What is told of a body that should be JSON.
pub(crate) const UNREADABLE: &str = "a body that is not JSON";

impl Answer {
    /// The body as text; what is not UTF-8 is replaced.
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON, or why it is none.
    pub(super) fn json(&self) -> &Result<Value, String> {
        self.json.get_or_init(|| match (serde_json::from_slice(&self.body), self.cut()) {
            (Ok(value), _) => Ok(value),
            (Err(_), Some(cut)) => Err(cut),
            (Err(_), None) if self.body.is_empty() => Err("an empty body".to_owned()),
            (Err(error), None) => Err(format!("{UNREADABLE} ({error})")),
        })
    }

    /// What a selector finds in the body as HTML.
    pub(super) fn selected(&self, selection: &Selection) -> Found<'_> {
        match self.html.get_or_init(|| page::parse(&self.text())) {
            Ok(page) => match selection.find(page) {
                Some(texts) => Found::Texts(texts),
                None => Found::Nothing("a page that takes too long to look through".into()),
            },
            Err(why) => Found::Nothing(why.as_str().into()),
        }
    }

    /// How long the body really was, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.cut_from.unwrap_or(self.body.len() as u64)
    }

    /// The digest of the whole body.
    pub(super) fn sha256(&self) -> Found<'static> {
        match self.cut() {
            Some(cut) => Found::Nothing(cut.into()),
            None => Found::Text(HEXLOWER.encode(digest(&SHA256, &self.body).as_ref()).into()),
        }
    }

    /// What an expression finds first: its groups by their names, or its first group, or all that matches.
    pub(super) fn matched(&self, regex: &Regex) -> Found<'_> {
        let text = self.text();
        let Some(groups) = regex.captures(&text) else { return Found::nothing() };
        let mut names = regex.capture_names().flatten().peekable();
        if names.peek().is_some() {
            let value = |name| groups.name(name).map_or(Value::Null, |group| group.as_str().into());
            let fields: Map<_, _> = names.map(|name| (name.to_owned(), value(name))).collect();
            return Found::Value(Cow::Owned(Value::Object(fields)));
        }
        let index = usize::from(groups.len() > 1);
        match groups.get(index) {
            Some(group) => Found::Text(group.as_str().to_owned().into()),
            None => Found::nothing(),
        }
    }

    /// That only the beginning of the body is there, in words.
    fn cut(&self) -> Option<String> {
        let length = self.cut_from?;
        Some(format!("a body of {length} bytes, of which the first {} were kept", self.body.len()))
    }
}
