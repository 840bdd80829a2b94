//! One exchange each: HTTP, MQTT, WebSockets, TCP, DNS, a page in a browser; and the routes on which they are aimed.
//!
//! A probe knows nothing about who asked: it is told where to go, does one exchange, and says how long its parts
//! took, which peer was really connected, and in which way it failed. It knows no YAML and no journeys, keeps no
//! cache and retries nothing: a retry that nobody asked for hides a regression.
//!
//! - [`Aim`] turns a host into addresses along a [`Route`](cutover::Route); [`Resolver`] asks one DNS server.
//! - [`HttpSession`] is one user's HTTP client; [`MqttSession`] one device's MQTT session;
//!   [`WebSocketSession`] and [`TcpSession`] are conversations in messages and in bytes; [`Browsers`] opens the pages of
//!   one user each.
//! - [`ProbeError`] is the only failure; its [`Fault`] says whose fault it was.
//! - Everything that comes from outside is bounded in size and time: [`Timeouts`] and the limits of each session.

mod aim;
pub mod browser;
mod certificate;
pub mod dns;
mod fault;
pub mod http;
mod io_fault;
pub mod mqtt;
mod opening;
pub mod tcp;
mod timeouts;
mod tls;
mod verifier;
pub mod websocket;

pub use aim::{Aim, Pins, Resolution, needs_no_resolver};
pub use browser::{BrowserSettings, Browsers};
pub use certificate::Certificate;
pub use dns::Resolver;
pub use fault::{Fault, ProbeError};
pub use http::{
    HttpRequest, HttpResponse, HttpSession, HttpVersion, Redirect, SentMessage, Transcript, basic,
};
pub use mqtt::{MqttOptions, MqttSession, MqttTarget, MqttVersion};
pub use tcp::{TcpSession, TcpTarget};
pub use timeouts::Timeouts;
pub use tls::{Trust, TrustError};
pub use websocket::{WebSocketSession, WebSocketTarget};
