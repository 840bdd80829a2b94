use std::sync::Arc;

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;

/// A message as its publisher sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) topic: Arc<str>,
    pub(super) payload: Bytes,
    pub(super) qos: QoS,
    /// Keep it for later subscribers (§3.3.1.3).
    pub(super) retain: bool,
}

/// A message on its way to one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) message: Arc<Message>,
    pub(super) qos: QoS,
    /// It was kept, and is sent because of a new subscription.
    pub(super) replayed: bool,
}

/// The weaker of what was published and what was granted (§3.8.4).
pub(super) fn lower(published: QoS, granted: QoS) -> QoS {
    if published < granted { published } else { granted }
}
