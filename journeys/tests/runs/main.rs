//! Runs of journeys against real peers on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod asked;
mod browser;
mod dns;
mod flow;
mod hostile;
mod http;
mod ledger;
mod meanwhile;
mod mqtt;
mod oauth2;
mod pause;
mod request;
mod saved;
mod secrets;
mod shipped;
mod support;
mod tcp;
mod unmet;
mod values;
mod websocket;
