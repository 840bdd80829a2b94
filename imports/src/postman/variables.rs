//! `{{variables}}` of Postman's: those of the collection, those that scripts keep, and those that are made up anew.

use std::collections::{BTreeMap, BTreeSet};

use super::dynamic;
use crate::doc::Tree;
use crate::draft::Draft;
use crate::names::{Names, identifier};
use crate::secrets;
use crate::text::{Part, Text};

/// What is known of variables, by the names that they have in Postman.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Those of the collection, with their values.
    given: BTreeMap<String, Given>,
    /// What they are called in the journey.
    called: BTreeMap<String, String>,
    names: Names,
    /// Those that an answer gave so far.
    saved: BTreeSet<String>,
    /// Those that were used before any answer gave them.
    used: Vec<String>,
    /// Those that Postman makes up and nothing here is like.
    strange: BTreeSet<String>,
    /// Secrets that stand in the collection itself: their names by their values.
    hidden: BTreeMap<String, String>,
}

/// A variable of the collection.
#[derive(Debug)]
struct Given {
    value: String,
    secret: bool,
}

impl Variables {
    /// Those of a collection.
    pub(super) fn of(collection: &Tree) -> Self {
        let given =
            collection.list("variable").iter().filter(|one| !one.flag("disabled")).filter_map(|one| {
                let name = one.text("key").or_else(|| one.text("id"))?;
                let value = one.get("value").and_then(Tree::scalar).unwrap_or_default();
                let secret = one.text("type") == Some("secret") || secrets::is_secret(name);
                Some((name.to_owned(), Given { value, secret }))
            });
        Self { given: given.collect(), ..Self::default() }
    }

    /// A text in which they stand.
    pub(super) fn text(&mut self, text: &str) -> Text {
        let mut filled = Text::default();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((name, behind)) = behind.split_once("}}") else { break };
            filled.push(Part::Literal(before.to_owned()));
            filled.append(self.fill(name.trim()));
            rest = behind;
        }
        filled.push(Part::Literal(rest.to_owned()));
        filled
    }

    /// What stands for one of them.
    fn fill(&mut self, name: &str) -> Text {
        if let Some(made_up) = name.strip_prefix('$') {
            return dynamic::counterpart(made_up).unwrap_or_else(|| {
                self.strange.insert(name.to_owned());
                dynamic::anything()
            });
        }
        let secret = self.given.get(name).map_or_else(|| secrets::is_secret(name), |given| given.secret);
        let saved = self.saved.contains(name);
        if !saved && !self.used.iter().any(|used| used == name) {
            self.used.push(name.to_owned());
        }
        let called = self.called(name);
        Text::filled(if secret && !saved { format!("secret.{called}") } else { called })
    }

    /// A text that nobody may read, whatever stands in it.
    pub(super) fn secret(&mut self, wanted: &str, text: &str) -> Text {
        if text.contains("{{") || text.is_empty() {
            return self.text(text);
        }
        let same = self.given.iter().find(|(_, given)| given.secret && given.value == text);
        if let Some(name) = same.map(|(name, _)| name.clone()) {
            return self.fill(&name);
        }
        let name = match self.hidden.get(text) {
            Some(name) => name.clone(),
            None => self.names.variable(wanted),
        };
        self.hidden.insert(text.to_owned(), name.clone());
        Text::filled(format!("secret.{name}"))
    }

    /// Keeps what an answer gives under that name; returns the name in the journey.
    pub(super) fn save(&mut self, name: &str) -> String {
        self.saved.insert(name.to_owned());
        self.called(name)
    }

    fn called(&mut self, name: &str) -> String {
        if let Some(called) = self.called.get(name) {
            return called.clone();
        }
        let called = self.names.variable(&identifier(name));
        self.called.insert(name.to_owned(), called.clone());
        called
    }

    /// Gives the draft what its steps use.
    pub(super) fn finish(mut self, draft: &mut Draft) {
        let mut open: Vec<String> = self.used.iter().rev().cloned().collect();
        let mut vars: Vec<(String, Text)> = Vec::new();
        let mut seen = BTreeSet::new();
        // Each may use those before it: what is used by a value is brought in front of it.
        while let Some(name) = open.pop() {
            let called = self.called(&name);
            let Some(Given { value, secret }) = self.given.get(&name) else {
                if seen.insert(name.clone()) {
                    if secrets::is_secret(&name) {
                        draft.secrets.entry(called).or_default();
                    } else {
                        draft.needs.push(called);
                    }
                }
                continue;
            };
            let (value, secret) = (value.clone(), *secret);
            let before = self.used.len();
            let text = self.text(&value);
            let inner: Vec<String> =
                self.used.drain(before..).filter(|inner| !seen.contains(inner)).collect();
            if secret {
                draft.secrets.entry(called.clone()).or_default();
                draft.hidden.insert(value, called);
                seen.insert(name);
            } else if value.is_empty() {
                if seen.insert(name) {
                    draft.needs.push(called);
                }
            } else if inner.is_empty() || seen.contains(&name) {
                if !vars.iter().any(|(there, _)| *there == called) {
                    vars.push((called, text));
                }
                seen.insert(name);
            } else {
                seen.insert(name.clone());
                open.push(name);
                open.extend(inner);
            }
        }
        for (value, name) in self.hidden {
            draft.secrets.entry(name.clone()).or_default();
            draft.hidden.insert(value, name);
        }
        if !self.strange.is_empty() {
            let names: Vec<_> = self.strange.iter().map(|name| format!("`{{{{{name}}}}}`")).collect();
            draft.remarks.push(format!("Nothing here is like {}: any text stands for it.", names.join(", ")));
        }
        draft.vars = vars;
        draft.names = self.names;
    }
}
