//! One of the sessions that a device holds or wants to hold.

use std::future::pending;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use cutover::Reached;
use probes::ProbeError;
use probes::mqtt::{Qos, Unfinished};
use tokio::time::Instant;

use super::backoff::Backoff;
use super::line::{Heard, Line};

/// A session that lasted this long was a good one: after it the back-off begins anew. One that was shorter was part
/// of the trouble, and a broker that drops everyone at once must not be stormed.
const GOOD: Duration = Duration::from_secs(10);

/// A session, or the want of one.
#[derive(Debug)]
pub(crate) struct Link {
    session: Option<Held>,
    /// What a broken session leaves for the next one.
    left: Option<Box<Left>>,
    backoff: Backoff,
    /// When to try for a session, while there is none.
    pub(crate) retry_at: Instant,
}

/// A session that is held.
#[derive(Debug)]
struct Held {
    line: Line,
    reached: Reached,
    since: Instant,
    awaited: Option<Awaited>,
}

/// A datapoint on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Awaited {
    /// Its packet.
    packet: u16,
    /// Its number.
    pub(crate) seq: u64,
    /// When it was sent last.
    pub(crate) sent: Instant,
    /// Until when its acknowledgement is awaited.
    deadline: Instant,
}

/// A datapoint on its way when the session broke, of which the broker keeps what it has.
#[derive(Debug)]
struct Left {
    unfinished: Unfinished,
    awaited: Awaited,
    reached: Reached,
}

/// What became of the datapoint on its way when its session broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnItsWay {
    /// There was none.
    None,
    /// It is given up.
    GivenUp,
    /// It goes on with the next session; this is its number.
    GoesOn(u64),
}

impl Link {
    /// The want of a session, from `now` on.
    pub(crate) fn new(now: Instant) -> Self {
        Self { session: None, left: None, backoff: Backoff::default(), retry_at: now }
    }

    /// The session has come about. What the last one left goes on, awaited until `deadline`.
    pub(crate) async fn hold(
        &mut self,
        mut line: Line,
        reached: Reached,
        now: Instant,
        deadline: Instant,
    ) -> Result<(), ProbeError> {
        let mut awaited = None;
        let mut resumed = Ok(());
        if let Some(left) = self.left.take() {
            awaited = Some(Awaited { sent: now, deadline, ..left.awaited });
            resumed = line.resume(left.unfinished).await;
        }
        self.session = Some(Held { line, reached, since: now, awaited });
        resumed
    }

    /// The address at the other end, while there is a session.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.session.as_ref().map(|held| held.line.peer().ip())
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

    /// The session broke. Says what became of the datapoint on its way.
    pub(crate) fn broke(&mut self, now: Instant, dice: f64) -> OnItsWay {
        let Some(mut held) = self.session.take() else { return OnItsWay::None };
        if now.saturating_duration_since(held.since) >= GOOD {
            self.backoff.reset();
        }
        self.failed(now, dice);
        let Some(awaited) = held.awaited else { return OnItsWay::None };
        let Some(unfinished) = held.line.unfinished() else { return OnItsWay::GivenUp };
        self.left = Some(Box::new(Left { unfinished, awaited, reached: held.reached }));
        OnItsWay::GoesOn(awaited.seq)
    }

    /// Ends the session by the device's own doing, with a goodbye of at most a second. The next one may follow
    /// immediately.
    pub(crate) async fn close(&mut self, now: Instant) {
        self.retry_at = now;
        self.left = None;
        if let Some(held) = self.session.take() {
            held.line.close().await;
        }
    }

    /// Whether a datapoint can be sent: there is a session, and none is on its way. A device has one datapoint in
    /// flight, so a slow side gets fewer of them.
    pub(crate) fn is_free(&self) -> bool {
        self.session.as_ref().is_some_and(|held| held.awaited.is_none())
    }

    /// Sends datapoint number `seq`; its acknowledgement is awaited until `deadline`. Says whether there will be one.
    pub(crate) async fn publish(
        &mut self,
        seq: u64,
        topic: &str,
        payload: Bytes,
        qos: Qos,
        deadline: Instant,
    ) -> Result<bool, ProbeError> {
        let Some(held) = self.session.as_mut() else { return Ok(true) };
        let packet = held.line.publish(topic, payload, qos).await?;
        held.awaited = packet.map(|packet| Awaited { packet, seq, sent: Instant::now(), deadline });
        Ok(held.awaited.is_some())
    }

    /// The datapoint on its way, if this acknowledges it.
    pub(crate) fn acknowledged(&mut self, packet: u16) -> Option<Awaited> {
        let held = self.session.as_mut()?;
        held.awaited.take_if(|awaited| awaited.packet == packet)
    }

    /// Until when an acknowledgement is awaited.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let held = self.session.as_ref().and_then(|held| held.awaited);
        let left = self.left.as_ref().map(|left| left.awaited);
        held.or(left).map(|awaited| awaited.deadline)
    }

    /// Gives up the datapoint on its way if its time is over. Gives the side on which it was sent.
    pub(crate) fn overdue(&mut self, now: Instant) -> Option<Reached> {
        if let Some(left) = self.left.take_if(|left| left.awaited.deadline <= now) {
            return Some(left.reached);
        }
        let held = self.session.as_mut()?;
        held.awaited.take_if(|awaited| awaited.deadline <= now).map(|_| held.reached)
    }

    /// What comes next on the session; nothing ever while there is none. Safe to cancel.
    pub(crate) async fn next(&mut self) -> Result<Heard, ProbeError> {
        match &mut self.session {
            Some(held) => held.line.next().await,
            None => pending().await,
        }
    }
}
