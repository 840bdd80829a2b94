//! Whose message it is, and when it was sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use probes::mqtt::Message;
use serde_json::Value;

use super::{CanaryPlan, Pick};

/// A payload beyond this is not looked into.
const LARGEST: usize = 64 * 1024;

/// One canary on one broker.
#[derive(Debug, Clone)]
pub(super) struct Ear {
    /// The canary's name.
    pub(super) canary: Arc<str>,
    /// What is subscribed to for it.
    pub(super) filter: String,
    device: Arc<str>,
    id: Option<Pick>,
    at: Option<Pick>,
}

impl Ear {
    /// The ear for a canary; `None` if it publishes nowhere.
    pub(super) fn of(plan: &CanaryPlan) -> Option<Self> {
        let watch = plan.watch.as_ref()?;
        Some(Self {
            canary: plan.canary.name.clone(),
            filter: watch.topic.of(&plan.device),
            device: plan.device.clone(),
            id: watch.id.clone(),
            at: watch.at.clone(),
        })
    }

    /// Whether the message is this canary's; with the time that it tells, if it tells one.
    pub(super) fn hears(&self, message: &Message, body: &mut Body) -> Option<Option<DateTime<Utc>>> {
        if !matches(&self.filter, &message.topic) {
            return None;
        }
        if let Some(id) = &self.id
            && !body.of(message).is_some_and(|payload| id.is(payload, &self.device))
        {
            return None;
        }
        Some(self.at.as_ref().and_then(|at| at.time(body.of(message)?)))
    }
}

/// A payload, read once at most.
#[derive(Debug, Default)]
pub(super) struct Body(Option<Option<Value>>);

impl Body {
    fn of(&mut self, message: &Message) -> Option<&Value> {
        let read = || {
            let small = message.payload.len() <= LARGEST;
            small.then(|| serde_json::from_slice(&message.payload).ok()).flatten()
        };
        self.0.get_or_insert_with(read).as_ref()
    }
}

/// Whether a topic is among those of a filter (MQTT 3.1.1 section 4.7).
fn matches(filter: &str, topic: &str) -> bool {
    // A wildcard at the beginning does not reach the broker's own topics (section 4.7.2).
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let (mut filter, mut topic) = (filter.split('/'), topic.split('/'));
    loop {
        match (filter.next(), topic.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(_)) => {}
            (Some(wanted), Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reaches_what_the_standard_says() {
        for (filter, topic) in [
            ("devices/t-1/datapoints", "devices/t-1/datapoints"),
            ("devices/+/datapoints", "devices/t-1/datapoints"),
            ("devices/#", "devices/t-1/datapoints"),
            ("devices/#", "devices"),
            ("+/+", "/finance"),
            ("#", "a"),
        ] {
            assert!(matches(filter, topic), "{filter} {topic}");
        }
        for (filter, topic) in [
            ("devices/t-1/datapoints", "devices/t-2/datapoints"),
            ("devices/+", "devices/t-1/datapoints"),
            ("devices/+/datapoints", "devices/t-1"),
            ("+", "/finance"),
            ("#", "$SYS/x"),
        ] {
            assert!(!matches(filter, topic), "{filter} {topic}");
        }
    }
}
