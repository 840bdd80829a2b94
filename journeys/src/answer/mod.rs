//! What came back from an action, and what a query finds in it.

mod body;
mod cookie;
mod excerpt;
mod find;
mod found;
mod page;
mod record;

pub(crate) use body::UNREADABLE;
pub(crate) use found::{Found, milliseconds};
pub(crate) use record::{Answer, Lookup, Page};
