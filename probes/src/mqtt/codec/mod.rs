//! Packets as bytes: MQTT 3.1.1 and MQTT 5, a client's half of each.
//!
//! Our own, for both versions at once. rumqttc's codec for MQTT 5 takes a DISCONNECT without properties, as mosquitto
//! sends it, for an unfinished packet, and loses it; the two versions differ by little more than properties; and what
//! is read in place needs no copy of each topic.

mod inbound;
mod outbound;
mod properties;
mod reader;

pub(super) use inbound::{Answer, ConnAck, Farewell, Packet, Step, decode};
pub(super) use outbound::{Publication, ack, connect, disconnect, ping, publish, subscribe};
pub(super) use reader::{Malformed, Reader};

/// The largest number that follows a packet's first byte (section 2.2.3).
pub(super) const MAX_REMAINING: usize = 268_435_455;
