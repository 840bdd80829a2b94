//! What a broker of MQTT 5 takes.

use super::Qos;

/// What a broker of MQTT 5 has said in CONNACK that it takes (section 3.2.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limits {
    /// How many messages of QoS 1 and 2 may be open.
    pub(super) receive_maximum: u16,
    /// The highest QoS.
    pub(super) qos: Qos,
    /// Whether it keeps messages.
    pub(super) retain: bool,
    /// The largest packet, in bytes.
    pub(super) packet: u32,
    /// The keep-alive that it wants in place of the client's, in seconds.
    pub(super) keep_alive: Option<u16>,
    /// The id that it has chosen for the client.
    pub(super) client_id: Option<Box<str>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            receive_maximum: u16::MAX,
            qos: Qos::ExactlyOnce,
            retain: true,
            packet: u32::MAX,
            keep_alive: None,
            client_id: None,
        }
    }
}
