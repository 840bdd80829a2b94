//! Bodies of requests: from their bytes to what a journey writes.

mod multipart;

use url::form_urlencoded;

use crate::doc::{Doc, Tree};
use crate::draft::{Body, Step};
use crate::text::Text;

pub(crate) use multipart::{fields as multipart_fields, file_name};

/// A journey may be 32 levels deep, and the body stands four levels within it.
const DEEPEST: usize = 24;
/// A journey may have 50,000 values, and has other steps too.
const MOST_VALUES: usize = 10_000;
/// YAML reads no key that is longer.
const LONGEST_KEY: usize = 500;
/// A form with more fields is sent as it is.
const MOST_FIELDS: usize = 1_000;
/// A body beyond that belongs into a file.
const LONGEST: usize = 128 << 10;

/// Gives the step its body, as it was sent, with the content type if that does not follow from it.
pub(crate) fn put(step: &mut Step, mime: Option<&str>, text: &str) {
    if text.is_empty() {
        return;
    }
    if text.len() > LONGEST {
        step.remarks.push(format!(
            "Its body of {} bytes was left out: put it into a file and name that in `file:`.",
            text.len()
        ));
        return;
    }
    let essence = essence(mime.unwrap_or_default());
    let body = if essence.ends_with("json") {
        json(text)
    } else if essence == "application/x-www-form-urlencoded" && text.split('&').all(|pair| pair.contains('='))
    {
        form(
            form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into(), value.as_ref().into())),
        )
    } else if essence == "multipart/form-data" {
        multipart::read(mime.unwrap_or_default(), text).map(|fields| multipart_fields(step, fields))
    } else {
        None
    };
    let body = body.unwrap_or_else(|| Body::Text(text.into()));
    put_body(step, mime, body);
}

/// Gives the step a body that was understood already.
pub(crate) fn put_body(step: &mut Step, mime: Option<&str>, body: Body) {
    step.headers.retain(|(name, _)| name != "content-type");
    let implied = match &body {
        Body::Empty => return,
        Body::Json(_) => "application/json",
        Body::Form(_) => "application/x-www-form-urlencoded",
        // With its boundary, which is made anew.
        Body::Multipart(_) => "multipart/form-data",
        Body::Text(_) => "text/plain",
        Body::File(_) => "application/octet-stream",
    };
    if let Some(mime) = mime
        && essence(mime) != implied
    {
        step.add_header("content-type", mime.into());
    }
    step.body = body;
}

/// The JSON, if a journey can hold it as such and sends the same then.
pub(crate) fn json(text: &str) -> Option<Body> {
    let tree: Tree = serde_json::from_str(text).ok()?;
    fits(&tree).then(|| Body::Json(tree.to_json()))
}

/// Whether a journey can hold it.
pub(crate) fn fits(tree: &Tree) -> bool {
    tree.depth() <= DEEPEST && tree.size() <= MOST_VALUES && holds(tree)
}

/// Whether it keeps its meaning: numbers beyond what is exact are told by their digits, and keys have their limit.
fn holds(tree: &Tree) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match tree {
        Doc::Number(number) => number.as_f64().is_some_and(|value| !number.is_f64() || value.abs() < EXACT),
        Doc::List(items) => items.iter().all(holds),
        Doc::Map(fields) => fields.iter().all(|(name, value)| name.len() <= LONGEST_KEY && holds(value)),
        _ => true,
    }
}

/// The fields of a form, if a journey can hold them.
pub(crate) fn form(fields: impl Iterator<Item = (String, Text)>) -> Option<Body> {
    let fields: Vec<_> = fields.collect();
    let fits = fields.iter().all(|(name, _)| name.len() <= LONGEST_KEY) && fields.len() <= MOST_FIELDS;
    (fits && !fields.is_empty()).then_some(Body::Form(fields))
}

/// The type without its parameters, in small letters.
pub(crate) fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_in(mime: &str, text: &str) -> Step {
        let mut step = Step::default();
        put(&mut step, Some(mime), text);
        step
    }

    #[test]
    fn a_body_is_what_its_type_says_if_it_can_be() {
        let step = put_in("application/json; charset=utf-8", r#"{"a": 1}"#);
        assert!(matches!(step.body, Body::Json(_)) && step.headers.is_empty());
        let step = put_in("application/vnd.api+json", "[1]");
        assert!(matches!(step.body, Body::Json(_)) && step.header("content-type").is_some());
        for text in ["{", r#"{"n": 12345678901234567890123}"#, &"[".repeat(100)] {
            let step = put_in("application/json", text);
            assert_eq!(step.body, Body::Text(text.into()));
            assert!(step.header("content-type").is_some());
        }
        assert!(matches!(put_in("application/x-www-form-urlencoded", "a=1&b=2").body, Body::Form(_)));
    }

    #[test]
    fn what_is_too_large_is_left_out_and_said() {
        let step = put_in("text/plain", &"x".repeat(LONGEST + 1));
        assert_eq!((step.body, step.remarks.len()), (Body::Empty, 1));
    }
}
