//! The line between a device and its side: an MQTT session, or an HTTP API that is polled.

use std::net::SocketAddr;

use bytes::Bytes;
use probes::mqtt::{Event, Qos, Unfinished};
use probes::{MqttSession, ProbeError};
use tokio::time::Instant;

use crate::http::HttpLine;

/// The line between a device and its side. What is large is boxed: a device without one is to be small.
#[derive(Debug)]
pub(crate) enum Line {
    /// A session with a broker.
    Mqtt(Box<MqttSession>),
    /// An API that is polled.
    Http(Box<HttpLine>),
}

/// What is heard on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A command came.
    Command(Bytes),
    /// The datapoint that was sent under this id was taken over.
    Acknowledged(u16),
}

impl Line {
    /// The other end.
    pub(crate) fn peer(&self) -> SocketAddr {
        match self {
            Self::Mqtt(session) => session.peer(),
            Self::Http(line) => line.peer(),
        }
    }

    /// Sends a datapoint. `None`: nobody will acknowledge it (QoS 0).
    pub(crate) async fn publish(
        &mut self,
        topic: &str,
        payload: Bytes,
        qos: Qos,
    ) -> Result<Option<u16>, ProbeError> {
        match self {
            Self::Mqtt(session) => session.publish(topic, payload, qos, false).await,
            Self::Http(line) => Ok(Some(line.post(payload))),
        }
    }

    /// What comes next. Safe to cancel.
    pub(crate) async fn next(&mut self) -> Result<Heard, ProbeError> {
        match self {
            Self::Mqtt(session) => Ok(match session.next().await? {
                Event::Message(message) => Heard::Command(message.payload),
                Event::Acknowledged(id) => Heard::Acknowledged(id),
            }),
            Self::Http(line) => line.next().await,
        }
    }

    /// Until when the acknowledgement of what is sent now is awaited, where that shall not be later than `latest`. An
    /// exchange over HTTP has timeouts of its own, from its beginning on: it may have to wait for a poll before it.
    pub(crate) const fn deadline(&self, latest: Instant) -> Option<Instant> {
        match self {
            Self::Mqtt(_) => Some(latest),
            Self::Http(_) => None,
        }
    }

    /// When the last datapoint went out, where that is later than it was handed over.
    pub(crate) const fn began(&self) -> Option<Instant> {
        match self {
            Self::Mqtt(_) => None,
            Self::Http(line) => Some(line.posted()),
        }
    }

    /// Takes out what a line that ends leaves for the next one, if its broker keeps sessions.
    pub(crate) fn unfinished(&mut self) -> Option<Unfinished> {
        match self {
            Self::Mqtt(session) => session.is_persistent().then(|| session.unfinished()),
            Self::Http(_) => None,
        }
    }

    /// Goes on with what the last line left.
    pub(crate) async fn resume(&mut self, unfinished: Unfinished) -> Result<(), ProbeError> {
        match self {
            Self::Mqtt(session) => session.resume(unfinished).await,
            Self::Http(_) => Ok(()),
        }
    }

    /// Ends the line with a goodbye of at most a second, where there is one to say.
    pub(crate) async fn close(self) {
        match self {
            Self::Mqtt(session) => session.close().await,
            Self::Http(_) => {}
        }
    }
}
