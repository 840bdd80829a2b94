//! A small MQTT 3.1.1 broker for rehearsals, on rumqttc's codec.
//!
//! What it does: user and password, keep-alive, subscriptions with wildcards, `QoS` 0 and 1, retained messages,
//! wills, session takeover. A connection costs a few kB, thousands of them are fine.
//!
//! What it leaves out, on purpose:
//! - Sessions are always clean: a client that asks for a persistent one is accepted and told that none is
//!   present. What a client had not acknowledged is forgotten with its connection, and nothing is sent twice.
//! - `QoS` 2: a subscription is granted `QoS` 1, a will is lowered to it; a publish ends the connection, because its
//!   sender would wait for an answer that never comes.
//! - A subscriber that does not read is disconnected once its queue is full. It never holds up the others.
//!
//! Section numbers in this module are those of the OASIS standard *MQTT Version 3.1.1*.

mod connection;
mod ended;
mod frames;
mod handle;
mod handshake;
mod message;
mod registry;
mod retained;
mod subscriptions;
mod topics;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;

pub use handle::{Broker, Inbound};
