//! The long form of an expectation: a whole document.

use std::sync::Arc;

use super::Loader;
use crate::action::Askable;
use crate::grammar::{Document, Expectation, Path, Predicate, Query};
use crate::run::At;
use document::{Fields, Key, Kind, Node};

const EXAMPLE: &str = "{ json: $, equals: { state: active }, ignoring: [$.id] }";

/// Whether a mapping is meant to be one: somebody may as well write `{ status: 200 }`.
pub(super) fn is_long(entries: &[(Key, Node)]) -> bool {
    entries.iter().any(|(key, _)| matches!(key.name.as_str(), "json" | "equals" | "ignoring" | "not"))
}

impl Loader<'_> {
    /// `{ json: PATH, equals: DOCUMENT, ignoring: [PATH] }`, or `{ not: .. }` around it.
    pub(super) fn long_form(&mut self, node: &Node, of: Option<Askable>) -> Option<Expectation> {
        let turned = node.entries("an expectation", &mut self.source)?;
        if let [(key, inner)] = turned
            && key.name == "not"
        {
            if let Kind::Text(text) = &inner.kind {
                let help = format!("it stands in the line: `not {text}`");
                self.source.complain(key.place, "`not` is for documents here", Some(help));
                return None;
            }
            let plain = self.equality(inner, of)?;
            return Some(Expectation { text: format!("not {}", plain.text).into(), negated: true, ..plain });
        }
        self.equality(node, of)
    }

    fn equality(&mut self, node: &Node, of: Option<Askable>) -> Option<Expectation> {
        let mut fields = Fields::like(node, "an expectation of a document", EXAMPLE, &mut self.source)?;
        let path = fields.require("json").map(|node| (node, self.path(node)));
        let whole = fields.require("equals").map(|node| self.json(node));
        let ignoring = fields.take("ignoring").map(|node| self.paths(node));
        fields.finish(&mut self.source);
        let (place, path) = path?;
        let (asked, path) = path?;
        let ignoring = ignoring.unwrap_or(Some(Vec::new()))?;
        let query = Query::Json(path);
        self.is_answered(place.place(), &query, of).then_some(())?;
        let mut text = format!("json {asked} equals the document");
        if let [first, more @ ..] = ignoring.as_slice() {
            text.push_str(&format!(", ignoring {}", first.0));
            more.iter().for_each(|(path, _)| text.push_str(&format!(", {path}")));
        }
        let ignoring = ignoring.into_iter().map(|(_, path)| path).collect();
        Some(Expectation {
            text: text.into(),
            at: At::new(&self.source, place.place()),
            negated: false,
            query,
            asked: format!("json {asked}").into(),
            predicate: Predicate::Equals(Arc::new(Document { whole: whole??, ignoring })),
        })
    }

    fn path(&mut self, node: &Node) -> Option<(String, Path)> {
        let text = node.text(&mut self.source)?;
        match Path::parse(text.trim()) {
            Ok(path) => Some((text.trim().to_owned(), path)),
            Err(error) => {
                self.complain_of_grammar(node, error);
                None
            }
        }
    }

    /// Paths in a list, or a single one.
    fn paths(&mut self, node: &Node) -> Option<Vec<(String, Path)>> {
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        // Every item is looked at, so that every mistake in it is found.
        let paths: Vec<_> = items.iter().map(|item| self.path(item)).collect();
        paths.into_iter().collect()
    }
}
