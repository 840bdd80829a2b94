//! The variables of one run, and what templates make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::{Environment, Value};
use serde::Deserialize;

use crate::data::Data;
use crate::journey::Inclusion;
use crate::secret::{Clean, Redactor, Secrets};
use crate::template::{Piece, Template, grouped};

/// The values that the templates of a run see. Everything that a journey fills in passes through here, so that
/// a value that must not be shown can be recognised in this one place.
pub(crate) struct Vars {
    environment: Arc<Environment<'static>>,
    values: BTreeMap<String, Value>,
    /// Those that were kept of an answer.
    saved: BTreeSet<String>,
    /// Those that the configuration gives, as it gives them.
    configured: BTreeSet<String>,
    /// What the included file that the step belongs to is given; it goes before the others.
    given: BTreeMap<String, Value>,
    /// The same for each file that was come to, by its place among the journey's inclusions: it is made once a run.
    inclusions: BTreeMap<usize, BTreeMap<String, Value>>,
    /// What templates see, made when one is first rendered.
    context: OnceLock<Value>,
    redactor: Redactor,
}

/// A template that failed when it was rendered: the script's fault, not the target's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptError(pub(crate) String);

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Vars {
    pub(crate) fn new(environment: Arc<Environment<'static>>) -> Self {
        Self {
            environment,
            values: BTreeMap::new(),
            saved: BTreeSet::new(),
            configured: BTreeSet::new(),
            given: BTreeMap::new(),
            inclusions: BTreeMap::new(),
            context: OnceLock::new(),
            redactor: Redactor::default(),
        }
    }

    /// Sets several variables at once.
    pub(crate) fn extend<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = (String, T)>) {
        self.values.extend(values.into_iter().map(|(name, value)| (name, value.into())));
        self.context = OnceLock::new();
    }

    /// Lets templates see these secrets, and keeps them out of everything that is told.
    pub(crate) fn admit(&mut self, secrets: &Secrets) {
        let named =
            secrets.iter().map(|(name, secret)| (format!("secret.{name}"), secret.reveal().to_owned()));
        self.extend(named);
        self.redactor = Redactor::new(secrets.clone());
    }

    /// Lets templates see the row of that number.
    pub(crate) fn lay_out(&mut self, data: &Data, number: usize) -> Result<(), ScriptError> {
        for (name, value) in data.row(number) {
            if data.secret.contains(name) {
                self.learn(&format!("data.{name}"), value);
            }
        }
        let row = data.row(number).map(|(name, value)| Ok((format!("data.{name}"), seen(name, value)?)));
        self.extend(row.collect::<Result<Vec<_>, _>>()?);
        Ok(())
    }

    /// Lets templates see what the included file is given to which the next step belongs, if it belongs to one.
    pub(crate) fn enter(&mut self, inclusion: Option<usize>, all: &[Inclusion]) -> Result<(), ScriptError> {
        let given = match inclusion {
            Some(at) => self.given_to(at, all)?,
            None => BTreeMap::new(),
        };
        if self.given != given {
            self.given = given;
            self.context = OnceLock::new();
        }
        Ok(())
    }

    fn given_to(&mut self, at: usize, all: &[Inclusion]) -> Result<BTreeMap<String, Value>, ScriptError> {
        if let Some(known) = self.inclusions.get(&at) {
            return Ok(known.clone());
        }
        let Some(inclusion) = all.get(at) else { return Ok(BTreeMap::new()) };
        self.enter(inclusion.parent, all)?;
        let mut given = self.given.clone();
        for (name, template) in &inclusion.vars {
            let value =
                self.value(template).map_err(|ScriptError(why)| ScriptError(format!("{name}: {why}")))?;
            given.insert(name.clone(), seen(name, &value)?);
        }
        self.inclusions.insert(at, given.clone());
        Ok(given)
    }

    /// Keeps out of everything that is told what was saved as a secret: each text in it, if it is more than one.
    pub(crate) fn learn(&mut self, name: &str, secret: &serde_json::Value) {
        match secret {
            serde_json::Value::String(text) => self.redactor.learn(name, text),
            serde_json::Value::Number(number) => self.redactor.learn(name, &number.to_string()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.learn(name, item)),
            serde_json::Value::Object(fields) => fields.values().for_each(|field| self.learn(name, field)),
            serde_json::Value::Null | serde_json::Value::Bool(_) => {}
        }
    }

    /// What keeps the secrets out of what is told.
    pub(crate) const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The text as it may be told.
    pub(crate) fn clean(&self, text: &str) -> Clean {
        self.redactor.clean(text)
    }

    fn context(&self) -> &Value {
        self.context.get_or_init(|| {
            let mut context = BTreeMap::new();
            let mut groups: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
            for (name, value) in &self.values {
                match grouped(name) {
                    Some((group, name)) => {
                        groups.entry(group).or_default().insert(name.to_owned(), value.clone())
                    }
                    None => context.insert(name.clone(), value.clone()),
                };
            }
            context.extend(self.given.clone());
            context.extend(groups.into_iter().map(|(group, values)| (group.to_owned(), Value::from(values))));
            Value::from(context)
        })
    }

    /// Sets one variable.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.configured.remove(name);
        self.extend([(name.to_owned(), value)]);
    }

    /// What a later life needs to go on from here: nothing that is a secret or has one in it, nothing that the
    /// configuration or the run itself gives anew.
    pub(crate) fn kept(&self) -> Vec<(String, serde_json::Value)> {
        let anew = |name: &str| {
            matches!(grouped(name), Some(("run" | "variant" | "secret", _))) || self.configured.contains(name)
        };
        let values = self.values.iter().filter(|(name, _)| !anew(name));
        let values =
            values.filter_map(|(name, value)| Some((name.clone(), serde_json::to_value(value).ok()?)));
        values.filter(|(_, value)| self.redactor.clean(&value.to_string()) == value.to_string()).collect()
    }

    /// Sets what was kept of an earlier life.
    pub(crate) fn restore(&mut self, kept: &BTreeMap<String, serde_json::Value>) -> Result<(), ScriptError> {
        let values = kept.iter().map(|(name, value)| Ok((name.clone(), seen(name, value)?)));
        self.extend(values.collect::<Result<Vec<_>, _>>()?);
        Ok(())
    }

    /// Sets what the configuration gives.
    pub(crate) fn configure(&mut self, given: &BTreeMap<String, String>) {
        self.configured.extend(given.keys().cloned());
        self.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Keeps what was saved from an answer.
    pub(crate) fn keep(&mut self, saved: Vec<(String, serde_json::Value)>) -> Result<(), ScriptError> {
        for (name, value) in saved {
            self.saved.insert(name.clone());
            self.set_json(&name, &value)?;
        }
        Ok(())
    }

    /// Sets what is given by hand.
    pub(crate) fn give(&mut self, given: &BTreeMap<String, serde_json::Value>) -> Result<(), ScriptError> {
        given.iter().try_for_each(|(name, value)| self.set_json(name, value))
    }

    /// Sets one variable to what is known as JSON.
    pub(crate) fn set_json(&mut self, name: &str, value: &serde_json::Value) -> Result<(), ScriptError> {
        let value = seen(name, value)?;
        self.set(name, value);
        Ok(())
    }

    /// Whether the variable has a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether the variable's value was kept of an answer: it is the target's word then, and not the script's.
    pub(crate) fn is_saved(&self, name: &str) -> bool {
        self.saved.contains(name)
    }

    /// The template as text.
    pub(crate) fn render(&self, template: &Template) -> Result<String, ScriptError> {
        match template {
            Template::Literal(text) => Ok(text.to_string()),
            Template::Variable(name) => Ok(self.get(name)?.to_string()),
            Template::Pieces(pieces) => pieces.iter().try_fold(String::new(), |mut text, piece| {
                match piece {
                    Piece::Literal(literal) => text.push_str(literal),
                    Piece::Variable(name) => text.push_str(&self.get(name)?.to_string()),
                }
                Ok(text)
            }),
            Template::Expression { name, .. } | Template::Compiled { name, .. } => self
                .environment
                .get_template(name)
                .and_then(|template| template.render(self.context().clone()))
                .map_err(|error| ScriptError(script_error(&error))),
        }
    }

    /// The template as a value: what is nothing but a variable or an expression keeps the type of that.
    pub(crate) fn value(&self, template: &Template) -> Result<serde_json::Value, ScriptError> {
        let value = match template {
            Template::Variable(name) => Some(self.get(name)?.clone()),
            Template::Expression { source, .. } => Some(self.evaluated(source)?),
            Template::Literal(_) | Template::Pieces(_) | Template::Compiled { .. } => None,
        };
        // What JSON does not have, such as a number of 128 bits, is a text.
        match value.and_then(|value| serde_json::to_value(value).ok()) {
            Some(value) => Ok(value),
            None => self.render(template).map(serde_json::Value::String),
        }
    }

    fn evaluated(&self, source: &str) -> Result<Value, ScriptError> {
        let expression = self.environment.compile_expression(source);
        let value = expression.and_then(|expression| expression.eval(self.context().clone()));
        let value = value.map_err(|error| ScriptError(script_error(&error)))?;
        // Templates refuse to print it; so does this.
        if value.is_undefined() {
            return Err(ScriptError(format!(
                "a template cannot be filled in: `{}` has no value",
                source.trim()
            )));
        }
        Ok(value)
    }

    fn get(&self, name: &str) -> Result<&Value, ScriptError> {
        self.given
            .get(name)
            .or_else(|| self.values.get(name))
            .ok_or_else(|| ScriptError(format!("`{name}` has no value")))
    }
}

/// A value as templates see it.
fn seen(name: &str, value: &serde_json::Value) -> Result<Value, ScriptError> {
    Value::deserialize(value).map_err(|error| ScriptError(format!("`{name}`: {error}")))
}

impl fmt::Debug for Vars {
    /// Their names alone: some are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}

fn script_error(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("a template cannot be filled in: {detail}"),
        None => format!("a template cannot be filled in: {}", error.kind()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::template::Workshop;

    #[test]
    fn what_is_nothing_but_a_variable_keeps_its_type() {
        let mut workshop = Workshop::new();
        let alone = workshop.compile("{{ id }}").unwrap();
        let within = workshop.compile("user {{ id }} of {{ run.id }}\n").unwrap();
        let [next, text, both, none, cut] =
            ["{{ id + 1 }}", "{{ id|string }}", "{{ id }}{{ id }}", "{{ run.nothing }}", "{{- id }}"]
                .map(|text| workshop.compile(text).unwrap());
        let mut vars = Vars::new(workshop.finish());
        vars.set("id", 7);
        vars.set("run.id", "abc");
        assert_eq!(vars.value(&alone).unwrap(), serde_json::json!(7));
        assert_eq!(vars.render(&alone).unwrap(), "7");
        assert_eq!((vars.value(&next).unwrap(), vars.render(&next).unwrap()), (8.into(), "8".to_owned()));
        assert_eq!((vars.value(&text).unwrap(), vars.value(&both).unwrap()), ("7".into(), "77".into()));
        assert_eq!(vars.value(&cut).unwrap(), serde_json::json!("7"));
        assert!(vars.value(&none).is_err() && vars.render(&none).is_err());
        assert_eq!(vars.value(&within).unwrap(), serde_json::json!("user 7 of abc\n"));
    }

    #[test]
    fn what_is_missing_is_an_error_and_never_empty() {
        let mut workshop = Workshop::new();
        let alone = workshop.compile("{{ id }}").unwrap();
        let within = workshop.compile("a{{ id }}").unwrap();
        let vars = Vars::new(workshop.finish());
        assert!(vars.render(&alone).is_err());
        assert!(vars.render(&within).is_err());
    }
}
