//! `sides:` the addresses of each, where the names are on it, and by what it is recognised.

use std::net::IpAddr;
use std::sync::Arc;

use cutover::{Reached, Side, Sides};
use document::{Fields, Node, Source};
use ipnet::IpNet;
use journeys::{Marker, Markers};
use probes::Pins;

use super::names::host;
use super::values::{one_or_more, parsed, range};

/// Both sides, as far as they could be read.
pub(super) struct Both {
    pub(super) sides: Arc<Sides>,
    pub(super) pins: Arc<Pins>,
    pub(super) markers: Arc<Markers>,
}

/// One side as it is written.
struct Half {
    ranges: Vec<IpNet>,
    at: Vec<(Option<String>, IpAddr)>,
    markers: Vec<Marker>,
}

/// Reads `sides`; `names` are the DNS names that move.
pub(super) fn read(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<Both> {
    let mut fields = Fields::of(node, "`sides`", source)?;
    let (old, new) = (fields.require("old", source), fields.require("new", source));
    fields.finish(source);
    let (old_node, new_node) = (old?, new?);
    let (old, new) = (half(old_node, names, source), half(new_node, names, source));
    let (old, new) = (old?, new?);
    let sides = match Sides::new(old.ranges.clone(), new.ranges.clone()) {
        Ok(sides) => Arc::new(sides),
        Err(error) => {
            source.complain(new_node.field_place("addresses"), error.to_string(), None);
            return None;
        }
    };
    let mut pins = Pins::default();
    for (side, half, node) in [(Side::Old, &old, old_node), (Side::New, &new, new_node)] {
        if let Some((_, stranger)) = half.at.iter().find(|(_, at)| sides.side_of(*at) != Reached::from(side))
        {
            let message = format!("{stranger} is none of the {side} side's addresses");
            source.complain(node.field_place("at"), message, None);
        }
        for name in names {
            let own = half.at.iter().find(|(of, _)| of.as_deref() == Some(&**name));
            match own.or_else(|| half.at.iter().find(|(of, _)| of.is_none())) {
                Some((_, at)) => pins.pin(side, name, *at),
                None => {
                    let help = format!("write `at: ADDRESS`, or `at: {{ {name}: ADDRESS }}`");
                    let message =
                        format!("where is {name} on the {side} side? Its addresses are a whole range");
                    source.complain(node.field_place("addresses"), message, Some(help));
                }
            }
        }
    }
    Some(Both { sides, pins: Arc::new(pins), markers: Arc::new(Markers::new(old.markers, new.markers)) })
}

fn half(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<Half> {
    let mut fields = Fields::of(node, "a side", source)?;
    let addresses = fields.require("addresses", source);
    let (at, answered_by) = (fields.take("at"), fields.take("answered-by"));
    fields.finish(source);
    let ranges = one_or_more(addresses?, source, range);
    let at = match at {
        Some(at) => places(at, names, source),
        // A range of one address says itself where everything is.
        None => ranges
            .first()
            .filter(|range| range.prefix_len() == range.max_prefix_len())
            .map_or_else(Vec::new, |range| vec![(None, range.addr())]),
    };
    let markers = answered_by.map_or_else(Vec::new, |marks| one_or_more(marks, source, marker));
    Some(Half { ranges, at, markers })
}

fn places(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Vec<(Option<String>, IpAddr)> {
    if !node.is_mapping() {
        return parsed(node, source).map(|at| (None, at)).into_iter().collect();
    }
    let mut places = Vec::new();
    for (key, value) in node.entries("names with their addresses", source).unwrap_or_default() {
        let name = key.name.to_ascii_lowercase();
        if names.iter().any(|known| **known == *name) {
            places.extend(parsed(value, source).map(|at| (Some(name), at)));
        } else {
            let help = document::did_you_mean(&name, names.iter().map(|known| &**known));
            source.complain(key.place, format!("`{}` is none of the names that move", key.name), Some(help));
        }
    }
    places
}

fn marker(node: &Node, source: &mut Source<'_>) -> Option<Marker> {
    let text = node.text(source)?;
    match Marker::parse(&text) {
        Ok(marker) => Some(marker),
        Err(error) => {
            let place = node.within(source, error.at, error.width);
            source.complain(place, error.message, error.help);
            None
        }
    }
}

/// Hosts of the names that move, each once.
pub(super) fn moving(node: &Node, source: &mut Source<'_>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for item in node.list("a list of the DNS names that move", source).unwrap_or_default() {
        let Some(name) = host(item, source) else { continue };
        if names.iter().any(|known| **known == *name) {
            source.complain(item.place(), format!("{name} is listed twice"), None);
        } else {
            names.push(name.into());
        }
    }
    names
}
