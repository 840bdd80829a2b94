use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::mqttbytes::QoS;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::message::{Delivery, Message, lower};
use super::retained::Retained;
use super::subscriptions::Subscriptions;

/// How many deliveries may wait for one subscriber. One more, and it is disconnected.
pub(super) const QUEUE: usize = 1_000;
/// How many filters one client may subscribe to.
pub(super) const MAX_FILTERS: usize = 100;

/// Names one connection; a client that comes back has a new one.
pub(super) type ClientKey = u64;

/// What every connection shares: the clients, their subscriptions, the retained messages and the drop fault.
#[derive(Debug, Default)]
pub(super) struct Registry {
    last_key: ClientKey,
    clients: HashMap<ClientKey, Client>,
    keys: HashMap<String, ClientKey>,
    subscriptions: Subscriptions,
    retained: Retained,
    drop_after: Option<Duration>,
}

#[derive(Debug)]
struct Client {
    id: String,
    queue: mpsc::Sender<Delivery>,
    kick: CancellationToken,
    will: Option<Message>,
    filters: Vec<Arc<str>>,
}

/// A registered connection's end of what the registry holds for it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) key: ClientKey,
    pub(super) queue: mpsc::Receiver<Delivery>,
    /// Cancelled when the broker wants the connection gone.
    pub(super) kicked: CancellationToken,
    pub(super) drop_after: Option<Duration>,
}

/// How a connection ended; it decides over the will (§3.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Farewell {
    /// The client sent DISCONNECT: its will is forgotten.
    Disconnect,
    /// Anything else: its will is published.
    Lost,
}

impl Registry {
    /// Registers a connection that was accepted. One with the same client id is thrown out first, its will
    /// published *before* the newcomer can say that it is there (§3.1.4-2).
    pub(super) fn join(&mut self, id: String, will: Option<Message>, cut: &CancellationToken) -> Place {
        if let Some(former) = self.keys.get(&id).copied() {
            debug!(client = id, "a newer connection takes over");
            self.leave(former, Farewell::Lost);
        }
        self.last_key += 1;
        let key = self.last_key;
        let (sender, queue) = mpsc::channel(QUEUE);
        let kicked = cut.child_token();
        self.keys.insert(id.clone(), key);
        let client = Client { id, queue: sender, kick: kicked.clone(), will, filters: Vec::new() };
        self.clients.insert(key, client);
        Place { key, queue, kicked, drop_after: self.drop_after }
    }

    /// Forgets a connection. Does nothing when it is forgotten already.
    pub(super) fn leave(&mut self, key: ClientKey, farewell: Farewell) {
        let Some(client) = self.clients.remove(&key) else { return };
        self.keys.remove(&client.id);
        for filter in &client.filters {
            self.subscriptions.remove(filter, key);
        }
        client.kick.cancel();
        if let Some(will) = client.will.filter(|_| farewell == Farewell::Lost) {
            self.publish(will);
        }
    }

    /// Subscribes, and returns the retained messages to send first. None when the client has too many filters, or
    /// is forgotten.
    pub(super) fn subscribe(&mut self, key: ClientKey, filter: &str, granted: QoS) -> Option<Vec<Delivery>> {
        let client = self.clients.get_mut(&key)?;
        if !client.filters.iter().any(|known| **known == *filter) {
            if client.filters.len() == MAX_FILTERS {
                return None;
            }
            client.filters.push(filter.into());
        }
        self.subscriptions.add(filter.into(), key, granted);
        let kept = self.retained.matching(filter).into_iter();
        Some(
            kept.map(|message| Delivery { qos: lower(message.qos, granted), message, replayed: true })
                .collect(),
        )
    }

    /// Ends a subscription; nothing happens when there is none (§3.10.4).
    pub(super) fn unsubscribe(&mut self, key: ClientKey, filter: &str) {
        if let Some(client) = self.clients.get_mut(&key) {
            client.filters.retain(|known| **known != *filter);
            self.subscriptions.remove(filter, key);
        }
    }

    /// Keeps the message when it is a retained one, and puts it into every subscriber's queue. Whose queue is full
    /// is disconnected: waiting for it would hold up all the others.
    pub(super) fn publish(&mut self, message: Message) {
        let message = Arc::new(message);
        if message.retain && !self.retained.keep(&message) {
            warn!(topic = &*message.topic, "too many retained messages: this one is delivered, but not kept");
        }
        for (key, granted) in self.subscriptions.of(&message.topic) {
            let Some(client) = self.clients.get(&key) else { continue };
            let qos = lower(message.qos, granted);
            let delivery = Delivery { message: message.clone(), qos, replayed: false };
            if let Err(mpsc::error::TrySendError::Full(_)) = client.queue.try_send(delivery)
                && !client.kick.is_cancelled()
            {
                debug!(client = client.id, "reads too slowly and its queue is full: disconnected");
                client.kick.cancel();
            }
        }
    }

    /// Sets or ends the drop fault. Setting it cuts everyone who is connected.
    pub(super) fn set_drop(&mut self, after: Option<Duration>) {
        self.drop_after = after;
        if after.is_some() {
            self.clients.values().for_each(|client| client.kick.cancel());
        }
    }

    pub(super) fn drop_after(&self) -> Option<Duration> {
        self.drop_after
    }

    pub(super) fn connections(&self) -> usize {
        self.clients.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &str, payload: &'static str) -> Message {
        Message { topic: topic.into(), payload: payload.into(), qos: QoS::AtLeastOnce, retain: false }
    }

    #[test]
    fn a_will_comes_before_what_the_newcomer_says() {
        let cut = CancellationToken::new();
        let mut registry = Registry::default();
        let mut watcher = registry.join("watcher".into(), None, &cut);
        assert_eq!(registry.subscribe(watcher.key, "state", QoS::AtLeastOnce), Some(vec![]));
        let former = registry.join("device".into(), Some(message("state", "gone")), &cut);
        let newer = registry.join("device".into(), None, &cut);
        registry.publish(message("state", "here"));
        assert!(former.kicked.is_cancelled() && !newer.kicked.is_cancelled());
        // The former one notices late, and must not take the newcomer with it.
        registry.leave(former.key, Farewell::Lost);
        assert_eq!(registry.connections(), 2);
        let mut said = || {
            watcher.queue.try_recv().ok().map(|delivery| delivery.message.payload.clone()).unwrap_or_default()
        };
        assert_eq!((said(), said(), said()), ("gone".into(), "here".into(), "".into()));
    }

    #[test]
    fn a_full_queue_costs_its_owner_the_connection_and_nobody_else() {
        let cut = CancellationToken::new();
        let mut registry = Registry::default();
        let slow = registry.join("slow".into(), None, &cut);
        let mut quick = registry.join("quick".into(), None, &cut);
        for key in [slow.key, quick.key] {
            registry.subscribe(key, "#", QoS::AtMostOnce);
        }
        for _ in 0..=QUEUE {
            registry.publish(message("a", "x"));
            assert!(quick.queue.try_recv().is_ok());
        }
        assert!(slow.kicked.is_cancelled() && !quick.kicked.is_cancelled() && !cut.is_cancelled());
    }

    #[test]
    fn filters_are_counted_and_given_back() {
        let mut registry = Registry::default();
        let client = registry.join("many".into(), None, &CancellationToken::new());
        for number in 0..MAX_FILTERS {
            assert!(registry.subscribe(client.key, &number.to_string(), QoS::AtMostOnce).is_some());
        }
        assert!(registry.subscribe(client.key, "7", QoS::AtLeastOnce).is_some());
        assert!(registry.subscribe(client.key, "one more", QoS::AtMostOnce).is_none());
        registry.unsubscribe(client.key, "7");
        assert!(registry.subscribe(client.key, "one more", QoS::AtMostOnce).is_some());
    }

    #[test]
    fn the_drop_fault_cuts_the_living_and_marks_the_coming() {
        let cut = CancellationToken::new();
        let mut registry = Registry::default();
        let living = registry.join("a".into(), None, &cut);
        registry.set_drop(Some(Duration::from_secs(3)));
        assert!(living.kicked.is_cancelled());
        assert_eq!(registry.join("b".into(), None, &cut).drop_after, Some(Duration::from_secs(3)));
        registry.set_drop(None);
        assert_eq!(registry.join("c".into(), None, &cut).drop_after, None);
    }
}
