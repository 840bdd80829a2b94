//! What is to be watched.

use std::str::FromStr;
use std::sync::Arc;

use cutover::{Observation, RealCanary};
use probes::{MqttTarget, Pins, Timeouts, Trust};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Pick;
use crate::Account;

/// What stands for the canary's device in a topic.
const DEVICE: &str = "{device}";
/// Far below what MQTT allows (65,535 bytes), and enough for every topic seen.
const LONGEST_TOPIC: usize = 1024;
/// The longest id of a device.
const LONGEST_ID: usize = 256;

/// A real canary, and how it is heard.
#[derive(Debug, Clone)]
pub struct CanaryPlan {
    /// The canary, as it is judged.
    pub canary: RealCanary,
    /// The id of its device in topics and payloads.
    pub device: Arc<str>,
    /// Where it publishes; `None`: it checks in, and nowhere else is it heard.
    pub watch: Option<WatchPlan>,
}

/// Where a canary publishes, and what of it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchPlan {
    /// The broker, by a name that moves.
    pub broker: MqttTarget,
    /// Its topic, or a filter that has it.
    pub topic: CanaryTopic,
    /// Where in the payload the device's id is; `None`: the topic is the device's own.
    pub id: Option<Pick>,
    /// Where in the payload the time is at which it was sent.
    pub at: Option<Pick>,
    /// The account on the broker.
    pub account: Option<Account>,
}

/// A topic filter (MQTT 3.1.1 section 4.7) in which `{device}` may stand for the device's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryTopic(Box<str>);

/// Why a canary cannot be watched like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanaryPlanError {
    /// It is no topic filter.
    #[error(
        "`{0}` is no topic: it has 1 to 1024 characters, `+` alone between slashes, and `#` alone at the end"
    )]
    Topic(String),
    /// It has a brace that opens no known placeholder.
    #[error("`{0}` has a placeholder that is not {{device}}")]
    Placeholder(String),
    /// It is no id.
    #[error(
        "`{0}` is no device's id: it has 1 to 256 characters, none of them `+`, `#`, `/`, a brace or a control character"
    )]
    Device(String),
}

/// What the watch needs from the process that it lives in.
#[derive(Debug, Clone)]
pub struct CanaryContext {
    /// Where the names that move are on each side.
    pub pins: Arc<Pins>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How long each part of an exchange may take.
    pub timeouts: Timeouts,
    /// Where what is heard goes. When it is full the watch waits.
    pub observations: mpsc::Sender<Observation>,
    /// Ends the watch.
    pub cancel: CancellationToken,
}

impl CanaryPlan {
    /// Checks the id of a device.
    ///
    /// # Errors
    /// When it could not stand in a topic.
    pub fn check_device(id: &str) -> Result<(), CanaryPlanError> {
        let length = id.chars().count();
        let foul = id.contains(|c: char| matches!(c, '+' | '#' | '/' | '{' | '}') || c.is_control());
        if foul || length == 0 || length > LONGEST_ID {
            return Err(CanaryPlanError::Device(id.chars().take(80).collect()));
        }
        Ok(())
    }
}

impl CanaryTopic {
    /// Whether the topic has the device's id in it.
    pub fn names_the_device(&self) -> bool {
        self.0.contains(DEVICE)
    }

    /// The filter of one device.
    pub fn of(&self, device: &str) -> String {
        self.0.replace(DEVICE, device)
    }
}

impl FromStr for CanaryTopic {
    type Err = CanaryPlanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || CanaryPlanError::Topic(text.chars().take(80).collect());
        if text.replace(DEVICE, "").contains(['{', '}']) {
            return Err(CanaryPlanError::Placeholder(text.chars().take(80).collect()));
        }
        if text.is_empty() || text.chars().count() > LONGEST_TOPIC || text.contains('\0') {
            return Err(refused());
        }
        let levels: Vec<&str> = text.split('/').collect();
        let misplaced = |(index, level): (usize, &&str)| match *level {
            "+" => false,
            "#" => index + 1 < levels.len(),
            level => level.contains(['+', '#']),
        };
        if levels.iter().enumerate().any(misplaced) { Err(refused()) } else { Ok(Self(text.into())) }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_the_device_s_own_or_a_filter() {
        let own: CanaryTopic = "devices/{device}/datapoints".parse().unwrap();
        assert_eq!((own.of("t-1").as_str(), own.names_the_device()), ("devices/t-1/datapoints", true));
        let shared: CanaryTopic = "devices/+/#".parse().unwrap();
        assert_eq!((shared.of("t-1").as_str(), shared.names_the_device()), ("devices/+/#", false));
        for wrong in ["", "a/#/b", "a+/b", "a#", "{device}+"] {
            assert!(matches!(wrong.parse::<CanaryTopic>(), Err(CanaryPlanError::Topic(_))), "{wrong}");
        }
        let error = "fleets/{fleet}".parse::<CanaryTopic>().unwrap_err().to_string();
        assert_eq!(error, "`fleets/{fleet}` has a placeholder that is not {device}");
    }

    #[test]
    fn an_id_cannot_widen_the_topic_in_which_it_stands() {
        for id in ["t-4711", "Thermostat 7", "ä"] {
            assert_eq!(CanaryPlan::check_device(id), Ok(()));
        }
        for id in ["", "+", "a/b", "a#", "a\nb", "{x}", &"x".repeat(257)] {
            assert!(CanaryPlan::check_device(id).is_err(), "{id}");
        }
    }
}
