//! What came back from an action, and what a query finds in it.

mod body;
mod cookie;
mod find;
mod found;
mod page;
mod record;

pub(crate) use found::{Found, milliseconds};
pub(crate) use record::{Answer, Lookup, Page};
