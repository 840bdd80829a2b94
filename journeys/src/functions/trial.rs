//! What a run would trip over, found when the file is loaded.

use std::collections::{BTreeMap, BTreeSet};

use document::nearest;
use minijinja::{Environment, Error, ErrorKind, Value};

use crate::template::{Fault, grouped};

/// The filters of minijinja that somebody may have meant; those that the reference names stand in
/// [`FILTERS`](super::FILTERS).
const OTHERS: [&str; 25] = [
    "abs",
    "batch",
    "bool",
    "capitalize",
    "default",
    "dictsort",
    "first",
    "float",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "max",
    "min",
    "replace",
    "reverse",
    "round",
    "sort",
    "string",
    "title",
    "trim",
    "upper",
];

/// What is wrong with each of the `{{ }}` of a text, and what those need with which nothing is wrong.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) faults: Vec<Fault>,
    /// As minijinja names them: `user.name`, and the functions too.
    pub(crate) needs: BTreeSet<String>,
}

/// Looks at each of the `{{ }}` of `text`. Where all that one names is `known`, or it names nothing, it is simply tried;
/// where not, only what is wrong whatever it will be is found.
pub(crate) fn findings(
    environment: &Environment<'_>,
    text: &str,
    known: &BTreeMap<String, Value>,
) -> Findings {
    let mut findings = Findings::default();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let close = text[open..].find("}}").map(|at| open + at);
        let end = close.map_or(text.len(), |close| close + 2);
        let inside = text[open + 2..close.unwrap_or(end)].trim_matches(['-', '+']);
        let wrong = match environment.template_from_str(&text[open..end]) {
            Ok(part) => {
                findings.needs.extend(part.undeclared_variables(true));
                tried(environment, inside, known)
            }
            Err(error) => Some(error),
        };
        findings.faults.extend(wrong.map(|error| Fault {
            at: text[..open].chars().count(),
            width: text[open..end].chars().count(),
            help: meant(&error),
            message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        }));
        from = end;
    }
    findings
}

/// The filter that was meant by one that there is not.
fn meant(error: &Error) -> Option<String> {
    let unknown = error.detail().filter(|_| error.kind() == ErrorKind::UnknownFilter)?;
    let name = unknown.strip_prefix("filter ")?.strip_suffix(" is unknown")?;
    let near = nearest(name, super::FILTERS.into_iter().chain(OTHERS));
    Some(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}, and minijinja's own", super::FILTERS.join(", ")),
    })
}

fn tried(environment: &Environment<'_>, inside: &str, known: &BTreeMap<String, Value>) -> Option<Error> {
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
    (complete || whatever).then_some(error)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn every_filter_that_is_offered_is_one() {
        let environment = Environment::new();
        for name in OTHERS {
            let error = environment.compile_expression(&format!("x|{name}")).unwrap().eval(()).err();
            let unknown = error.is_some_and(|error| error.kind() == ErrorKind::UnknownFilter);
            assert!(!unknown, "{name}");
        }
    }
}
