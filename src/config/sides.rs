//! `sides:` the addresses of each, where the names are on it, and by what it is recognised.

use std::sync::Arc;

use cutover::{Reached, Side, Sides, SidesError};
use document::{Fields, Node, Source};
use journeys::Markers;
use probes::Pins;

use super::half::Half;

/// Both sides.
pub(super) struct Both {
    pub(super) sides: Arc<Sides>,
    pub(super) pins: Arc<Pins>,
    pub(super) markers: Arc<Markers>,
}

const EXAMPLE: &str = "{ old: { addresses: 203.0.113.7 }, new: { addresses: 198.51.100.7 } }";

/// Reads `sides`; `names` are the DNS names that move, if they are right.
pub(super) fn read(node: &Node, names: Option<&[Arc<str>]>, source: &mut Source<'_>) -> Option<Both> {
    let mut fields = Fields::like(node, "`sides`", EXAMPLE, source)?;
    let (old, new) = (fields.require("old"), fields.require("new"));
    fields.finish(source);
    let old = old.and_then(|node| Half::read(node, Side::Old, names, source));
    let new = new.and_then(|node| Half::read(node, Side::New, names, source));
    let (old, new) = (old?, new?);
    for (text, place) in &new.written {
        if old.written.iter().any(|(other, _)| other == text) {
            let help = "write what only one side answers: `header x-served-by == \"new\"`".to_owned();
            source.complain(
                *place,
                "this marks the old side as well: who answered could not be told",
                Some(help),
            );
        }
    }
    let sides = apart(&old, &new, source)?;
    let mut pins = Pins::default();
    for half in [&old, &new] {
        pin(half, &sides, names.unwrap_or_default(), &mut pins, source);
    }
    let markers = Arc::new(Markers::new(old.markers, new.markers));
    Some(Both { sides: Arc::new(sides), pins: Arc::new(pins), markers })
}

/// The sides, if no address is on both.
fn apart(old: &Half<'_>, new: &Half<'_>, source: &mut Source<'_>) -> Option<Sides> {
    let ranges = |half: &Half<'_>| half.ranges.iter().map(|(range, _)| *range).collect();
    match Sides::new(ranges(old), ranges(new)) {
        Ok(sides) => Some(sides),
        Err(error) => {
            let place = match &error {
                SidesError::Overlap { new: wrong, .. } => {
                    new.ranges.iter().find(|(range, _)| range == wrong).map(|(_, node)| node.place())
                }
                SidesError::Empty(_) => None,
            };
            let help = "take the address out of one of them, or write smaller ranges".to_owned();
            source.complain(place.unwrap_or_default(), error.to_string(), Some(help));
            None
        }
    }
}

/// Pins each name to its address on one side.
fn pin(half: &Half<'_>, sides: &Sides, names: &[Arc<str>], pins: &mut Pins, source: &mut Source<'_>) {
    for (_, at, node) in &half.at {
        let reached = sides.side_of(*at);
        if reached != Reached::from(half.side) {
            let message = format!("{at} is none of the {} side's addresses", half.side);
            let help = match reached {
                Reached::Other => "correct it, or add it to `addresses`".to_owned(),
                other => format!("it is one of the {other} side's"),
            };
            source.complain(node.place(), message, Some(help));
        }
    }
    let mut nowhere = Vec::new();
    for name in names {
        match half.place_of(name) {
            Some(at) => pins.pin(half.side, name, at),
            None => nowhere.push(&**name),
        }
    }
    if let (Some(first), Some((range, node))) = (nowhere.first(), half.ranges.first()) {
        let message = format!("{range} is a whole range: where in it is {}?", nowhere.join(", and where "));
        let help = if half.at.is_empty() {
            "say it beside `addresses`, for all names: `at: ADDRESS`, or for each: `at: { NAME: ADDRESS }`"
                .to_owned()
        } else {
            format!("add it to `at`: `{first}: ADDRESS`")
        };
        source.complain(node.place(), message, Some(help));
    }
}
