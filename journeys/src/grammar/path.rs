//! JSONPaths (RFC 9535).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use super::words::{bracketed, quoted};
use super::{Cursor, GrammarError};

/// A JSONPath that was compiled.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    compiled: JsonPath,
    /// Whether it can find several values, as `$.items[*]` can: what it finds is a list then, even of one or none.
    several: bool,
}

/// What a path finds.
pub(crate) enum Nodes<'v> {
    /// A path to a single place: the value there, if there is one.
    One(Option<&'v Value>),
    /// A path to any number of places.
    Several(Vec<&'v Value>),
}

/// A name that goes on with what no name may have behind a dot (RFC 9535, section 2.5.1.1), as in `$.x-id`: how it is
/// written instead.
fn bracketed_name(text: &str, at: usize) -> Option<String> {
    let of_a_name = |c: char| c.is_alphanumeric() || "_-@/$".contains(c);
    let (before, rest) = text.split_at_checked(at)?;
    let (path, begun) = before.rsplit_once('.')?;
    if begun.is_empty() || !begun.chars().all(of_a_name) || !rest.starts_with(|c: char| "-@/$".contains(c)) {
        return None;
    }
    let end = rest.find(|c| !of_a_name(c)).unwrap_or(rest.len());
    let (name, beyond) = (format!("{begun}{}", &rest[..end]), &rest[end..]);
    Some(format!("`{name}` stands in brackets, for it has `{}` in it: {path}['{name}']{beyond}", &rest[..1]))
}

impl Path {
    /// Reads a path from the line.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        if let Some(text) = quoted(cursor)? {
            // Its characters have no simple places: the whole text is marked.
            return Self::parse(&text).map_err(|error| cursor.error(from, error.message, error.help));
        }
        let text = bracketed(cursor);
        Self::parse(text).map_err(|error| {
            let at = from + text.char_indices().nth(error.at).map_or(0, |(index, _)| index);
            cursor.error_at(at, from + text.len(), error.message, error.help)
        })
    }

    /// Compiles a path that stands for itself.
    pub(crate) fn parse(text: &str) -> Result<Self, GrammarError> {
        let whole = Cursor::new(text);
        if !text.starts_with('$') {
            let help = Some("a JSONPath begins with $, as in `json $.items[0].value`".to_owned());
            return Err(whole.error_at(0, text.len(), "a JSONPath is missing", help));
        }
        match JsonPath::parse(text) {
            Ok(compiled) => Ok(Self { compiled, several: finds_several(text) }),
            Err(error) => {
                let at = error.position().min(text.len());
                let help = Some(
                    bracketed_name(text, at)
                        .unwrap_or_else(|| "RFC 9535: $.name, $.items[0], $.items[?@.id == 7]".to_owned()),
                );
                Err(whole.error_at(at, text.len(), format!("`{text}` is no JSONPath"), help))
            }
        }
    }

    /// What it finds in a value.
    pub(crate) fn find<'v>(&self, value: &'v Value) -> Nodes<'v> {
        let nodes = self.compiled.query(value);
        if self.several { Nodes::Several(nodes.all()) } else { Nodes::One(nodes.first()) }
    }

    /// Takes everything that it finds out of a value.
    pub(crate) fn remove(&self, value: &mut Value) {
        let mut parents: BTreeMap<Vec<Step>, BTreeSet<Step>> = BTreeMap::new();
        let mut everything = false;
        for location in self.compiled.query_located(value).locations() {
            let mut way: Vec<_> = location.iter().map(Step::of).collect();
            match way.pop() {
                Some(last) => _ = parents.entry(way).or_default().insert(last),
                None => everything = true,
            }
        }
        if everything {
            *value = Value::Null;
            return;
        }
        // The deepest first: what is taken out of a list moves those behind it, and the ways to what is in them.
        let mut parents: Vec<_> = parents.into_iter().collect();
        parents.sort_by_key(|(way, _)| Reverse(way.len()));
        for (way, children) in parents {
            let parent = way.iter().try_fold(&mut *value, |value, step| match step {
                Step::Item(index) => value.get_mut(index),
                Step::Field(name) => value.get_mut(name),
            });
            match parent {
                Some(Value::Array(items)) => {
                    let mut indices = 0..;
                    items.retain(|_| {
                        indices.next().is_none_or(|index| !children.contains(&Step::Item(index)))
                    });
                }
                Some(Value::Object(fields)) => {
                    fields.retain(|name, _| !children.contains(&Step::Field(name.clone())));
                }
                _ => {}
            }
        }
    }
}

/// One step on the way to a value.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Item(usize),
    Field(String),
}

impl Step {
    fn of(element: &PathElement<'_>) -> Self {
        match element {
            PathElement::Index(index) => Self::Item(*index),
            PathElement::Name(name) => Self::Field((*name).to_owned()),
        }
    }
}

/// Whether a path can find several values: it has a wildcard, a filter, a slice, several selectors, or a descent
/// (a path without any of them is a singular query, RFC 9535 section 2.3.5.1).
fn finds_several(path: &str) -> bool {
    let mut quote = None;
    let mut escaped = false;
    let mut before = ' ';
    for c in path.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if matches!(c, '*' | '?' | ':' | ',') || (c == '.' && before == '.') => return true,
            None => {}
        }
        before = c;
    }
    false
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_knows_whether_it_can_find_several_values() {
        for single in ["$", "$.a.b", "$['a, b*'].c", "$.items[-1]", "$[\"x..y\"]"] {
            assert!(!finds_several(single), "{single}");
        }
        for several in ["$.a[*]", "$..a", "$[0,1]", "$[1:]", "$.a[?@.b == 1]", "$.*"] {
            assert!(finds_several(several), "{several}");
        }
    }

    #[test]
    fn a_name_that_needs_brackets_is_told_so() {
        let help = |path: &str| Path::parse(path).unwrap_err().help.unwrap();
        let told =
            |name: &str, path: &str| format!("`{name}` stands in brackets, for it has `-` in it: {path}");
        assert_eq!(help("$.headers.x-id"), told("x-id", "$.headers['x-id']"));
        assert_eq!(help("$.a-b.c[0]"), told("a-b", "$['a-b'].c[0]"));
        for other in ["$.items[", "$.a.-b", "$.", "$.größe[x]"] {
            assert!(help(other).starts_with("RFC 9535"), "{other}");
        }
    }

    #[test]
    fn everything_that_is_found_is_taken_out() {
        let without = |path: &str| {
            let mut value = json!({ "id": 1, "items": [{ "at": 1, "v": 2 }, { "at": 3 }, 4, 5] });
            Path::parse(path).unwrap().remove(&mut value);
            value
        };
        assert_eq!(without("$.items[*].at"), json!({ "id": 1, "items": [{ "v": 2 }, {}, 4, 5] }));
        assert_eq!(without("$.items[2,0,2]"), json!({ "id": 1, "items": [{ "at": 3 }, 5] }));
        assert_eq!(without("$..*"), json!({}));
        assert_eq!(without("$.none.such"), without("$.nor.this"));
        assert_eq!(without("$"), json!(null));
        let mut many: Value = (0..300_000).collect();
        Path::parse("$[?@ < 200000]").unwrap().remove(&mut many);
        assert_eq!(many.as_array().map(Vec::len), Some(100_000));
    }
}
