//! The world on real sockets.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod canaries;
mod console;
mod control;
mod dns;
mod faults;
mod gates;
mod lifecycle;
mod mqtt;
mod support;
mod users;
