//! `resolvers:` from where names are asked for.

use document::{Fields, Node, Source};

use super::ResolverPlan;
use super::names::fit;
use super::values::socket;

/// The port of DNS (RFC 1035 section 4.2).
const PORT: u16 = 53;

/// Reads the section.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Vec<ResolverPlan> {
    let entries = node.entries("names of resolvers with their addresses", source).unwrap_or_default();
    let mut plans = Vec::new();
    for (key, value) in entries {
        let read = one(value, source);
        if let Some((at, authoritative)) = read.filter(|_| fit(key, source)) {
            plans.push(ResolverPlan { name: key.name.as_str().into(), at, authoritative });
        }
    }
    if !plans.is_empty() && plans.iter().all(|plan| plan.authoritative) {
        let help = "name one that users ask, without `authoritative: true`".to_owned();
        let message = "no resolver is left for the live route: an authoritative one is only watched";
        source.complain(node.place(), message.to_owned(), Some(help));
    }
    plans
}

fn one(node: &Node, source: &mut Source<'_>) -> Option<(std::net::SocketAddr, bool)> {
    if !node.is_mapping() {
        return Some((socket(node, Some("udp"), Some(PORT), source)?, false));
    }
    let mut fields = Fields::of(node, "a resolver", source)?;
    let (at, authoritative) = (fields.require("at", source), fields.take("authoritative"));
    fields.finish(source);
    let at = socket(at?, Some("udp"), Some(PORT), source)?;
    Some((at, authoritative.is_some_and(|node| node.boolean(source) == Some(true))))
}
