//! The probes against real sockets on loopback: honest peers, and hostile ones.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod broker;
mod dns;
mod exchange;
mod hostile;
mod http;
mod identity;
mod mqtt;
mod redirect;
mod support;
mod tls;
mod web;
