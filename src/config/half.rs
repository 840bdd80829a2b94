//! One of the two sides, as it is written.

use std::net::IpAddr;
use std::sync::Arc;

use cutover::Side;
use document::{Fields, Node, Place, Source};
use ipnet::IpNet;
use journeys::Marker;

use super::values::{address, one_or_more, range};

/// One side.
pub(super) struct Half<'n> {
    pub(super) side: Side,
    /// Its addresses: at least one.
    pub(super) ranges: Vec<(IpNet, &'n Node)>,
    /// Where names are on it; without a name: where all are that have no place of their own.
    pub(super) at: Vec<(Option<String>, IpAddr, &'n Node)>,
    pub(super) markers: Vec<Marker>,
    /// The markers as they are written.
    pub(super) written: Vec<(String, Place)>,
}

const EXAMPLE: &str = r#"{ addresses: 203.0.113.7, answered-by: header x-served-by == "old" }"#;

impl<'n> Half<'n> {
    /// Reads one side; nothing if its addresses or places are wrong, so that nothing is concluded from them.
    pub(super) fn read(
        node: &'n Node,
        side: Side,
        names: Option<&[Arc<str>]>,
        source: &mut Source<'_>,
    ) -> Option<Self> {
        let mut fields = Fields::like(node, "a side", EXAMPLE, source)?;
        let (addresses, at) = (fields.require("addresses"), fields.take("at"));
        let answered_by = fields.take("answered-by");
        fields.finish(source);
        let ranges = addresses.and_then(|node| ranges(node, side, source));
        let at = at.map_or_else(|| Some(Vec::new()), |node| places(node, names, source));
        let marks = answered_by.map_or_else(Vec::new, |node| one_or_more(node, source, marker));
        let (markers, written) = marks.into_iter().unzip();
        Some(Self { side, ranges: ranges?, at: at?, markers, written })
    }

    /// Where `name` is: where its own place says, or that of all names, or the only address that there is.
    pub(super) fn place_of(&self, name: &str) -> Option<IpAddr> {
        let own = self.at.iter().find(|(of, ..)| of.as_deref() == Some(name));
        let said = own.or_else(|| self.at.iter().find(|(of, ..)| of.is_none()));
        let (range, _) = self.ranges.first()?;
        let single = (range.prefix_len() == range.max_prefix_len()).then(|| range.addr());
        said.map(|(_, at, _)| *at).or(single)
    }
}

fn ranges<'n>(node: &'n Node, side: Side, source: &mut Source<'_>) -> Option<Vec<(IpNet, &'n Node)>> {
    let ranges = one_or_more(node, source, |node, source| Some((range(node, source)?, node)));
    let written = node.items().map_or(1, <[_]>::len);
    if written == 0 {
        source.complain(node.place(), format!("the {side} side has no addresses"), None);
    }
    (written > 0 && ranges.len() == written).then_some(ranges)
}

/// `at: ADDRESS` or `at: { NAME: ADDRESS }`; nothing if any of it is wrong.
fn places<'n>(
    node: &'n Node,
    names: Option<&[Arc<str>]>,
    source: &mut Source<'_>,
) -> Option<Vec<(Option<String>, IpAddr, &'n Node)>> {
    if !node.is_mapping() {
        return Some(vec![(None, address(node, source)?, node)]);
    }
    let entries = node.entries("names with their addresses", source)?;
    let mut places = Vec::new();
    for (key, value) in entries {
        let name = key.name.strip_suffix('.').unwrap_or(&key.name).to_ascii_lowercase();
        let known = names.is_none_or(|names| names.iter().any(|known| **known == *name));
        if !known {
            let candidates = names.unwrap_or_default().iter().map(|known| &**known);
            let help = document::did_you_mean(&name, candidates);
            source.complain(key.place, format!("`{}` is none of the names that move", key.name), Some(help));
        }
        places.extend(address(value, source).filter(|_| known).map(|at| (Some(name), at, value)));
    }
    (places.len() == entries.len()).then_some(places)
}

fn marker(node: &Node, source: &mut Source<'_>) -> Option<(Marker, (String, Place))> {
    let text = node.text(source)?;
    match Marker::parse(&text) {
        Ok(marker) => Some((marker, (text.trim().to_owned(), node.place()))),
        Err(error) => {
            source.complain(node.within(source, error.at, error.width), error.message, error.help);
            None
        }
    }
}
