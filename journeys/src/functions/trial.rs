//! What a run would trip over, found when the file is loaded.

use std::collections::BTreeMap;

use minijinja::{Environment, ErrorKind, Value};

use crate::template::{BadTemplate, grouped};

/// What is wrong with a call or a filter in one of the `{{ }}` of `text`. Where all that it names is `known`, or it
/// names nothing, it is simply tried; where not, only what is wrong whatever it will be is found.
pub(crate) fn fault(
    environment: &Environment<'_>,
    text: &str,
    known: &BTreeMap<String, Value>,
) -> Option<BadTemplate> {
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let close = text[open..].find("}}").map(|at| open + at)?;
        let inside = text[open + 2..close].trim_matches(['-', '+']);
        if let Some(message) = tried(environment, inside, known) {
            let before = text[..open].chars().count();
            return Some(BadTemplate { at: before, width: text[open..close + 2].chars().count(), message });
        }
        from = close + 2;
    }
    None
}

fn tried(environment: &Environment<'_>, inside: &str, known: &BTreeMap<String, Value>) -> Option<String> {
    // Nothing can go wrong with a variable alone, and what is no expression was refused as a template.
    if !inside.contains(['(', '|']) {
        return None;
    }
    let expression = environment.compile_expression(inside).ok()?;
    let mut complete = true;
    let mut context: BTreeMap<String, Value> = BTreeMap::new();
    let mut groups: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for path in expression.undeclared_variables(true) {
        if environment.globals().any(|(global, _)| global == path) {
            continue;
        }
        let value = known.get(&path).cloned();
        complete &= value.is_some();
        let value = value.unwrap_or_else(|| "x".into());
        match grouped(&path) {
            Some((group, name)) => groups.entry(group.to_owned()).or_default().insert(name.to_owned(), value),
            None => context.insert(path, value),
        };
    }
    context.extend(groups.into_iter().map(|(group, values)| (group, Value::from(values))));
    let error = expression.eval(Value::from(context)).err()?;
    let whatever = matches!(
        error.kind(),
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::TooManyArguments
            | ErrorKind::MissingArgument
    );
    (complete || whatever).then(|| error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))
}
