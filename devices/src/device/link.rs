//! One of the sessions that a device holds or wants to hold.

use std::future::pending;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use cutover::Reached;
use probes::mqtt::{Event, Qos};
use probes::{MqttSession, ProbeError};
use tokio::time::Instant;

use super::backoff::Backoff;

/// A session that lasted this long was a good one: after it the back-off begins anew. One that was shorter was part
/// of the trouble, and a broker that drops everyone at once must not be stormed.
const GOOD: Duration = Duration::from_secs(10);

/// A session, or the want of one.
#[derive(Debug)]
pub(crate) struct Link {
    session: Option<Held>,
    backoff: Backoff,
    /// When to try for a session, while there is none.
    pub(crate) retry_at: Instant,
}

/// A session that is held.
#[derive(Debug)]
struct Held {
    session: Box<MqttSession>,
    reached: Reached,
    since: Instant,
    /// The datapoint on its way: its packet, and until when its acknowledgement is awaited.
    awaited: Option<(u16, Instant)>,
}

impl Link {
    /// The want of a session, from `now` on.
    pub(crate) fn new(now: Instant) -> Self {
        Self { session: None, backoff: Backoff::default(), retry_at: now }
    }

    /// The session has come about.
    pub(crate) fn hold(&mut self, session: Box<MqttSession>, reached: Reached, now: Instant) {
        self.session = Some(Held { session, reached, since: now, awaited: None });
    }

    /// The address at the other end, while there is a session.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.session.as_ref().map(|held| held.session.peer().ip())
    }

    /// The side reached, while there is a session.
    pub(crate) fn reached(&self) -> Option<Reached> {
        self.session.as_ref().map(|held| held.reached)
    }

    /// Whether there is no session, and it is time to try for one.
    pub(crate) fn wants(&self, now: Instant) -> bool {
        self.session.is_none() && self.retry_at <= now
    }

    /// A session could not be had. Says how long to wait before the next try.
    pub(crate) fn failed(&mut self, now: Instant, dice: f64) -> Duration {
        let wait = self.backoff.next(dice);
        self.retry_at = now + wait;
        wait
    }

    /// The session broke. Says whether a datapoint was on its way.
    pub(crate) fn broke(&mut self, now: Instant, dice: f64) -> bool {
        let Some(held) = self.session.take() else { return false };
        if now.saturating_duration_since(held.since) >= GOOD {
            self.backoff.reset();
        }
        self.failed(now, dice);
        held.awaited.is_some()
    }

    /// Ends the session by the device's own doing, with a goodbye of at most a second. The next one may follow
    /// immediately.
    pub(crate) async fn close(&mut self, now: Instant) {
        self.retry_at = now;
        if let Some(held) = self.session.take() {
            held.session.close().await;
        }
    }

    /// Publishes a datapoint, unless one is still on its way: a device has one datapoint in flight, so a slow broker
    /// gets fewer of them. Its acknowledgement is awaited until `deadline`.
    pub(crate) async fn publish(
        &mut self,
        topic: &str,
        payload: Bytes,
        deadline: Instant,
    ) -> Result<(), ProbeError> {
        let Some(held) = self.session.as_mut().filter(|held| held.awaited.is_none()) else { return Ok(()) };
        let packet = held.session.publish(topic, payload, Qos::AtLeastOnce, false).await?;
        held.awaited = packet.map(|packet| (packet, deadline));
        Ok(())
    }

    /// Whether this acknowledges the datapoint on its way.
    pub(crate) fn acknowledged(&mut self, packet: u16) -> bool {
        let Some(held) = self.session.as_mut() else { return false };
        let ours = held.awaited.is_some_and(|(awaited, _)| awaited == packet);
        if ours {
            held.awaited = None;
        }
        ours
    }

    /// Until when an acknowledgement is awaited.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.session.as_ref().and_then(|held| held.awaited).map(|(_, deadline)| deadline)
    }

    /// Gives up the datapoint on its way if its time is over. Says whether it was.
    pub(crate) fn overdue(&mut self, now: Instant) -> bool {
        let Some(held) = self.session.as_mut() else { return false };
        let over = held.awaited.is_some_and(|(_, deadline)| deadline <= now);
        if over {
            held.awaited = None;
        }
        over
    }

    /// What comes next on the session; nothing ever while there is none. Safe to cancel.
    pub(crate) async fn next(&mut self) -> Result<Event, ProbeError> {
        match &mut self.session {
            Some(held) => held.session.next().await,
            None => pending().await,
        }
    }
}
