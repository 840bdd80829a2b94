//! `resolvers:` from where names are asked for.

use document::{Fields, Node, Source};

use super::ResolverPlan;
use super::names::fit;
use super::values::server;

const EXAMPLE: &str = "{ at: udp://203.0.113.53, authoritative: true }";

/// Reads the section.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Vec<ResolverPlan> {
    let what = "names of resolvers with their addresses, such as `office: udp://192.0.2.53`";
    let Some(entries) = node.entries(what, source) else { return Vec::new() };
    if entries.is_empty() {
        let help = "add one such as `office: udp://192.0.2.53`; without `resolvers` this machine's are asked";
        source.complain(node.place(), "there is no resolver in it", Some(help.to_owned()));
    }
    let mut plans = Vec::new();
    for (key, value) in entries {
        let read = one(value, source);
        if let Some((at, authoritative)) = read.filter(|_| fit(key, source)) {
            plans.push(ResolverPlan { name: key.name.as_str().into(), at, authoritative });
        }
    }
    if plans.len() == entries.len() && !plans.is_empty() && plans.iter().all(|plan| plan.authoritative) {
        let help = "name one that users ask, without `authoritative: true`".to_owned();
        let message = "no resolver is left for the live route: an authoritative one is only watched";
        source.complain(node.place(), message, Some(help));
    }
    plans
}

fn one(node: &Node, source: &mut Source<'_>) -> Option<(std::net::SocketAddr, bool)> {
    if !node.is_mapping() {
        return Some((server(node, source)?, false));
    }
    let mut fields = Fields::like(node, "a resolver", EXAMPLE, source)?;
    let (at, authoritative) = (fields.require("at"), fields.take("authoritative"));
    fields.finish(source);
    let at = at.and_then(|node| server(node, source));
    let authoritative = authoritative.map_or(Some(false), |node| node.boolean(source));
    Some((at?, authoritative?))
}
