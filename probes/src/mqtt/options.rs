//! How a session introduces itself.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;

use super::Qos;

/// Which version of the protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MqttVersion {
    /// MQTT 3.1.1 (OASIS, 2014; protocol level 4).
    #[default]
    V3_1_1,
    /// MQTT 5 (OASIS, 2019; protocol level 5).
    V5,
}

/// How a session introduces itself (section 3.1 of both standards).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MqttOptions {
    /// The client's id. Empty lets the broker choose one, if it allows that.
    pub client_id: String,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// After so long without a word from either end, the peer is asked whether it is still there. Zero: never.
    /// What is told to the broker is rounded up to whole seconds, 65535 at most.
    pub keep_alive: Duration,
    /// Which version of the protocol is spoken.
    pub version: MqttVersion,
    /// Whether the broker forgets what it knew of this client. With 3.1.1 it decides as well whether the session
    /// outlives the connection; with 5 that is [`session_expiry`](Self::session_expiry).
    pub clean_session: bool,
    /// How long the broker keeps the session after the connection's end; MQTT 5 only (section 3.1.2.11.2), in whole
    /// seconds, rounded up. Zero: not at all. 136 years or more: for ever.
    pub session_expiry: Duration,
    /// What the broker says for us when we are lost.
    pub will: Option<Will>,
    /// The largest packet that is accepted, in bytes. A larger one ends the session.
    pub max_packet: usize,
    /// From which address of this machine's the connection is made; `None`: from whichever the routes say. One address
    /// has some 28,000 ports for connections to one broker: more sessions than that need several.
    pub source: Option<IpAddr>,
}

/// What the broker says for us when we are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Will {
    /// On which topic.
    pub topic: String,
    /// What.
    pub payload: Bytes,
    /// How surely.
    pub qos: Qos,
    /// Whether it is kept for those who subscribe later.
    pub retain: bool,
}

impl MqttOptions {
    /// A clean session of `client_id` with MQTT 3.1.1, without credentials, with a keep-alive of 60 s and packets up to 256 KiB.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            credentials: None,
            keep_alive: Duration::from_secs(60),
            version: MqttVersion::V3_1_1,
            clean_session: true,
            session_expiry: Duration::ZERO,
            will: None,
            max_packet: 256 * 1024,
            source: None,
        }
    }

    /// The keep-alive as the broker is told it: in seconds.
    pub(super) fn told_keep_alive(&self) -> u16 {
        u16::try_from(whole_seconds(self.keep_alive)).unwrap_or(u16::MAX)
    }

    /// How long the session is to be kept, as the broker is told it: in seconds, and the largest number is for ever.
    pub(super) fn told_session_expiry(&self) -> u32 {
        u32::try_from(whole_seconds(self.session_expiry)).unwrap_or(u32::MAX)
    }

    /// Whether the session is to outlive its connection.
    pub(super) const fn persistent(&self) -> bool {
        match self.version {
            MqttVersion::V3_1_1 => !self.clean_session,
            MqttVersion::V5 => !self.session_expiry.is_zero(),
        }
    }

    /// What of it is longer than the 65535 bytes that MQTT has room for (section 1.5.3).
    pub(super) fn too_long(&self) -> Option<&'static str> {
        let (username, password) = self.credentials.as_ref().map_or(("", ""), |(user, word)| (user, word));
        let (topic, payload) = self.will.as_ref().map_or(("", &[][..]), |will| (&will.topic, &will.payload));
        let fields = [
            ("client id", self.client_id.len()),
            ("user name", username.len()),
            ("password", password.len()),
            ("will's topic", topic.len()),
            ("will's payload", payload.len()),
        ];
        fields.into_iter().find(|(_, length)| *length > usize::from(u16::MAX)).map(|(field, _)| field)
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keep_alive_is_rounded_up_to_what_the_wire_can_say() {
        let told = |keep_alive| MqttOptions { keep_alive, ..MqttOptions::new("d") }.told_keep_alive();
        assert_eq!(told(Duration::ZERO), 0);
        assert_eq!(told(Duration::from_millis(200)), 1);
        assert_eq!(told(Duration::from_secs(60)), 60);
        assert_eq!(told(Duration::from_secs(1 << 20)), u16::MAX);
    }

    #[test]
    fn how_long_a_session_is_kept() {
        let told =
            |session_expiry| MqttOptions { session_expiry, ..MqttOptions::new("d") }.told_session_expiry();
        assert_eq!(told(Duration::ZERO), 0);
        assert_eq!(told(Duration::from_millis(1)), 1);
        assert_eq!(told(Duration::MAX), u32::MAX);
        let mut options = MqttOptions { clean_session: false, ..MqttOptions::new("d") };
        assert!(options.persistent());
        options.version = MqttVersion::V5;
        assert!(!options.persistent());
        options.session_expiry = Duration::from_secs(1);
        assert!(options.persistent());
    }

    #[test]
    fn a_field_that_does_not_fit_is_named() {
        assert_eq!(MqttOptions::new("d").too_long(), None);
        assert_eq!(MqttOptions::new("d".repeat(65_536)).too_long(), Some("client id"));
    }
}
