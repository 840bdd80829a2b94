//! Where an answer sends its user on to, if something in there is new with every run.

use url::Url;

use super::Hunt;
use crate::draft::{Answer, Save, Step};
use crate::names::Names;
use crate::target::Target;
use crate::text::Text;

/// Where the step before was sent on to.
#[derive(Debug)]
pub(super) struct Onward {
    step: usize,
    /// The header as it was.
    location: String,
    /// The whole URL.
    url: String,
}

/// Notes where the answer leads, if a request could not know that beforehand.
pub(super) fn learn(step: &Step, index: usize, answer: &Answer, hunt: &mut Hunt) {
    let location = answer.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value);
    hunt.onward = location.and_then(|location| {
        let url = Url::parse(step.target.url().literal()?).ok()?.join(location).ok()?;
        let news = super::pieces(location).any(|piece| {
            piece.chars().any(|c| c.is_ascii_digit())
                && piece.chars().any(char::is_alphabetic)
                && !hunt.sent.contains(piece)
        });
        let usable = location.starts_with('/') || location.starts_with("http");
        (news && usable && !location.starts_with("//")).then(|| Onward {
            step: index,
            location: location.clone(),
            url: url.to_string(),
        })
    });
}

/// The step goes where the one before was sent on to, if it is the same place.
pub(super) fn follow(step: &mut Step, index: usize, hunt: &mut Hunt, names: &mut Names) {
    let Some(onward) = hunt.onward.take_if(|onward| onward.step < index) else { return };
    let same = step.target.url().literal() == onward.url.split('#').next();
    if !same {
        return;
    }
    let name = names.variable("location");
    // A code that is good for signing in, on its way.
    let secret = ["code=", "token=", "ticket="].iter().any(|word| onward.location.contains(word));
    let save = Save { name: name.clone(), query: "header location".to_owned(), secret };
    hunt.saves.entry(onward.step).or_default().push(save);
    step.name.get_or_insert_with(|| format!("{} {}", step.method, step.target.shown_path()));
    let origin = if onward.location.starts_with('/') { step.target.origin.clone() } else { Text::default() };
    step.target = Target { origin, rest: Text::filled(name), ..Target::default() };
}
