//! The probes against real sockets on loopback: honest peers, and hostile ones.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod broker;
mod dns;
mod exchange;
mod hostile;
mod http;
mod identity;
mod mqtt;
mod query;
mod redirect;
mod support;
mod tcp;
mod tls;
mod web;
mod websocket;
