use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::connection;
use super::ended::Ended;
use super::message::Message;
use super::registry::Registry;
use super::topics;

/// An MQTT 3.1.1 broker without a listener: it is handed connections. Cheap to clone, all clones are one broker.
#[derive(Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

/// A message that a client published and the broker accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The publisher's client id; one that the broker made up when the client gave none.
    pub client_id: String,
    /// The topic it was published to.
    pub topic: String,
    /// The payload, in memory of its own: keeping it keeps nothing else.
    pub payload: Bytes,
}

/// Are this user and this password good?
pub(super) type Accounts = dyn Fn(&str, &str) -> bool + Send + Sync;

pub(super) struct Shared {
    pub(super) accounts: Box<Accounts>,
    pub(super) inbound: mpsc::Sender<Inbound>,
    registry: Mutex<Registry>,
}

impl Shared {
    /// Held for moments only, and never across an await.
    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broker {
    /// A broker with nobody connected.
    ///
    /// `accounts` says whether a user and a password are good; a client that gives neither is asked about as two
    /// empty strings. Every message that a client publishes (not wills, not the broker's own) goes into `inbound`
    /// before it is delivered and acknowledged: while `inbound` is full its publisher waits, and once it is closed a
    /// publish ends its connection, so that nothing is acknowledged that nobody took.
    pub fn new(
        accounts: impl Fn(&str, &str) -> bool + Send + Sync + 'static,
        inbound: mpsc::Sender<Inbound>,
    ) -> Self {
        let registry = Mutex::default();
        Self { shared: Arc::new(Shared { accounts: Box::new(accounts), inbound, registry }) }
    }

    /// Serves one connection until the client ends it, breaks the protocol or falls silent, or until `cut`.
    pub async fn serve<S>(&self, stream: S, cut: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        // Pinned in place: handed on by value, a future is stored twice, and there are thousands of these.
        let serving = pin!(connection::run(&self.shared, stream, &cut));
        match cut.run_until_cancelled(serving).await.unwrap_or(Err(Ended::Cut)) {
            Ok(()) => debug!("a client disconnected"),
            Err(why) => debug!("a connection ended: {why}"),
        }
    }

    /// Publishes a message of the broker's own, at `QoS` 1 where that was subscribed to. With `retain` it is kept for
    /// later subscribers; an empty payload then clears what was kept. A topic with a wildcard, or an empty one, is
    /// logged and goes nowhere.
    pub fn publish(&self, topic: &str, payload: Bytes, retain: bool) {
        if !topics::valid_topic(topic) {
            warn!("not published: {topic:?} is not a topic, name one without wildcards");
            return;
        }
        let message = Message { topic: topic.into(), payload, qos: QoS::AtLeastOnce, retain };
        self.shared.registry().publish(message);
    }

    /// A fault: cuts everyone who is connected now, and everyone who connects this long after the CONNECT. `None`
    /// ends it, also for those whose time is running.
    pub fn set_drop(&self, after: Option<Duration>) {
        self.shared.registry().set_drop(after);
    }

    /// How many clients are connected and accepted.
    pub fn connections(&self) -> usize {
        self.shared.registry().connections()
    }
}
