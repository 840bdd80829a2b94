//! `expect` and `save`.

use super::Loader;
use super::long_form::is_long;
use crate::action::Askable;
use crate::grammar::{Cursor, Expectation, GrammarError, Predicate, Query, query_words};
use crate::journey::Save;
use crate::run::At;
use crate::template::{NAMES, is_free_name};
use document::{Key, Kind, Node, Place};

/// Whether a text could be the beginning of an expectation.
fn begins_as_a_query(text: &str) -> bool {
    let text = text.trim_start_matches("not ").trim_start();
    let word = text.split([' ', '.']).next().unwrap_or_default();
    text.contains(' ') && query_words().contains(&word)
}

impl Loader<'_> {
    /// A list of expectations, or a single one.
    pub(crate) fn expectations(&mut self, node: &Node, of: Option<Askable>) -> Vec<Expectation> {
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| self.expectation(item, of)).collect()
    }

    fn expectation(&mut self, node: &Node, of: Option<Askable>) -> Option<Expectation> {
        let text = match &node.kind {
            Kind::Text(text) => text,
            Kind::Map(entries) if is_long(entries) => return self.long_form(node, of),
            Kind::Map(entries) if entries.iter().all(|(key, _)| begins_as_a_query(&key.name)) => {
                let help = "put all of it in single quotes, as in 'regex /\"id\": 7/ exists'".to_owned();
                let message = "YAML reads this line as a mapping, for it has `: ` in it";
                self.source.complain(node.place(), message, Some(help));
                return None;
            }
            _ => {
                node.expected("an expectation such as `status == 200`", &mut self.source);
                return None;
            }
        };
        let workshop = &mut self.workshop;
        match Expectation::parse(text, &mut |text| workshop.compile(text)) {
            Ok(expectation) => {
                let needs = expectation.predicate.needs().into_iter().map(str::to_owned).collect();
                let place = self.place_of(node, text, &expectation.query);
                let answered = self.is_answered(place, &expectation.query, of);
                let at = At::new(&self.source, node.place());
                (self.need(node, needs) && answered).then(|| expectation.standing(at))
            }
            Err(error) => {
                self.complain_of_grammar(node, error);
                None
            }
        }
    }

    /// What is saved for later steps.
    pub(crate) fn saves(&mut self, node: &Node, of: Option<Askable>) -> Vec<Save> {
        let Some(entries) = node.entries("names and queries, such as `user: json $.id`", &mut self.source)
        else {
            return Vec::new();
        };
        entries.iter().filter_map(|(key, value)| self.save(key, value, of)).collect()
    }

    fn save(&mut self, key: &Key, node: &Node, of: Option<Askable>) -> Option<Save> {
        let named = self.variable_name(key);
        if self.including.needs_of(&key.name).is_some() {
            let message = format!("`{}` is given by the `include`, and hides what would be saved", key.name);
            self.source.complain(key.place, message, Some("save it under another name".to_owned()));
        }
        // Known from here on even when its query is wrong: one mistake is to give one message.
        self.scope.insert(key.name.clone());
        let Kind::Text(text) = &node.kind else {
            node.expected("a query such as `json $.id`", &mut self.source);
            return None;
        };
        let mut cursor = Cursor::new(text);
        let secret = cursor.eat("secret");
        match Query::read(&mut cursor)
            .and_then(|query| cursor.finish("what is saved is a query alone").map(|()| query))
        {
            Ok(query) => {
                let place = self.place_of(node, text, &query);
                if named {
                    self.saved(&key.name, key.place, &query, text);
                }
                (self.is_answered(place, &query, of) && named).then(|| Save {
                    name: key.name.clone(),
                    query,
                    secret,
                    text: text.trim().into(),
                    at: At::new(&self.source, node.place()),
                })
            }
            Err(error) => {
                self.complain_of_grammar(node, error);
                None
            }
        }
    }

    /// Whether this can be a variable's name; complains if not.
    pub(crate) fn variable_name(&mut self, key: &Key) -> bool {
        let fine = is_free_name(&key.name);
        if !fine {
            let message = format!("`{}` cannot be a variable's name", key.name);
            self.source.complain(key.place, message, Some(NAMES.to_owned()));
        }
        fine
    }

    /// Whether the step's answer has what is asked of it, at `place`; complains if not.
    pub(super) fn is_answered(&mut self, place: Place, query: &Query, of: Option<Askable>) -> bool {
        // When the action itself was refused there is nothing to compare with.
        let Some(of) = of else { return true };
        if of.has(query.word()) {
            return true;
        }
        let message = format!("{} has no `{}`", of.described, query.word());
        let help = if of.queries.is_empty() {
            "there is nothing of it that could be asked".to_owned()
        } else {
            format!("it has {}", of.words().collect::<Vec<_>>().join(", "))
        };
        self.source.complain(place, message, Some(help));
        false
    }

    /// Where the word of a query stands within its line.
    fn place_of(&self, node: &Node, text: &str, query: &Query) -> Place {
        let at = text.find(query.word()).unwrap_or_default();
        node.within(&self.source, at, query.word().len())
    }

    /// Complains of what is compared between addresses, on a step that goes to one.
    pub(super) fn compares_addresses(&mut self, expect: &[Expectation]) {
        for expectation in expect.iter().filter(|it| matches!(it.predicate, Predicate::Same)) {
            let At { line, column, width, .. } = expectation.at;
            let help = "`addresses: each` makes the step go to every address that the name has".to_owned();
            let message = "`same` compares what several addresses answer, and this step goes to one";
            self.source.complain(Place { line, column, width }, message, Some(help));
        }
    }

    pub(super) fn complain_of_grammar(&mut self, node: &Node, error: GrammarError) {
        let place = node.within(&self.source, error.at, error.width);
        self.source.complain(place, error.message, error.help);
    }
}
