//! What an answer gave and a later request sent again is saved, and filled in: ids, tokens, hidden fields of forms.
//!
//! A value counts only if no request had sent it before the answer came: what a server merely repeats is no token.
//! Short values, such as the id `7`, count where an id stands or what is called as they are; long ones anywhere.

mod found;
mod redirect;

use std::collections::{BTreeMap, HashMap, HashSet};

use found::Found;
pub(crate) use found::step_into;

use crate::draft::{Draft, Save, Spot, Step};
use crate::names::identifier;
use crate::target::{decoded, decoded_query};
use crate::text::{Part, Text};

/// Replaces them throughout the draft.
pub(crate) fn replace(draft: &mut Draft) {
    let mut hunt = Hunt::default();
    for index in 0..draft.steps.len() {
        let mut names = std::mem::take(&mut draft.names);
        let step = &mut draft.steps[index];
        redirect::follow(step, index, &mut hunt, &mut names);
        step.visit(&mut |spot, text| {
            if !matches!(spot, Spot::Cookie(_)) {
                hunt.fill(spot, text, &mut names);
            }
        });
        hunt.note_sent(step);
        if let Some(answer) = step.answer.take() {
            hunt.learn(index, found::in_answer(&answer, step));
            redirect::learn(step, index, &answer, &mut hunt);
        }
        draft.names = names;
    }
    for (index, saves) in hunt.saves {
        if let Some(step) = draft.steps.get_mut(index) {
            step.save.extend(saves);
        }
    }
}

/// What is known on the way through the steps.
#[derive(Debug, Default)]
struct Hunt {
    /// What answers gave, by its value.
    found: HashMap<String, Token>,
    /// What requests sent that no answer had given.
    sent: HashSet<String>,
    /// What is to be saved, by the step whose answer gives it.
    saves: BTreeMap<usize, Vec<Save>>,
    /// Where the step before was sent on to.
    onward: Option<redirect::Onward>,
}

/// A value that an answer gave.
#[derive(Debug)]
struct Token {
    step: usize,
    found: Found,
    /// Its variable, once a request needs it.
    name: Option<String>,
}

impl Hunt {
    fn learn(&mut self, step: usize, found: Vec<Found>) {
        for found in found {
            if !self.sent.contains(&found.value) {
                let token = |found| Token { step, found, name: None };
                self.found.entry(found.value.clone()).or_insert_with(|| token(found));
            }
        }
    }

    fn note_sent(&mut self, step: &mut Step) {
        step.visit(&mut |spot, text| {
            for part in text.parts() {
                let Part::Literal(literal) = part else { continue };
                for piece in pieces(literal) {
                    self.sent.insert(plain(spot, piece));
                }
                self.sent.insert(plain(spot, literal));
            }
        });
    }

    /// Fills in what is known: the whole text, or of long values a part of it.
    fn fill(&mut self, spot: Spot<'_>, text: &mut Text, names: &mut crate::names::Names) {
        text.map(|literal| {
            if let Some(part) = self.part(spot, literal, true, names) {
                return Some([part].into_iter().collect());
            }
            let mut filled = Text::default();
            let mut any = false;
            let mut rest = literal;
            for piece in pieces(literal) {
                // The pieces are slices of the literal, in its order.
                let Some(at) = rest.find(piece) else { continue };
                let Some(part) = self.part(spot, piece, false, names) else { continue };
                filled.push(Part::Literal(rest[..at].to_owned()));
                filled.push(part);
                rest = &rest[at + piece.len()..];
                any = true;
            }
            filled.push(Part::Literal(rest.to_owned()));
            any.then_some(filled)
        });
    }

    fn part(
        &mut self,
        spot: Spot<'_>,
        written: &str,
        whole: bool,
        names: &mut crate::names::Names,
    ) -> Option<Part> {
        let value = plain(spot, written);
        let token = self.found.get_mut(&value)?;
        let short = || takes_ids(spot, written) || is_called(spot, &token.found.name);
        let fits = token.found.is_long() || (whole && token.found.is_id && short());
        if !fits {
            return None;
        }
        let name = match &token.name {
            Some(name) => name.clone(),
            None => {
                let name = names.variable(&token.found.name);
                let save = Save {
                    name: name.clone(),
                    query: token.found.query.clone(),
                    secret: token.found.is_secret(),
                };
                self.saves.entry(token.step).or_default().push(save);
                token.name.insert(name).clone()
            }
        };
        let encoded = matches!(spot, Spot::Segment | Spot::Query(_)) && !value.chars().all(is_unreserved);
        Some(Part::Filled(if encoded { format!("{name}|urlencode") } else { name }))
    }
}

/// Whether a short value may be an id there.
fn takes_ids(spot: Spot<'_>, written: &str) -> bool {
    match spot {
        Spot::Segment => !written.is_empty(),
        Spot::Query(name) | Spot::Field(name) => found::names_an_id(name),
        Spot::Header(name) => matches!(name, "if-match" | "last-event-id") || found::names_an_id(name),
        Spot::Cookie(_) | Spot::Body => false,
    }
}

/// Whether what stands there is called as what was found: the id that `POST /users` gave is sent as `user`.
fn is_called(spot: Spot<'_>, found: &str) -> bool {
    let bare = |name: &str| {
        let name = identifier(name);
        name.strip_suffix("_id").map(str::to_owned).unwrap_or(name)
    };
    matches!(spot, Spot::Query(name) | Spot::Field(name) if bare(name) == bare(found))
}

/// What was meant by what is written there.
fn plain(spot: Spot<'_>, written: &str) -> String {
    match spot {
        Spot::Segment => decoded(written),
        Spot::Query(_) => decoded_query(written),
        _ => written.to_owned(),
    }
}

/// The words of a text that may be tokens: `Bearer X`, `a=X;b=Y`, `"X"`.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let apart = |c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | ',' | ';' | '&' | '<' | '>' | '(' | ')' | '?' | '#' | '/' | '=' | ':')
    };
    // A `=` may belong to the value's end, as with base64, or stand between it and its name.
    let whole = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '&');
    text.split(whole)
        .flat_map(move |word| {
            let smaller = word.split(apart).filter(move |piece| *piece != word);
            std::iter::once(word).chain(smaller)
        })
        .filter(|piece| piece.len() >= found::LONG)
}

const fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::{Value, json};

    use crate::Format;

    fn imported(entries: &[(&str, &str, Value)]) -> String {
        let entries: Vec<_> = entries
            .iter()
            .map(|(method, url, answer)| {
                let content = json!({ "mimeType": "application/json", "text": answer.to_string() });
                json!({
                    "request": { "method": method, "url": format!("https://api.acme.example{url}"), "headers": [] },
                    "response": { "status": 200, "headers": [], "content": content },
                })
            })
            .collect();
        Format::Har.import(&json!({ "log": { "entries": entries } }).to_string(), "name").unwrap().yaml
    }

    #[test]
    fn a_short_id_is_known_by_where_it_stands_and_what_it_is_called() {
        let made = ("POST", "/users", json!({ "id": "u-7", "state": "new" }));
        for (url, filled) in [
            ("/users/u-7", "/users/{{ user }}"),
            ("/things?user=u-7", "/things?user={{ user }}"),
            ("/things?userId=u-7", "/things?userId={{ user }}"),
            // By chance it may say the same.
            ("/things?color=u-7", "/things?color=u-7"),
        ] {
            let yaml = imported(&[made.clone(), ("GET", url, json!({}))]);
            assert!(yaml.contains(filled), "{yaml}");
        }
    }
}
