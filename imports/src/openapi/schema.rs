//! The description's schemas, and what they refer to.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use crate::doc::Tree;
use crate::target::decoded;

/// The whole description.
#[derive(Debug)]
pub(super) struct Spec<'t> {
    pub(super) tree: &'t Tree,
    /// The references that led out of the file, or nowhere.
    outside: RefCell<BTreeSet<&'t str>>,
}

/// A chain of references is hardly ever longer than two.
const LONGEST_CHAIN: usize = 16;
/// Of so many parts is a schema made at most.
const MOST_PARTS: usize = 200;
/// So many properties of an object are looked at.
const MOST_PROPERTIES: usize = 500;

impl<'t> Spec<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        Self { tree, outside: RefCell::new(BTreeSet::new()) }
    }

    /// How many references led nowhere.
    pub(super) fn outside(&self) -> usize {
        self.outside.borrow().len()
    }

    /// What a node stands for: itself, or what it refers to, or nothing if that leads nowhere.
    pub(super) fn resolve(&self, node: &'t Tree) -> &'t Tree {
        self.find_all(node).unwrap_or(&Tree::Null)
    }

    /// What a node stands for: itself, or what it refers to.
    pub(super) fn find_all(&self, node: &'t Tree) -> Option<&'t Tree> {
        let mut node = node;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = node.text("$ref") else { return Some(node) };
            match self.find(reference) {
                Some(found) => node = found,
                None => {
                    self.outside.borrow_mut().insert(reference);
                    return None;
                }
            }
        }
        None
    }

    /// `#/components/schemas/User` (RFC 6901).
    fn find(&self, reference: &str) -> Option<&'t Tree> {
        if reference == "#" {
            return Some(self.tree);
        }
        let pointer = reference.strip_prefix("#/")?;
        pointer.split('/').try_fold(self.tree, |node, step| {
            let name = decoded(step).replace("~1", "/").replace("~0", "~");
            node.get(&name)
        })
    }

    /// The properties of an object, those of `allOf` among them, with whether each is required.
    pub(super) fn properties(&self, schema: &'t Tree) -> Vec<(&'t str, &'t Tree, bool)> {
        let mut found: Vec<(&str, &Tree)> = Vec::new();
        let mut required = HashSet::new();
        let mut seen = HashSet::new();
        let mut open = vec![schema];
        while let Some(part) = open.pop() {
            let part = self.resolve(part);
            // What two parts are made of alike counts once; and in a ring there is no end.
            if !seen.insert(std::ptr::from_ref(part)) || seen.len() > MOST_PARTS {
                continue;
            }
            required.extend(part.list("required").iter().filter_map(Tree::as_str));
            for (name, property) in part.get("properties").map(Tree::fields).unwrap_or_default() {
                if found.len() < MOST_PROPERTIES && !found.iter().any(|(there, _)| there == name) {
                    found.push((name, property));
                }
            }
            open.extend(part.list("allOf").iter().take(MOST_PARTS).rev());
        }
        found.into_iter().map(|(name, schema)| (name, schema, required.contains(name))).collect()
    }

    /// The type: the first that is not `null`, or what the schema's words mean.
    pub(super) fn kind(&self, schema: &'t Tree) -> &'t str {
        let named = match schema.get("type") {
            Some(Tree::Text(name)) => Some(name.as_str()),
            Some(Tree::List(names)) => names.iter().filter_map(Tree::as_str).find(|name| *name != "null"),
            _ => None,
        };
        named.unwrap_or_else(|| {
            if schema.get("properties").is_some() || schema.get("allOf").is_some() {
                "object"
            } else if schema.get("items").is_some() {
                "array"
            } else {
                ""
            }
        })
    }

    /// The media type to use of those that a body may have, and what is said of it: JSON before all others.
    pub(super) fn media(&self, body: &'t Tree) -> Option<(&'t str, &'t Tree)> {
        let all = body.get("content")?.fields();
        let rank = |name: &str| {
            let name = crate::bodies::essence(name);
            match name.as_str() {
                "application/json" => 0,
                _ if name.ends_with("json") => 1,
                "application/x-www-form-urlencoded" => 2,
                "multipart/form-data" => 3,
                _ if name.starts_with("text/") => 4,
                _ => 5,
            }
        };
        all.iter().min_by_key(|(name, _)| rank(name)).map(|(name, media)| (name.as_str(), media))
    }
}
