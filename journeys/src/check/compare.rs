//! How values are compared: by what they mean.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::grammar::Op;

/// Whether the comparison holds.
pub(super) fn compare(op: Op, found: &Value, wanted: &Value) -> bool {
    if !op.is_by_size() {
        return op.same(equal(found, wanted));
    }
    match (number_of(found), number_of(wanted)) {
        (Some(found), Some(wanted)) => found.partial_cmp(&wanted).is_some_and(|ordering| op.of(ordering)),
        _ => false,
    }
}

/// 21.5 and 21.50 are equal, 7 and 7.0 too, at any depth; a text and a number are not.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}

/// Large whole numbers that differ may be equal as floating point; they are different all the same.
fn same_number(a: &Number, b: &Number) -> bool {
    a == b || ((a.is_f64() || b.is_f64()) && matches!((a.as_f64(), b.as_f64()), (Some(a), Some(b)) if a == b))
}

/// A number, or a text that is one.
pub(super) fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether a text has the other within it, a list has it as an item, an object as a key.
pub(super) fn contains(found: &Value, wanted: &Value) -> bool {
    match found {
        Value::Array(items) => items.iter().any(|item| equal(item, wanted)),
        Value::Object(fields) => fields.contains_key(text_of(wanted).as_ref()),
        other => text_of(other).contains(text_of(wanted).as_ref()),
    }
}

/// A text itself, anything else as JSON.
pub(super) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
