//! TCP: one connection, with TLS upon it or without; and a conversation on one, in bytes.
//!
//! What HTTP, MQTT and WebSockets are spoken upon begins here too.

mod dial;
mod read;
mod session;
mod stream;
mod target;

pub use read::{Heard, MOST, Until};
pub use session::TcpSession;
pub use target::{TcpTarget, TcpTargetError};

pub(crate) use dial::{dial, failure, secure};
pub(crate) use stream::Stream;
