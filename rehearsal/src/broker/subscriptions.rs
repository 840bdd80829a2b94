use std::collections::HashMap;
use std::sync::Arc;

use rumqttc::mqttbytes::QoS;

use super::registry::ClientKey;
use super::topics;

type Subscribers = HashMap<ClientKey, QoS>;

/// Who subscribed to what.
///
/// Filters without wildcards (a device's own command topic) are found by one look-up, so that a publish does not
/// cost more with every device; those with wildcards are few and are tried one by one.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    exact: HashMap<Arc<str>, Subscribers>,
    wildcard: HashMap<Arc<str>, Subscribers>,
}

impl Subscriptions {
    /// Adds a subscription, or replaces the one that this client had with the same filter (§3.8.4).
    pub(super) fn add(&mut self, filter: Arc<str>, client: ClientKey, granted: QoS) {
        self.filters(&filter).entry(filter).or_default().insert(client, granted);
    }

    pub(super) fn remove(&mut self, filter: &str, client: ClientKey) {
        let filters = self.filters(filter);
        if let Some(subscribers) = filters.get_mut(filter) {
            subscribers.remove(&client);
            if subscribers.is_empty() {
                filters.remove(filter);
            }
        }
    }

    /// Each subscriber of the topic once, with the highest `QoS` that its matching filters were granted (§3.3.5).
    pub(super) fn of(&self, topic: &str) -> Subscribers {
        let mut found = self.exact.get(topic).cloned().unwrap_or_default();
        let wildcard = self.wildcard.iter().filter(|(filter, _)| topics::matches(topic, filter));
        for (client, granted) in wildcard.flat_map(|(_, subscribers)| subscribers) {
            let best = found.entry(*client).or_insert(*granted);
            if granted > best {
                *best = *granted;
            }
        }
        found
    }

    fn filters(&mut self, filter: &str) -> &mut HashMap<Arc<str>, Subscribers> {
        if filter.contains(['+', '#']) { &mut self.wildcard } else { &mut self.exact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_filters_give_one_delivery_at_the_highest_qos() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.add("a/b".into(), 1, QoS::AtMostOnce);
        subscriptions.add("a/+".into(), 1, QoS::AtLeastOnce);
        subscriptions.add("#".into(), 1, QoS::AtMostOnce);
        subscriptions.add("a/b".into(), 2, QoS::AtMostOnce);
        let expected = HashMap::from([(1, QoS::AtLeastOnce), (2, QoS::AtMostOnce)]);
        assert_eq!(subscriptions.of("a/b"), expected);
    }

    #[test]
    fn what_is_removed_leaves_nothing_behind() {
        let mut subscriptions = Subscriptions::default();
        for filter in ["a/b", "a/+"] {
            subscriptions.add(filter.into(), 1, QoS::AtMostOnce);
            subscriptions.remove(filter, 2);
            subscriptions.remove(filter, 1);
        }
        assert!(subscriptions.of("a/b").is_empty());
        assert!(subscriptions.exact.is_empty() && subscriptions.wildcard.is_empty());
    }
}
