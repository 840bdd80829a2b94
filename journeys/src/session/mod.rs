//! What a run has of its own while it lasts: connections, cookies, its view of DNS, its identity.

mod link;
mod own;

pub(crate) use link::{Address, Link};
pub(crate) use own::{Call, MARKER_WAIT, PAGE_WAIT, Session};
