//! Devices that talk with a broker.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use probes::mqtt::Qos;
use probes::{MqttTarget, MqttVersion};

use super::PlanError;
use super::fleet::{listens, time};
use crate::identity::Authority;
use crate::{Template, TopicError, TopicPattern};

/// How the devices of a fleet talk with their broker.
#[derive(Debug, Clone)]
pub struct MqttPlan {
    /// The broker, by the name that the devices resolve.
    pub broker: MqttTarget,
    /// Which version of MQTT they speak.
    pub version: MqttVersion,
    /// How surely datapoints are to arrive. Commands are asked for with QoS 1 at least.
    pub qos: Qos,
    /// Whether the broker keeps their sessions.
    pub session: Session,
    /// What the broker says for a device that is lost.
    pub will: Option<WillPlan>,
    /// MQTT's keep-alive: a whole number of seconds.
    pub keep_alive: Duration,
    /// By which certificate each device shows who it is.
    pub identities: Identities,
    /// Where the devices listen for commands.
    pub commands: Vec<TopicPattern>,
    /// Where each device publishes its datapoints.
    pub datapoints: TopicPattern,
}

/// Whether a broker keeps the session of a device whose connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// It forgets it.
    Clean,
    /// It keeps it for so long, with its subscriptions and whatever is under way (MQTT 5; with 3.1.1 the broker itself
    /// decides how long).
    Persistent(Duration),
}

/// What a broker says for a device that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WillPlan {
    /// On which topic.
    pub topic: TopicPattern,
    /// What; it may name the device and its fleet.
    pub payload: Template,
    /// How surely.
    pub qos: Qos,
    /// Whether it is kept for those who subscribe later.
    pub retain: bool,
}

/// By which certificate each device shows who it is (mutual TLS).
#[derive(Clone)]
pub enum Identities {
    /// By none.
    None,
    /// Each by its own, `DEVICE.pem` with `DEVICE.key` in this folder.
    Folder(PathBuf),
    /// Each by one that is made for it, signed by this authority.
    Authority(Arc<Authority>),
}

/// How long a broker keeps a persistent session if nobody says otherwise: over any rehearsal and any night.
pub const SESSION_EXPIRY: Duration = Duration::from_secs(86_400);

impl MqttPlan {
    /// The usual habits: MQTT 3.1.1, QoS 1, a clean session, the reset awaited on `fleets/{fleet}/commands` and
    /// `devices/{device}/commands`.
    ///
    /// # Errors
    /// Never: the usual topics are topics.
    pub fn new(broker: MqttTarget) -> Result<Self, PlanError> {
        let topic = |text: &str| text.parse().map_err(|why| PlanError::Topic { what: "commands", why });
        Ok(Self {
            broker,
            version: MqttVersion::default(),
            qos: Qos::AtLeastOnce,
            session: Session::Clean,
            will: None,
            keep_alive: Duration::from_secs(60),
            identities: Identities::None,
            commands: vec![topic("fleets/{fleet}/commands")?, topic("devices/{device}/commands")?],
            datapoints: topic("devices/{device}/datapoints")?,
        })
    }

    /// Whether a device can live by this plan.
    ///
    /// # Errors
    /// Says which setting is wrong, and what it may be.
    pub fn check(&self) -> Result<(), PlanError> {
        listens(self.commands.len())?;
        let single = |what, topic: &TopicPattern| {
            let checked: Result<_, TopicError> = topic.clone().single();
            checked.map(drop).map_err(|why| PlanError::Topic { what, why })
        };
        single("datapoints", &self.datapoints)?;
        self.will.iter().try_for_each(|will| single("will", &will.topic))?;
        // MQTT 3.1.1, section 3.1.2.10: two bytes of seconds; zero would switch it off.
        time("keep-alive", self.keep_alive, Duration::from_secs(1), Duration::from_secs(65_535))
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Folder(folder) => write!(f, "Folder({})", folder.display()),
            Self::Authority(_) => f.write_str("Authority"),
        }
    }
}
