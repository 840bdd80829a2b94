//! The words that a journey has.

use document::schema::{Shape, Sort};
use journeys::schema::{Wording, filters, functions};
use serde_json::Value;

use super::vocabulary::Words;

/// The words of a mapping.
pub(super) fn of_shape(value: &Value, shape: &'static Shape, words: &mut Words) {
    let Some(mapping) = value.as_object() else { return };
    for (key, value) in mapping {
        let own = shape.fields.iter().map(|field| (shape.name.to_owned(), field));
        let of_kinds =
            shape.kinds.iter().filter(|kind| mapping.contains_key(kind.field.key)).flat_map(|kind| {
                let name = format!("{}.{}", shape.name, kind.field.key);
                let fields = kind.fields.iter().map(move |field| (name.clone(), field));
                [(shape.name.to_owned(), &kind.field)].into_iter().chain(fields)
            });
        for (name, field) in own.chain(of_kinds).filter(|(_, field)| field.key == key) {
            let name = format!("{name}.{key}");
            of_sort(value, field.sort, &name, words);
            words.insert(name);
        }
    }
}

fn of_sort(value: &Value, sort: Sort, name: &str, words: &mut Words) {
    match (sort, value) {
        // Of several shapes that a value may have it has the one whose keys it has.
        (Sort::Shape(shape), Value::Object(mapping))
            if mapping.keys().all(|key| shape.keys().contains(&key.as_str())) =>
        {
            of_shape(value, shape, words);
        }
        (Sort::Map(sort), Value::Object(mapping)) => {
            mapping.values().for_each(|value| of_sort(value, *sort, name, words));
        }
        (Sort::List(sort) | Sort::Some(sort), Value::Array(items)) => {
            items.iter().for_each(|item| of_sort(item, *sort, name, words));
        }
        (Sort::Some(sort), value) => of_sort(value, *sort, name, words),
        (Sort::Either(sorts), value) => sorts.iter().for_each(|sort| of_sort(value, *sort, name, words)),
        (Sort::Word(all), value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            words.extend(all.contains(&text.as_str()).then(|| format!("{name} = {text}")));
        }
        // A query alone, as in `save`, is one that exists.
        (Sort::Matching(_), Value::String(text)) => {
            let query = text.trim_start_matches("secret ");
            words.extend(Wording::of(&format!("{query} exists")).map(|told| format!("query {}", told.query)));
        }
        _ => {}
    }
}

/// The words of an expectation.
pub(super) fn of_expectation(line: &str, words: &mut Words) {
    let Ok(told) = Wording::of(line) else { return };
    let not = if told.negated { "not " } else { "" };
    words.insert(format!("query {}", told.query));
    words.insert(format!("predicate {not}{}", told.predicate));
    words.extend((told.predicate == "is").then(|| format!("type {}", told.value)));
}

/// The words within the texts of a value: what templates call, what a resolver is asked for.
pub(super) fn of_texts(value: &Value, words: &mut Words) {
    match value {
        Value::String(text) => {
            let called = |name: &&&str| text.contains(&format!("{name}("));
            words.extend(functions().iter().filter(called).map(|name| format!("function {name}")));
            let filtered = |name: &&&str| text.contains(&format!("|{name}"));
            words.extend(filters().iter().filter(filtered).map(|name| format!("filter {name}")));
        }
        Value::Array(items) => items.iter().for_each(|item| of_texts(item, words)),
        Value::Object(mapping) => {
            let asked = mapping.get("dns").and_then(Value::as_str).and_then(|text| text.split(' ').next());
            words.extend(asked.map(|kind| format!("record type {kind}")));
            mapping.values().for_each(|value| of_texts(value, words));
        }
        _ => {}
    }
}
