//! WebSockets (RFC 6455): messages both ways over one connection.

mod close;
mod open;
mod session;
mod target;

pub use session::WebSocketSession;
pub use target::{WebSocketTarget, WebSocketTargetError};

pub(crate) use open::{Refusal, broken, request, upgrade};
