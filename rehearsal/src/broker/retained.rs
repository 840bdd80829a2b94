use std::collections::HashMap;
use std::sync::Arc;

use super::message::Message;
use super::topics;

/// What all kept messages together may cost, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What keeping a message costs beside its topic and payload, roughly.
const OVERHEAD: usize = 128;

/// The last retained message of each topic (§3.3.1.3), within a budget of bytes.
#[derive(Debug, Default)]
pub(super) struct Retained {
    messages: HashMap<Arc<str>, Arc<Message>>,
    bytes: usize,
}

impl Retained {
    /// Keeps the message instead of the topic's former one; an empty payload only clears the topic. False when it
    /// did not fit: the topic keeps nothing then, rather than something outdated.
    pub(super) fn keep(&mut self, message: &Arc<Message>) -> bool {
        if let Some(former) = self.messages.remove(&message.topic) {
            self.bytes -= cost(&former);
        }
        if message.payload.is_empty() {
            return true;
        }
        if self.bytes + cost(message) > MAX_BYTES {
            return false;
        }
        self.bytes += cost(message);
        self.messages.insert(message.topic.clone(), message.clone());
        true
    }

    /// Every kept message that the filter matches.
    pub(super) fn matching(&self, filter: &str) -> Vec<Arc<Message>> {
        if !filter.contains(['+', '#']) {
            return self.messages.get(filter).cloned().into_iter().collect();
        }
        self.messages.values().filter(|message| topics::matches(&message.topic, filter)).cloned().collect()
    }
}

fn cost(message: &Message) -> usize {
    OVERHEAD + message.topic.len() + message.payload.len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rumqttc::mqttbytes::QoS;

    use super::*;

    fn message(topic: &str, payload: impl Into<Bytes>) -> Arc<Message> {
        Arc::new(Message {
            topic: topic.into(),
            payload: payload.into(),
            qos: QoS::AtLeastOnce,
            retain: true,
        })
    }

    #[test]
    fn the_last_one_counts_and_an_empty_one_clears() {
        let mut retained = Retained::default();
        assert!(retained.keep(&message("a/b", "1")));
        assert!(retained.keep(&message("a/b", "2")));
        assert!(retained.keep(&message("a/c", "3")));
        assert_eq!(retained.matching("a/b"), [message("a/b", "2")]);
        assert_eq!(retained.matching("a/+").len(), 2);
        assert!(retained.keep(&message("a/b", "")));
        assert!(retained.keep(&message("a/c", "")));
        assert_eq!(retained.matching("#"), []);
        assert_eq!(retained.bytes, 0);
    }

    #[test]
    fn the_budget_holds() {
        let mut retained = Retained::default();
        let payload = Bytes::from(vec![7; 256 * 1024]);
        let kept =
            (0..1_000).filter(|number| retained.keep(&message(&number.to_string(), payload.clone()))).count();
        assert!((100..=MAX_BYTES / payload.len()).contains(&kept));
        assert!(retained.bytes <= MAX_BYTES);
    }
}
