//! What a run has of its own while it lasts: connections, cookies, its view of DNS, its identity.

mod channel;
mod contact;
mod dial;
mod inbox;
mod link;
mod noted;
mod own;
mod tended;
mod wire;

pub(crate) use channel::{Channel, WebSocketPlace};
pub(crate) use link::{Address, Link};
pub(crate) use own::{Call, MARKER_WAIT, PAGE_WAIT, Session};
pub(crate) use wire::{TcpPlace, Wire};
