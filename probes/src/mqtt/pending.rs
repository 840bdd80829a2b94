//! What a session has heard before its caller asks for it. Pure.

use std::collections::VecDeque;

use super::Event;

/// How many events are kept: a broker that goes on with a session may hand over all that it has kept, before it answers
/// anything else.
const MAX_EVENTS: usize = 4096;

/// How many bytes their messages may have together, beside the last one.
const MAX_BYTES: usize = 1024 * 1024;

/// What a session has heard before its caller asks for it. Takes no memory beyond a pointer while that is nothing.
#[derive(Debug, Default)]
pub(super) struct Pending(Option<Box<Events>>);

#[derive(Debug, Default)]
struct Events {
    queue: VecDeque<Event>,
    bytes: usize,
}

impl Pending {
    /// Keeps `event`. Says whether there was room for it.
    pub(super) fn push(&mut self, event: Event) -> bool {
        let events = self.0.get_or_insert_default();
        if events.queue.len() >= MAX_EVENTS || events.bytes >= MAX_BYTES {
            return false;
        }
        if let Event::Message(message) = &event {
            events.bytes += message.topic.len() + message.payload.len();
        }
        events.queue.push_back(event);
        true
    }

    /// The first that was heard.
    pub(super) fn pop(&mut self) -> Option<Event> {
        let events = self.0.as_mut()?;
        let event = events.queue.pop_front();
        if let Some(Event::Message(message)) = &event {
            events.bytes = events.bytes.saturating_sub(message.topic.len() + message.payload.len());
        }
        if events.queue.is_empty() {
            self.0 = None;
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::mqtt::{Message, Qos};

    fn message(bytes: usize) -> Event {
        let payload = Bytes::from(vec![0; bytes]);
        let topic = "t".to_owned();
        Event::Message(Message { topic, payload, retain: false, dup: false, qos: Qos::AtMostOnce })
    }

    #[test]
    fn neither_many_nor_large_events_make_it_grow_without_end() {
        let mut pending = Pending::default();
        assert_eq!((0..5000).filter(|id| pending.push(Event::Acknowledged(*id))).count(), MAX_EVENTS);
        assert_eq!(pending.pop(), Some(Event::Acknowledged(0)));
        let mut pending = Pending::default();
        assert_eq!((0..10).filter(|_| pending.push(message(512 * 1024))).count(), 2);
        assert!(pending.pop().is_some() && pending.push(message(1)));
        while pending.pop().is_some() {}
        assert!(pending.0.is_none());
    }
}
