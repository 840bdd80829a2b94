//! Which features there are, by the tables of the language; and which of them stand in examples.

use std::collections::BTreeSet;

use document::schema::{Field, Shape, Sort};
use journeys::schema::{JOURNEY, Wording, filters, functions, predicates, queries, record_types, types};
use serde_json::Value;

use crate::example::Example;

/// Every feature.
pub(crate) fn features() -> BTreeSet<String> {
    let mut features = BTreeSet::from(["`not`".to_owned(), "a saved `secret`".to_owned()]);
    for (name, shape) in JOURNEY.all() {
        features.extend(shape.fields.iter().flat_map(|field| of(name, field)));
        for kind in shape.kinds {
            features.insert(key(name, kind.field.key));
            features.extend(kind.fields.iter().flat_map(|field| of(kind.field.key, field)));
        }
    }
    features.extend(queries().map(|word| named("query", word)));
    features.extend(predicates().iter().map(|word| named("predicate", word)));
    features.extend(types().map(|word| named("type", word)));
    features.extend(record_types().map(|word| named("record type", word)));
    features.extend(functions().iter().map(|word| named("function", word)));
    features.extend(filters().iter().map(|word| named("filter", word)));
    features
}

/// Those that stand in these examples.
pub(crate) fn seen(examples: &[Example]) -> BTreeSet<String> {
    let mut seen = Seen(BTreeSet::new());
    for example in examples {
        let value: Value = serde_yaml::from_str(&example.shown).unwrap();
        match value {
            Value::Array(steps) => seen.shape(&JOURNEY, &serde_json::json!({ "steps": steps })),
            whole => seen.shape(&JOURNEY, &whole),
        }
        seen.templates(&example.shown);
    }
    seen.0
}

/// A key, and the words that can stand behind it, but for the one that is meant where it is left out.
fn of(owner: &str, field: &Field) -> Vec<String> {
    let others = words(field.sort).into_iter().filter(|word| field.default != Some(word));
    let others = others.map(|word| named("word", &format!("{}: {word}", field.key)));
    others.chain([key(owner, field.key)]).collect()
}

fn words(sort: Sort) -> Vec<&'static str> {
    match sort {
        Sort::Word(words) => words.to_vec(),
        Sort::Either(sorts) => sorts.iter().flat_map(|sort| words(*sort)).collect(),
        _ => Vec::new(),
    }
}

fn key(shape: &str, key: &str) -> String {
    format!("the key `{key}` of {shape}")
}

fn named(what: &str, word: &str) -> String {
    format!("the {what} `{word}`")
}

struct Seen(BTreeSet<String>);

impl Seen {
    fn shape(&mut self, shape: &'static Shape, value: &Value) {
        shape.fields.iter().for_each(|field| self.field(shape.name, field, value));
        for kind in shape.kinds {
            if value.get(kind.field.key).is_some() {
                self.field(shape.name, &kind.field, value);
                kind.fields.iter().for_each(|field| self.field(kind.field.key, field, value));
            }
        }
    }

    /// A key of this mapping, if it has it.
    fn field(&mut self, owner: &str, field: &Field, mapping: &Value) {
        let Some(value) = mapping.get(field.key) else { return };
        self.0.insert(key(owner, field.key));
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.0.insert(named("word", &format!("{}: {text}", field.key)));
        self.value(field.sort, value);
        self.said(field.key, value);
    }

    fn value(&mut self, sort: Sort, value: &Value) {
        match (sort, value) {
            (Sort::Shape(shape), Value::Object(fields)) => {
                if fields.keys().all(|key| shape.keys().contains(&key.as_str())) {
                    self.shape(shape, value);
                }
            }
            (Sort::Map(sort), Value::Object(fields)) => {
                fields.values().for_each(|value| self.value(*sort, value));
            }
            (Sort::List(sort) | Sort::Some(sort), Value::Array(items)) => {
                items.iter().for_each(|value| self.value(*sort, value));
            }
            (Sort::Some(sort), value) => self.value(*sort, value),
            (Sort::Either(sorts), value) => sorts.iter().for_each(|sort| self.value(*sort, value)),
            _ => {}
        }
    }

    /// What the texts behind a key say.
    fn said(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("expect" | "where", Value::Array(lines)) => lines.iter().for_each(|line| self.said(key, line)),
            ("expect" | "where", Value::String(line)) => {
                let wording = Wording::of(line).unwrap();
                self.0.extend(wording.negated.then(|| "`not`".to_owned()));
                self.0.insert(named("query", &wording.query));
                self.0.insert(named("predicate", &wording.predicate));
                if wording.predicate == "is" {
                    self.0.insert(named("type", &wording.value));
                }
                if wording.predicate == "count" {
                    let by = wording.value.split_whitespace().next().unwrap_or_default();
                    self.0.insert(named("predicate", by));
                }
            }
            ("save", Value::Object(saved)) => {
                for query in saved.values().filter_map(Value::as_str) {
                    self.0.extend(query.starts_with("secret ").then(|| "a saved `secret`".to_owned()));
                    let query = query.trim_start_matches("secret ");
                    let word = query.split_whitespace().next().unwrap_or_default();
                    self.0.insert(named("query", word));
                }
            }
            ("dns", Value::String(question)) => {
                let kind = question.split_whitespace().next().unwrap_or_default();
                self.0.insert(named("record type", kind));
            }
            _ => {}
        }
    }

    /// What the templates in a text call.
    fn templates(&mut self, text: &str) {
        let insides = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        for inside in insides {
            let called = |name: &&&str| inside.contains(&format!("{name}("));
            self.0.extend(functions().iter().filter(called).map(|name| named("function", name)));
            for filter in inside.split('|').skip(1).map(str::trim) {
                let end =
                    filter.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(filter.len());
                self.0.insert(named("filter", &filter[..end]));
            }
        }
    }
}
