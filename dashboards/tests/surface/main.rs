//! The HTTP surface over real sockets.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fleets;
mod gate;
mod http;
mod support;
mod yaml;
