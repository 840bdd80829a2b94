//! What one session leaves for the next.

/// The messages of a session that its broker has not acknowledged, as its next session needs them (MQTT 3.1.1 section
/// 4.4). Only a persistent session keeps them: [`clean_session`](super::MqttOptions::clean_session) is off.
#[derive(Debug, Default)]
pub struct Unfinished {
    ids: Vec<u16>,
}

impl Unfinished {
    /// Whether there is nothing to carry over.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ids that [`publish`](super::MqttSession::publish) gave the messages, in the order of publishing. They stay
    /// theirs in the next session.
    pub fn ids(&self) -> impl Iterator<Item = u16> {
        self.ids.iter().copied()
    }
}
