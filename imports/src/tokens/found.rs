//! What an answer gives that may be sent again.

use std::collections::HashSet;

use scraper::{Html, Selector};

use crate::doc::Tree;
use crate::draft::{Answer, Step};
use crate::names::{identifier, singular};

/// From this length a value that looks like chance is not in two places by chance.
pub(super) const LONG: usize = 8;
const LONGEST: usize = 8 << 10;
/// An answer with more values is a list that somebody looked at.
const MOST: usize = 20_000;
/// A page beyond that is not searched for forms.
const LARGEST_PAGE: usize = 4 << 20;

/// A value in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) value: String,
    /// The query that finds it again.
    pub(super) query: String,
    /// What its variable is to be called.
    pub(super) name: String,
    /// Whether the name under which it stands is that of an id or a token.
    pub(super) is_id: bool,
}

impl Found {
    /// Whether it is in two places by no chance: long, and not a word or a plain number.
    pub(super) fn is_long(&self) -> bool {
        let mixed =
            self.value.chars().any(|c| c.is_ascii_digit()) && self.value.chars().any(char::is_alphabetic);
        let long = if self.is_id { LONG } else { 12 };
        self.value.len() >= long
            && !self.value.contains(char::is_whitespace)
            && (mixed || self.value.len() >= 20)
    }

    /// Whether nobody may read it.
    pub(super) fn is_secret(&self) -> bool {
        let name = identifier(&self.name);
        ["token", "secret", "session", "jwt", "password", "csrf", "xsrf", "nonce", "ticket"]
            .iter()
            .any(|word| name.contains(word))
            && self.value.len() >= LONG
    }
}

/// Whether a name is that of an id or a token: `id`, `userId`, `access_token`.
pub(super) fn names_an_id(name: &str) -> bool {
    let name = identifier(name);
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(
        last,
        "id" | "ids"
            | "uuid"
            | "guid"
            | "token"
            | "csrf"
            | "xsrf"
            | "nonce"
            | "cursor"
            | "key"
            | "slug"
            | "session"
            | "ticket"
            | "ref"
            | "etag"
            | "verifier"
            | "state"
            | "code"
            | "authenticity"
            | "viewstate"
    ) || name.ends_with("requestverificationtoken")
}

/// Everything in an answer that a later request may send again, the plainest place of each value first.
pub(super) fn in_answer(answer: &Answer, step: &Step) -> Vec<Found> {
    let mut found = Vec::new();
    if answer.mime.ends_with("json") {
        if let Ok(tree) = serde_json::from_str::<Tree>(&answer.body) {
            in_json(&tree, "$", "", &resource(step), &mut found);
        }
    } else if answer.mime.contains("html") && answer.body.len() <= LARGEST_PAGE {
        in_page(&answer.body, &mut found);
    }
    for (name, value) in &answer.cookies {
        let query = format!("cookie {name}");
        found.push(Found { value: value.clone(), query, name: name.clone(), is_id: true });
    }
    for (name, value) in &answer.headers {
        // What every server sends is no token.
        if name.starts_with("x-") || names_an_id(name) {
            let query = format!("header {name}");
            found.push(Found { value: value.clone(), query, name: name.clone(), is_id: names_an_id(name) });
        }
    }
    found.retain(|found| !found.value.is_empty() && found.value.len() <= LONGEST);
    // Of the same value the plainest place counts.
    found.sort_by_key(|found| (!found.is_id, found.query.len()));
    let mut seen = HashSet::new();
    found.retain(|found| seen.insert(found.value.clone()));
    found
}

fn in_json(tree: &Tree, path: &str, name: &str, resource: &str, found: &mut Vec<Found>) {
    if found.len() >= MOST {
        return;
    }
    match tree {
        Tree::Text(_) | Tree::Number(_) => {
            let Some(value) = tree.scalar() else { return };
            let wanted = if name == "id" && !resource.is_empty() { resource } else { name };
            let is_id = names_an_id(name);
            found.push(Found { value, query: format!("json {path}"), name: wanted.to_owned(), is_id });
        }
        Tree::List(items) => {
            for (index, item) in items.iter().enumerate() {
                in_json(item, &format!("{path}[{index}]"), name, resource, found);
            }
        }
        Tree::Map(fields) => {
            // Within `user: { id: .. }` it is the user's id.
            let within = if name.is_empty() { resource.to_owned() } else { singular(name) };
            for (key, value) in fields {
                in_json(value, &step_into(path, key), key, &within, found);
            }
        }
        Tree::Null | Tree::Bool(_) => {}
    }
}

/// A path to a field (RFC 9535): `.name` where that can be written, else in brackets.
pub(crate) fn step_into(path: &str, key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!("{path}.{key}") } else { format!("{path}[{}]", serde_json::Value::from(key)) }
}

/// What the step's URL is about: `user` of `POST /users`.
fn resource(step: &Step) -> String {
    let words = step.target.path.iter().rev().filter_map(|segment| segment.literal());
    let noun = words.into_iter().find(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
    noun.map(singular).unwrap_or_default()
}

/// Hidden fields of forms, and tokens that a page keeps for its scripts.
fn in_page(page: &str, found: &mut Vec<Found>) {
    let page = Html::parse_document(page);
    for (selector, element, attribute, value) in [
        ("input[type=hidden][name][value]", "input", "name", "value"),
        ("meta[name][content]", "meta", "name", "content"),
    ] {
        let Ok(selector) = Selector::parse(selector) else { continue };
        for tag in page.select(&selector).take(MOST) {
            let (Some(name), Some(text)) = (tag.attr(attribute), tag.attr(value)) else { continue };
            if element == "meta" && !names_an_id(name) {
                continue;
            }
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
                && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let wanted = if plain {
                format!("{element}[{attribute}={name}]")
            } else if name.contains(['\'', '"', '\\']) || name.contains(char::is_control) {
                continue;
            } else {
                format!("\"{element}[{attribute}='{name}']\"")
            };
            let query = format!("css {wanted} @{value}");
            // A hidden field is sent again: that is what it is for.
            found.push(Found { value: text.to_owned(), query, name: name.to_owned(), is_id: true });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    fn values(mime: &str, body: &str) -> Vec<(String, String, String)> {
        let answer = Answer { mime: mime.to_owned(), body: body.to_owned(), ..Answer::default() };
        let target = Target::of("https://a.example/users").map(|(target, _)| target).unwrap_or_default();
        let step = Step { target, ..Step::default() };
        in_answer(&answer, &step).into_iter().map(|found| (found.value, found.query, found.name)).collect()
    }

    fn one(value: &str, query: &str, name: &str) -> (String, String, String) {
        (value.to_owned(), query.to_owned(), name.to_owned())
    }

    #[test]
    fn an_id_is_called_by_what_it_is_of() {
        let body = r#"{"id": 7, "device": {"id": "d-1"}, "a b": [{"accessToken": "t"}], "again": 7}"#;
        assert_eq!(
            values("application/json", body),
            [
                one("7", "json $.id", "user"),
                one("d-1", "json $.device.id", "device"),
                one("t", "json $[\"a b\"][0].accessToken", "accessToken"),
            ]
        );
    }

    #[test]
    fn a_page_has_hidden_fields_and_tokens_for_its_scripts() {
        let page = "<meta name=csrf-token content='m&amp;m'><meta name=viewport content=w><form><input type=hidden \
            name=_csrf value=abc><input type='hidden' name='user[form]' value='x'><input name=email value=e></form>";
        assert_eq!(
            values("text/html", page),
            [
                one("abc", "css input[name=_csrf] @value", "_csrf"),
                one("m&m", "css meta[name=csrf-token] @content", "csrf-token"),
                one("x", "css \"input[name='user[form]']\" @value", "user[form]"),
            ]
        );
    }
}
