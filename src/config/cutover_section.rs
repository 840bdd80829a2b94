//! `cutover:` what moves, from where to where.

use std::sync::Arc;

use document::{Fields, Node, Source};

use super::names::{host, title};
use super::values::share;
use super::{Cutover, sides};

/// Reads the section.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<Cutover> {
    let mut fields = Fields::of(node, "`cutover`", source)?;
    let (name, names) = (fields.require("name"), fields.require("names"));
    let (both, point_of_no_return) = (fields.require("sides"), fields.take("point-of-no-return"));
    fields.finish(source);
    let name = name.and_then(|node| title(node, source));
    let names = names.and_then(|node| moving(node, source));
    let both = both.and_then(|node| sides::read(node, names.as_deref(), source));
    let point_of_no_return = point_of_no_return.and_then(|node| point(node, source));
    let both = both?;
    Some(Cutover {
        name: name?,
        names: names?,
        sides: both.sides,
        pins: both.pins,
        markers: both.markers,
        point_of_no_return,
    })
}

/// The hosts that move, each once; none if any of them is wrong.
fn moving(node: &Node, source: &mut Source<'_>) -> Option<Vec<Arc<str>>> {
    let items = node.list("a list of the DNS names that move, such as `[api.acme.example]`", source)?;
    if items.is_empty() {
        let help = "name what DNS takes from the old side to the new one: `[api.acme.example]`".to_owned();
        source.complain(node.place(), "no name moves: then there is no cutover", Some(help));
        return None;
    }
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut wrong = 0;
    for item in items {
        match host(item, source) {
            Some(name) if names.iter().any(|known| **known == *name) => {
                source.complain(item.place(), format!("{name} is listed twice"), None);
            }
            Some(name) => names.push(name.into()),
            None => wrong += 1,
        }
    }
    (wrong == 0).then_some(names)
}

fn point(node: &Node, source: &mut Source<'_>) -> Option<f64> {
    let share = share(node, source)?;
    if share == 0.0 {
        let help =
            "the share of the devices on the new side from which on nobody goes back: `50%`".to_owned();
        source.complain(node.place(), "there would be no way back from the first moment on", Some(help));
    }
    Some(share)
}
