//! `vars:` the variables that journeys are given.

use std::collections::BTreeMap;
use std::sync::Arc;

use document::{Node, Source};
use url::Url;

use super::hosts;

/// Reads the section; `names` are the DNS names that move.
pub(super) fn read(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> BTreeMap<String, String> {
    let mut vars = BTreeMap::new();
    let entries = node.entries("variables with their values", source).unwrap_or_default();
    for (key, value) in entries {
        if !journeys::is_free_name(&key.name) {
            let message = format!("`{}` cannot be a variable's name", key.name);
            source.complain(key.place, message, Some(journeys::NAMES.to_owned()));
        }
        let Some(text) = value.text(source) else { continue };
        if let Ok(url) = Url::parse(&text) {
            if url.password().is_some() {
                source.hide(value.place);
            }
            hosts::url(value, &url, names, source);
        }
        vars.insert(key.name.clone(), text);
    }
    vars
}
