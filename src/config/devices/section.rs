//! The section whole: fleets by name.

use std::path::Path;
use std::sync::Arc;

use devices::FleetPlan;
use document::{Diagnostic, Node, Source};

use super::fleet;

/// What stands around the section.
#[derive(Clone, Copy)]
pub(in crate::config) struct Around<'a> {
    /// The folder from which paths count.
    pub(in crate::config) base: &'a Path,
    /// The DNS names that move.
    pub(in crate::config) names: &'a [Arc<str>],
    /// Whether the reset has an account of its own.
    pub(in crate::config) operator: bool,
}

/// Reads the section; what is wrong inside of the files that it names is added to `elsewhere`.
pub(in crate::config) fn read(
    node: &Node,
    around: Around<'_>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Vec<FleetPlan> {
    let entries = node.entries("names of fleets with what they are", source).unwrap_or_default();
    entries.iter().filter_map(|(key, value)| fleet::one(key, value, around, elsewhere, source)).collect()
}
