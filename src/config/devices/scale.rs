//! `shape:`, `bind:` and `connects-per-second:`: how a fleet is spread over time and addresses.

use devices::{Scale, Shape, Sources, Step};
use document::{Fields, Node, Source};

use crate::config::values::{count, duration_or_none, one_or_more, range, share};

/// What of it a fleet says.
pub(super) fn read(fields: &mut Fields<'_>, source: &mut Source<'_>) -> Scale {
    let (shape, bind) = (fields.take("shape"), fields.take("bind"));
    let connects = fields.take("connects-per-second");
    Scale {
        shape: shape.and_then(|node| self::shape(node, source)).unwrap_or_default(),
        sources: bind.map_or_else(Sources::default, |node| sources(node, source)),
        connects_per_second: connects.and_then(|node| connects_per_second(node, source)),
        ..Scale::default()
    }
}

/// The addresses from which devices connect.
pub(in crate::config) fn sources(node: &Node, source: &mut Source<'_>) -> Sources {
    Sources::new(one_or_more(node, source, range))
}

/// How many connections are begun in a second.
pub(in crate::config) fn connects_per_second(node: &Node, source: &mut Source<'_>) -> Option<u32> {
    let connects = count(node, source)?;
    if connects == 0 {
        source.complain(node.place(), "0 connections per second: no device would ever connect", None);
    }
    Some(connects.max(1))
}

fn shape(node: &Node, source: &mut Source<'_>) -> Option<Shape> {
    let items =
        node.list("steps, such as `[{ at: 0s, devices: 20% }, { at: 10m, devices: 100% }]`", source)?;
    let steps: Vec<_> = items.iter().filter_map(|item| step(item, source)).collect();
    if steps.len() < items.len() {
        return None;
    }
    match Shape::new(steps) {
        Ok(shape) => Some(shape),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}

fn step(node: &Node, source: &mut Source<'_>) -> Option<Step> {
    let mut fields = Fields::like(node, "a step", "{ at: 10m, devices: 100% }", source)?;
    let (at, devices) = (fields.require("at"), fields.require("devices"));
    fields.finish(source);
    let at = at.and_then(|node| duration_or_none(node, source));
    let share = devices.and_then(|node| share(node, source));
    Some(Step { at: at?, share: share? })
}
