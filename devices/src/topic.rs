//! Topics with the device's and the fleet's name in them.

use std::str::FromStr;

/// A topic or a topic filter in which `{device}` and `{fleet}` stand for names: `devices/{device}/datapoints`.
///
/// Valid by construction: it has no other placeholder and keeps to the rules of MQTT 3.1.1, section 4.7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPattern(Box<str>);

/// Why a text is no topic pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// It is empty, or too long for MQTT.
    #[error("`{0}` is no topic: it must have 1 to 1024 characters")]
    Length(String),
    /// It has a brace that opens no known placeholder.
    #[error("`{0}` has a placeholder that is neither {{device}} nor {{fleet}}")]
    Placeholder(String),
    /// `+` or `#` stands where MQTT does not allow it.
    #[error("`{0}`: `+` must stand alone between slashes, and `#` alone at the end")]
    Wildcard(String),
    /// A topic to publish on has a wildcard.
    #[error("`{0}` has a wildcard: nothing is published on those")]
    Many(String),
}

/// Far below what MQTT allows (65,535 bytes), and enough for every topic seen.
const LONGEST: usize = 1024;

impl TopicPattern {
    /// The topic of one device.
    pub fn fill(&self, fleet: &str, device: &str) -> String {
        self.0.replace("{fleet}", fleet).replace("{device}", device)
    }

    /// This pattern, if it names a single topic to publish on.
    ///
    /// # Errors
    /// When it has a wildcard.
    pub fn single(self) -> Result<Self, TopicError> {
        if self.0.contains(['+', '#']) { Err(TopicError::Many(self.0.into())) } else { Ok(self) }
    }
}

impl FromStr for TopicPattern {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > LONGEST || text.contains('\0') {
            return Err(TopicError::Length(text.chars().take(80).collect()));
        }
        if text.replace("{fleet}", "").replace("{device}", "").contains(['{', '}']) {
            return Err(TopicError::Placeholder(text.to_owned()));
        }
        let levels: Vec<&str> = text.split('/').collect();
        let (last, before) = levels.split_last().unwrap_or((&"", &[]));
        let misplaced = |level: &&str| level.len() > 1 && level.contains(['+', '#']);
        if misplaced(last) || before.iter().any(|level| misplaced(level) || *level == "#") {
            return Err(TopicError::Wildcard(text.to_owned()));
        }
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<TopicPattern>().unwrap_err().to_string()
    }

    #[test]
    fn names_are_filled_in() {
        let pattern: TopicPattern = "fleets/{fleet}/{device}/commands".parse().unwrap();
        assert_eq!(pattern.fill("lamps", "lamps-000007"), "fleets/lamps/lamps-000007/commands");
        let filter: TopicPattern = "fleets/+/{device}/#".parse().unwrap();
        assert_eq!(filter.fill("lamps", "l"), "fleets/+/l/#");
    }

    #[test]
    fn what_is_no_topic_is_refused() {
        assert_eq!(error("a/{model}"), "`a/{model}` has a placeholder that is neither {device} nor {fleet}");
        assert_eq!(error("a/#/b"), "`a/#/b`: `+` must stand alone between slashes, and `#` alone at the end");
        assert_eq!(error("a+/b"), "`a+/b`: `+` must stand alone between slashes, and `#` alone at the end");
        assert_eq!(error(""), "`` is no topic: it must have 1 to 1024 characters");
        let wide = "devices/+/datapoints".parse::<TopicPattern>().unwrap().single().unwrap_err();
        assert_eq!(wide.to_string(), "`devices/+/datapoints` has a wildcard: nothing is published on those");
    }
}
