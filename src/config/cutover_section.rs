//! `cutover:` what moves, from where to where.

use document::{Fields, Node, Source};

use super::values::share;
use super::{Cutover, sides};

/// Reads the section.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<Cutover> {
    let mut fields = Fields::of(node, "`cutover`", source)?;
    let name = fields.require("name", source);
    let names = fields.require("names", source);
    let both = fields.require("sides", source);
    let point_of_no_return = fields.take("point-of-no-return");
    fields.finish(source);
    let name = name.and_then(|node| node.text(source));
    let names = names.map(|node| {
        let names = sides::moving(node, source);
        if names.is_empty() && node.items().is_some_and(<[_]>::is_empty) {
            source.complain(node.place(), "no name moves: then there is no cutover".to_owned(), None);
        }
        names
    });
    let both = both.and_then(|node| sides::read(node, names.as_deref().unwrap_or_default(), source));
    let point_of_no_return = point_of_no_return.and_then(|node| share(node, source));
    let both = both?;
    Some(Cutover {
        name: name?.into(),
        names: names?,
        sides: both.sides,
        pins: both.pins,
        markers: both.markers,
        point_of_no_return,
    })
}
