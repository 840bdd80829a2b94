//! A value that a schema allows: the one that it gives as an example, or the plainest.

use super::schema::Spec;
use crate::bodies;
use crate::doc::{Json, Tree};
use crate::names::identifier;
use crate::secrets;
use crate::text::{Part, Text};

/// So deep are values made; what lies deeper is hardly ever required.
const DEEPEST: usize = 10;
/// So many values has a body at most.
const MOST: usize = 2_000;
/// A text is made no longer, whatever a schema demands.
const LONGEST: usize = 1_000;

/// Makes values.
pub(super) struct Examples<'s, 't> {
    spec: &'s Spec<'t>,
    /// The secrets that were needed, by their names.
    pub(super) secrets: Vec<String>,
    left: usize,
    /// The references within which a value is being made.
    within: Vec<&'t str>,
}

impl<'s, 't> Examples<'s, 't> {
    pub(super) fn new(spec: &'s Spec<'t>) -> Self {
        Self { spec, secrets: Vec::new(), left: MOST, within: Vec::new() }
    }

    /// A value of that name; `None` where there is none, as within a schema that needs itself.
    pub(super) fn value(&mut self, name: &str, schema: &'t Tree, level: usize) -> Option<Json> {
        if level > DEEPEST || self.left == 0 {
            return None;
        }
        self.left -= 1;
        let Some(reference) = schema.text("$ref") else { return self.plainest(name, schema, level) };
        if self.within.contains(&reference) {
            return None;
        }
        self.within.push(reference);
        let value = self.spec.find_all(schema).and_then(|schema| self.plainest(name, schema, level));
        self.within.pop();
        value
    }

    /// The plainest value of a schema that is no reference.
    fn plainest(&mut self, name: &str, schema: &'t Tree, level: usize) -> Option<Json> {
        let text = self.spec.kind(schema) == "string";
        if text && (secrets::is_secret(name) || schema.text("format") == Some("password")) {
            return Some(Json::Text(self.secret(name)));
        }
        if let Some(given) = given(schema) {
            return Some(given.to_json());
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(first) = schema.list(choice).iter().find(|one| one.text("type") != Some("null")) {
                return self.value(name, first, level + 1);
            }
        }
        match self.spec.kind(schema) {
            "object" => Some(self.object(schema, level)),
            "array" => Some(self.array(name, schema, level)),
            "integer" => Some(Json::Number(integer(schema).into())),
            "number" => Some(number(schema)),
            "boolean" => Some(Json::Bool(true)),
            "null" => Some(Json::Null),
            _ => Some(Json::Text(string(schema))),
        }
    }

    fn object(&mut self, schema: &'t Tree, level: usize) -> Json {
        let mut fields = Vec::new();
        let mut properties = self.spec.properties(schema);
        properties.retain(|(_, property, _)| !self.spec.resolve(property).flag("readOnly"));
        // Where nothing must be there, what its author shows makes more of an example than nothing at all; and where
        // nothing is shown, everything does.
        let free = properties.iter().all(|(.., required)| !required);
        let is_shown = |property| given(self.spec.resolve(property)).is_some();
        let shown = properties.iter().any(|(_, property, _)| is_shown(property));
        for (name, property, required) in properties {
            if (required || free && (!shown || is_shown(property)))
                && let Some(value) = self.value(name, property, level + 1)
            {
                fields.push((name.to_owned(), value));
            }
        }
        Json::Map(fields)
    }

    fn array(&mut self, name: &str, schema: &'t Tree, level: usize) -> Json {
        const MOST_ITEMS: i64 = 20;
        let count = schema.number("minItems").unwrap_or(1).clamp(1, MOST_ITEMS);
        let count = if schema.number("maxItems") == Some(0) { 0 } else { count };
        let item = |_| schema.get("items").and_then(|items| self.value(name, items, level + 1));
        Json::List((0..count).filter_map(item).collect())
    }

    /// A secret under that name, for which the environment is asked.
    pub(super) fn secret(&mut self, name: &str) -> Text {
        let name = identifier(name);
        if !self.secrets.contains(&name) {
            self.secrets.push(name.clone());
        }
        Text::filled(format!("secret.{name}"))
    }

    /// A value as it stands in a URL or a header: lists by commas.
    pub(super) fn plain(&mut self, name: &str, schema: &'t Tree) -> Text {
        match self.value(name, schema, 0) {
            Some(value) => plain(&value),
            None => Text::default(),
        }
    }
}

/// A value as it stands in a URL or a header: lists by commas.
pub(super) fn plain(value: &Json) -> Text {
    match value {
        Json::Text(text) => text.clone(),
        Json::Number(number) => number.to_string().into(),
        Json::Bool(value) => value.to_string().into(),
        Json::Null | Json::Map(_) => Text::default(),
        Json::List(items) => {
            let mut joined = Text::default();
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    joined.append(",".into());
                }
                joined.append(plain(item));
            }
            joined
        }
    }
}

/// What is given as a value by a schema, a parameter or a media type, if a journey can hold it.
pub(super) fn given(told: &Tree) -> Option<&Tree> {
    let first = told.get("examples").and_then(|examples| match examples {
        Tree::List(examples) => examples.first(),
        examples => examples.fields().first().and_then(|(_, example)| example.get("value")),
    });
    let from = |name: &str| told.get(name).filter(|value| !matches!(value, Tree::Null));
    let given = from("example").or(first).or_else(|| from("default")).or_else(|| from("const"));
    given.or_else(|| told.list("enum").first()).filter(|given| bodies::fits(given))
}

fn integer(schema: &Tree) -> i64 {
    let least = schema.number("minimum");
    // In 3.0 it says whether the limit is excluded, in 3.1 it is the limit.
    let above = match schema.get("exclusiveMinimum") {
        Some(Tree::Bool(true)) => least.map(|least| least.saturating_add(1)),
        Some(Tree::Number(_)) => schema.number("exclusiveMinimum").map(|limit| limit.saturating_add(1)),
        _ => least,
    };
    let most = schema.number("maximum").unwrap_or(i64::MAX);
    let wanted = above.unwrap_or(1).min(most);
    match schema.number("multipleOf") {
        Some(step) if step > 1 => {
            let up = wanted.checked_add((step - wanted.rem_euclid(step)) % step);
            up.filter(|up| *up <= most).unwrap_or(wanted)
        }
        _ => wanted,
    }
}

fn number(schema: &Tree) -> Json {
    let least = match schema.get("minimum") {
        Some(Tree::Number(least)) if !schema.flag("exclusiveMinimum") => Some(least.clone()),
        _ => None,
    };
    Json::Number(least.unwrap_or_else(|| integer(schema).into()))
}

fn string(schema: &Tree) -> Text {
    let plain = match schema.text("format").unwrap_or_default() {
        "date-time" => "2026-01-15T12:00:00Z",
        "date" => "2026-01-15",
        "time" => "12:00:00Z",
        "uuid" => "5f0c1d52-7a3e-4b7e-9d0a-3c8f6f1f2b11",
        "uri" | "url" | "uri-reference" => "https://acme.example/",
        "hostname" => "acme.example",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "dGV4dA==",
        // New with every run: what is unique cannot be made twice.
        "email" => {
            let parts = [("canary+", "run.id"), ("@acme.example", "")].into_iter();
            let parts = parts.flat_map(|(text, run)| {
                let filled = (!run.is_empty()).then(|| Part::Filled(run.to_owned()));
                std::iter::once(Part::Literal(text.to_owned())).chain(filled)
            });
            return parts.collect();
        }
        _ => "",
    };
    if !plain.is_empty() {
        return plain.into();
    }
    let length = |name: &str| schema.number(name).and_then(|length| usize::try_from(length).ok());
    let least = length("minLength").unwrap_or(0).min(LONGEST);
    let most = length("maxLength").unwrap_or(LONGEST).max(least);
    let text: String = "text".chars().cycle().take(least.max(4).min(most)).collect();
    text.into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn made(schema: &str) -> String {
        let tree: Tree = serde_yaml::from_str(schema).unwrap();
        let spec = Spec::new(&tree);
        let value = Examples::new(&spec).value("it", &tree, 0);
        crate::yaml::Yaml::entry("v", &(&value.unwrap()).into(), 0).join("\n")
    }

    #[test]
    fn the_plainest_value_that_a_schema_allows() {
        for (schema, value) in [
            ("{ type: string, minLength: 6 }", "v: textte"),
            ("{ type: string, maxLength: 2 }", "v: te"),
            ("{ type: [string, 'null'], format: date }", "v: \"2026-01-15\""),
            ("{ type: string, format: email }", "v: canary+{{ run.id }}@acme.example"),
            ("{ type: integer, minimum: 3, multipleOf: 5 }", "v: 5"),
            ("{ type: integer, exclusiveMinimum: 3 }", "v: 4"),
            ("{ type: integer, maximum: -3 }", "v: -3"),
            ("{ enum: [b, a] }", "v: b"),
            (
                "{ type: object, required: [a], properties: { a: { type: boolean }, b: { type: string } } }",
                "v: { a: true }",
            ),
            (
                "{ type: object, properties: { a: { type: integer }, b: { readOnly: true }, c: { type: string } } }",
                "v: { a: 1, c: text }",
            ),
            (
                "{ required: [id], properties: { id: { readOnly: true }, a: { example: 7 }, b: { type: string } } }",
                "v: { a: 7 }",
            ),
            ("{ oneOf: [{ type: 'null' }, { type: array, items: { type: integer } }] }", "v: [1]"),
            ("{ type: object, required: [d], properties: { d: { $ref: '#' } } }", "v: { d: {} }"),
            (
                "{ allOf: [{ required: [a], properties: { a: { const: 1 } } }, { properties: { b: {} } }] }",
                "v: { a: 1 }",
            ),
        ] {
            assert_eq!(made(schema), value, "{schema}");
        }
    }
}
