//! A table as a JSON Schema, draft 2020-12 (<https://json-schema.org/draft/2020-12>).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Field, Kind, Shape, Sort};

/// Durations as humantime reads them: numbers with units, one or several.
const DURATION: &str = "^ *([0-9]+(\\.[0-9]+)? *[a-zA-Zµ]+ *)+$";
/// A share with its sign.
const SHARE: &str = "^ *[0-9]+(\\.[0-9]+)? *%$";

/// The schema of files of this shape.
pub fn json_schema(root: &'static Shape, title: &str) -> Value {
    let mut writer = Writer::default();
    let whole = writer.object(root);
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(title));
    schema.extend(whole);
    schema.insert("$defs".to_owned(), json!(writer.definitions));
    Value::Object(schema)
}

#[derive(Default)]
struct Writer {
    definitions: BTreeMap<&'static str, Value>,
}

impl Writer {
    fn object(&mut self, shape: &'static Shape) -> Map<String, Value> {
        let mut properties: Map<String, Value> = Map::new();
        for field in shape.every_field() {
            let written = self.field(field);
            // Two kinds may mean different things by one key: which of them is said below.
            match properties.get_mut(field.key) {
                Some(known) if *known == written => {}
                Some(known) => *known = both(known, written),
                None => drop(properties.insert(field.key.to_owned(), written)),
            }
        }
        let mut object = Map::new();
        object.insert("description".to_owned(), json!(shape.about));
        object.insert("type".to_owned(), json!("object"));
        object.insert("properties".to_owned(), Value::Object(properties));
        object.insert("additionalProperties".to_owned(), json!(false));
        object.extend(required(shape.fields).map(|keys| ("required".to_owned(), keys)));
        if !shape.kinds.is_empty() {
            let keys: Vec<_> =
                shape.kinds.iter().map(|kind| json!({ "required": [kind.field.key] })).collect();
            object.insert("oneOf".to_owned(), json!(keys));
            let each: Vec<_> = shape.kinds.iter().map(|kind| self.kind(shape, kind)).collect();
            object.insert("allOf".to_owned(), json!(each));
        }
        object
    }

    /// What goes with a kind, and nothing else.
    fn kind(&mut self, shape: &Shape, kind: &'static Kind) -> Value {
        let own: Map<String, Value> =
            kind.fields.iter().map(|field| (field.key.to_owned(), self.sort(field.sort))).collect();
        let keys: Vec<_> = shape.fields.iter().chain(all(kind)).map(|field| field.key).collect();
        let mut then = json!({ "propertyNames": { "enum": keys }, "properties": own });
        if let (Value::Object(then), Some(keys)) = (&mut then, required(kind.fields)) {
            then.insert("required".to_owned(), keys);
        }
        json!({ "if": { "required": [kind.field.key] }, "then": then })
    }

    fn field(&mut self, field: &'static Field) -> Value {
        let mut written = match self.sort(field.sort) {
            Value::Object(written) => written,
            // `true`, for any document.
            _ => Map::new(),
        };
        let about = match field.default {
            Some(default) => format!("{} Default: {default}", field.about),
            None => field.about.to_owned(),
        };
        written.insert("description".to_owned(), json!(about));
        if let Some(default) = field.default {
            let spelled = match field.sort {
                // What is no text is not written as one.
                Sort::Boolean | Sort::Whole(..) | Sort::AtLeast(_) => serde_json::from_str(default).ok(),
                _ => None,
            };
            written.insert("default".to_owned(), spelled.unwrap_or_else(|| json!(default)));
        }
        Value::Object(written)
    }

    /// Any of these. Where it can be seen which is meant, nothing is said but what is wrong with that one: an editor marks
    /// the whole of what none of several fits.
    fn either(&mut self, sorts: &'static [Sort]) -> Value {
        let (shapes, others) = shapes(sorts);
        let mapping = others.iter().any(|sort| matches!(sort, Sort::Map(_) | Sort::Any));
        let object = match shapes.as_slice() {
            [one] => Some(self.sort(Sort::Shape(one))),
            [one, other] => {
                let own = |shape: &Shape, than: &Shape| {
                    let mut required = shape.fields.iter().filter(|field| field.required);
                    required.find(|field| !than.keys().contains(&field.key)).map(|field| field.key)
                };
                let (first, second) = (self.sort(Sort::Shape(one)), self.sort(Sort::Shape(other)));
                let apart = |key, then: &Value, or: &Value| json!({ "if": { "required": [key] }, "then": then, "else": or });
                let by_the_first = own(one, other).map(|key| apart(key, &first, &second));
                by_the_first.or_else(|| own(other, one).map(|key| apart(key, &second, &first)))
            }
            _ => None,
        };
        match object.filter(|_| !mapping) {
            None => any_of(sorts.iter().map(|sort| self.sort(*sort)).collect()),
            Some(object) if others.is_empty() => object,
            Some(object) => {
                let others = any_of(others.into_iter().map(|sort| self.sort(sort)).collect());
                json!({ "if": { "type": "object" }, "then": object, "else": others })
            }
        }
    }

    fn sort(&mut self, sort: Sort) -> Value {
        match sort {
            Sort::Text => json!({ "type": ["string", "number", "boolean"] }),
            Sort::Duration => {
                json!({ "type": "string", "pattern": DURATION, "examples": ["800ms", "10s", "2m"] })
            }
            Sort::Share => json!({ "type": "string", "pattern": SHARE, "examples": ["5%"] }),
            Sort::Boolean => json!({ "type": "boolean" }),
            Sort::Whole(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
            Sort::AtLeast(least) => json!({ "type": "number", "minimum": least }),
            Sort::Word(words) => json!({ "enum": words }),
            Sort::Matching(pattern) => json!({ "type": "string", "pattern": pattern() }),
            Sort::Any => json!(true),
            Sort::Map(value) => json!({ "type": "object", "additionalProperties": self.sort(*value) }),
            Sort::List(item) => json!({ "type": "array", "items": self.sort(*item) }),
            Sort::Some(item) => {
                let one = self.sort(*item);
                json!({ "anyOf": [one, { "type": "array", "items": one }] })
            }
            Sort::Either(sorts) => self.either(sorts),
            Sort::Shape(shape) => {
                if !self.definitions.contains_key(shape.name) {
                    // Its name first: a shape may hold itself.
                    self.definitions.insert(shape.name, Value::Null);
                    let object = Value::Object(self.object(shape));
                    self.definitions.insert(shape.name, object);
                }
                json!({ "$ref": format!("#/$defs/{}", shape.name) })
            }
        }
    }
}

/// The shapes among sorts, and the others.
fn shapes(sorts: &'static [Sort]) -> (Vec<&'static Shape>, Vec<Sort>) {
    let (mut shapes, mut others) = (Vec::new(), Vec::new());
    for sort in sorts {
        match sort {
            Sort::Shape(shape) => shapes.push(*shape),
            other => others.push(*other),
        }
    }
    (shapes, others)
}

fn any_of(mut schemas: Vec<Value>) -> Value {
    if schemas.len() == 1 { schemas.remove(0) } else { json!({ "anyOf": schemas }) }
}

fn all(kind: &'static Kind) -> impl Iterator<Item = &'static Field> {
    [&kind.field].into_iter().chain(kind.fields)
}

fn required(fields: &[Field]) -> Option<Value> {
    let keys: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    (!keys.is_empty()).then(|| json!(keys))
}

/// Either meaning of one key.
fn both(known: &Value, other: Value) -> Value {
    match known.get("anyOf").and_then(Value::as_array).filter(|_| known.get("description").is_none()) {
        Some(several) if several.contains(&other) => known.clone(),
        Some(several) => {
            let several: Vec<_> = several.iter().cloned().chain([other]).collect();
            json!({ "anyOf": several })
        }
        None => json!({ "anyOf": [known, other] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static INNER: Shape = Shape {
        name: "inner",
        about: "An inner one.",
        fields: &[Field::new("again", Sort::Shape(&INNER), "Itself.")],
        kinds: &[],
    };
    static OUTER: Shape = Shape {
        name: "outer",
        about: "An outer one.",
        fields: &[
            Field::new("name", Sort::Text, "Its name.").required(),
            Field::new("every", Sort::Duration, "How often.").or("5s"),
            Field::new("inner", Sort::Shape(&INNER), "Another."),
        ],
        kinds: &[
            Kind {
                field: Field::new("http", Sort::Text, "A request."),
                fields: &[Field::new("body", Sort::Any, "A document.")],
            },
            Kind {
                field: Field::new("mqtt", Sort::Text, "A message."),
                fields: &[Field::new("body", Sort::Text, "A text.").required()],
            },
        ],
    };

    #[test]
    fn what_can_be_told_apart_is_judged_alone() {
        static NAMED: Shape = Shape {
            name: "named",
            about: "With a name.",
            fields: &[Field::new("name", Sort::Text, "Its name.").required()],
            kinds: &[],
        };
        static ITEM: [Sort; 2] = [Sort::Shape(&INNER), Sort::Shape(&NAMED)];
        static SHORT: [Sort; 2] = [Sort::Boolean, Sort::Shape(&NAMED)];
        static NEITHER: [Sort; 2] = [Sort::Shape(&INNER), Sort::Map(&Sort::Text)];
        let mut writer = Writer::default();
        let item = writer.sort(Sort::Either(&ITEM));
        assert_eq!(item["if"], json!({ "required": ["name"] }));
        assert_eq!(
            (&item["then"]["$ref"], &item["else"]["$ref"]),
            (&json!("#/$defs/named"), &json!("#/$defs/inner"))
        );
        let short = writer.sort(Sort::Either(&SHORT));
        assert_eq!((&short["if"]["type"], &short["else"]["type"]), (&json!("object"), &json!("boolean")));
        let neither = writer.sort(Sort::Either(&NEITHER));
        assert_eq!(neither["anyOf"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_table_becomes_a_schema() {
        let schema = json_schema(&OUTER, "an example");
        assert_eq!(schema["required"], json!(["name"]));
        assert_eq!(schema["properties"]["every"]["default"], "5s");
        assert_eq!(schema["properties"]["every"]["description"], "How often. Default: 5s");
        assert_eq!(schema["oneOf"], json!([{ "required": ["http"] }, { "required": ["mqtt"] }]));
        let with = &schema["allOf"][1]["then"];
        assert_eq!(with["propertyNames"]["enum"], json!(["name", "every", "inner", "mqtt", "body"]));
        assert_eq!(with["required"], json!(["body"]));
        assert_eq!(schema["properties"]["body"]["anyOf"].as_array().map(Vec::len), Some(2));
        assert_eq!(schema["$defs"]["inner"]["properties"]["again"]["$ref"], "#/$defs/inner");
        assert_eq!(OUTER.keys(), ["body", "every", "http", "inner", "mqtt", "name"]);
    }
}
