//! How a fleet is told to reset.

use super::{FleetPlan, Request};
use crate::{Instruction, TopicPattern};

/// How a fleet is told to reset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResetPlan {
    /// On which topic; `None`: on the first of the fleet's command topics that reaches those who are meant.
    pub topic: Option<TopicPattern>,
    /// What.
    pub instruction: Instruction,
    /// By which HTTP request as well, for devices that are told that way.
    pub http: Option<Request>,
}

impl FleetPlan {
    /// The topic on which the whole fleet is told at once, if there is one.
    pub fn topic_of_all(&self) -> Option<String> {
        let topic = self.reset_topics().find(|topic| topic.fill("", "a") == topic.fill("", "b"))?;
        Some(topic.fill(&self.name, ""))
    }

    /// The topic on which one device is told, if it has one of its own.
    pub fn topic_of(&self, device: &str) -> Option<String> {
        let topic = self.reset_topics().find(|topic| topic.fill("", "a") != topic.fill("", "b"))?;
        Some(topic.fill(&self.name, device))
    }

    /// The topics on which something can be published: those with a wildcard are to listen on only.
    fn reset_topics(&self) -> impl Iterator<Item = &TopicPattern> {
        let commands = self.mqtt().map_or(&[][..], |mqtt| &mqtt.commands);
        let given = self.reset.topic.as_slice();
        let topics = if given.is_empty() { commands } else { given };
        topics.iter().filter(|topic| (*topic).clone().single().is_ok())
    }

    /// The index of the device of this name, if the fleet has it.
    pub fn index(&self, device: &str) -> Option<u32> {
        let number = device.strip_prefix(&*self.name).and_then(|rest| rest.strip_prefix('-'));
        let index = number.and_then(|number| number.parse().ok()).filter(|index| *index < self.count);
        // Devices whose names come from a list have any name.
        index.filter(|index| self.device(*index) == device).or_else(|| {
            let listed = (0..self.count).find(|index| self.device(*index) == device);
            listed.filter(|_| matches!(self.login, super::Login::Listed(_)))
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn fleet(commands: &[&str]) -> FleetPlan {
        let mut plan = FleetPlan::new("lamps", 3, "mqtt://mqtt.acme.example".parse().unwrap()).unwrap();
        plan.mqtt_mut().unwrap().commands = commands.iter().map(|topic| topic.parse().unwrap()).collect();
        plan
    }

    #[test]
    fn all_are_told_on_the_topic_of_all_and_each_on_its_own() {
        let both = fleet(&["all/#", "devices/{device}/commands", "fleets/{fleet}/commands"]);
        assert_eq!(both.topic_of_all().unwrap(), "fleets/lamps/commands");
        assert_eq!(both.topic_of("lamps-000001").unwrap(), "devices/lamps-000001/commands");
        let none = fleet(&["fleets/+/commands"]);
        assert_eq!((none.topic_of_all(), none.topic_of("lamps-000001")), (None, None));
        let mut own = both;
        own.reset.topic = Some("reboot/{device}".parse().unwrap());
        assert_eq!((own.topic_of_all(), own.topic_of("a").unwrap()), (None, "reboot/a".to_owned()));
    }

    #[test]
    fn a_device_is_known_by_its_name() {
        let plan = fleet(&[]);
        assert_eq!(plan.index("lamps-000002"), Some(2));
        for none in ["lamps-000003", "lamps-2", "lamps-", "meters-000001", ""] {
            assert_eq!(plan.index(none), None, "{none}");
        }
    }
}
