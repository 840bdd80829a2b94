//! What a session hears.

use bytes::Bytes;

/// How surely a message arrives (MQTT 3.1.1 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Qos {
    /// 0: sent once, not acknowledged.
    AtMostOnce,
    /// 1: acknowledged; after a lost acknowledgement it may arrive again.
    AtLeastOnce,
    /// 2: taken over by one end from the other in two steps, so that it arrives once.
    ExactlyOnce,
}

/// What a session hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A message on a topic that was subscribed to. It is acknowledged already where it has to be, and with QoS 2 it is
    /// given once, however often the broker repeats it.
    Message(Message),
    /// The broker has taken over the message that [`publish`](super::MqttSession::publish) gave this id: at PUBACK for
    /// QoS 1, at PUBCOMP for QoS 2. With QoS 2 the message is the broker's from PUBREC on (section 4.3.3) and is not
    /// sent again; that its id is free as well is known at PUBCOMP.
    Acknowledged(u16),
}

/// A message on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic.
    pub topic: String,
    /// The payload, as it came.
    pub payload: Bytes,
    /// Whether the broker had kept it for those who subscribe later.
    pub retain: bool,
    /// Whether the broker may have sent it before.
    pub dup: bool,
    /// With which certainty it was sent.
    pub qos: Qos,
}

impl Qos {
    /// As two bits of a packet.
    pub(super) const fn bits(self) -> u8 {
        match self {
            Self::AtMostOnce => 0,
            Self::AtLeastOnce => 1,
            Self::ExactlyOnce => 2,
        }
    }
}
