//! YAML documents in which every value knows its place, and what is wrong with them, all at once.
//!
//! A derived file shape would stop at the first unknown key or wrong type; whoever writes a configuration or a
//! journey is told everything at once. So the tree ([`Node`]) is read field by field ([`Fields`]), and each complaint
//! is collected by the [`Source`] with its [`Place`].

mod diagnostic;
mod fields;
pub mod file;
mod near;
mod node;
mod number;
pub mod schema;
mod secret;
mod source;
mod syntax;

pub use diagnostic::{Diagnostic, Rejected, Remark};
pub use fields::Fields;
pub use near::{did_you_mean, nearest};
pub use node::{Key, Kind, Node};
pub use secret::Secret;
pub use source::{Place, Source};
