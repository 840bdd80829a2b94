//! What one session leaves for the next.

use super::flight::Flight;

/// What a session and its broker have not settled, as the client's next session needs it (MQTT 3.1.1 section 4.4):
/// messages that are not acknowledged, and which of the broker's messages have come already. Only a persistent session
/// has any: one with [`clean_session`](super::MqttOptions::clean_session) off.
#[derive(Debug, Default)]
pub struct Unfinished(pub(super) Flight);

impl Unfinished {
    /// Whether no message of ours waits for its acknowledgement.
    pub fn is_empty(&self) -> bool {
        self.ids().next().is_none()
    }

    /// The ids that [`publish`](super::MqttSession::publish) gave the messages, in the order of publishing. They stay
    /// theirs in the next session.
    pub fn ids(&self) -> impl Iterator<Item = u16> {
        self.0.ids()
    }
}
