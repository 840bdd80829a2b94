//! MQTT 3.1.1: one session over one connection, small enough to have ten thousand of.
//!
//! The session is our own, on rumqttc's codec: rumqttc's client resolves the host itself at each connect, so that an
//! address of our choosing and a TLS name cannot both be had, and it takes a dozen times the memory.

mod event;
mod options;
mod pulse;
mod session;
mod stream;
mod target;
mod unfinished;
mod wire;

pub use event::{Event, Message, Qos};
pub use options::{MqttOptions, MqttVersion, Will};
pub use session::MqttSession;
pub use target::{MqttTarget, TargetError};
pub use unfinished::Unfinished;
