//! The file as it is written: a tree in which every value knows its place, and typed access to it.
//!
//! A derived file shape would stop at the first unknown key or wrong type; the author of a journey is told
//! everything that is wrong at once. So the tree is read field by field, each complaint collected with its place.

mod fields;
mod node;
mod source;

pub(crate) use fields::Fields;
pub(crate) use node::{Key, Kind, Node};
pub(crate) use source::{Place, Source};
