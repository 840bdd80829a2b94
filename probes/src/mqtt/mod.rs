//! MQTT 3.1.1 and MQTT 5: one session over one connection, small enough to have ten thousand of.
//!
//! The session is our own: rumqttc's client resolves the host itself at each connect, so that an address of our choosing
//! and a TLS name cannot both be had, and it takes a dozen times the memory. So is its codec, which says why.
//!
//! A session takes what comes over TCP, TLS, or a WebSocket upon either. It keeps no buffer while nothing is on its way.

mod codec;
mod event;
mod flight;
mod inbox;
mod limits;
mod open;
mod options;
mod pending;
mod publish;
mod pulse;
mod reason;
mod session;
mod stream;
mod subscribe;
mod target;
mod topic;
mod unfinished;
mod web;
mod wire;

pub use event::{Event, Message, Qos};
pub use options::{MqttOptions, MqttVersion, Will};
pub use session::MqttSession;
pub use target::{MqttTarget, TargetError};
pub use unfinished::Unfinished;
