//! One of the sessions that a device holds or wants to hold.

use std::future::pending;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use cutover::Reached;
use probes::ProbeError;
use probes::mqtt::Qos;
use tokio::time::Instant;

use super::backoff::Backoff;
use super::left::Left;
use super::line::{Heard, Line};

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
    line: Line,
    reached: Reached,
    since: Instant,
    awaited: Option<Awaited>,
    /// Packets that nobody waits for any more and that the broker has not acknowledged, with the numbers of their
    /// datapoints: where sessions outlive their connections they go again.
    given_up: Vec<(u16, u64)>,
}

/// A datapoint on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Awaited {
    /// Its packet.
    pub(super) packet: u16,
    /// Its number.
    pub(crate) seq: u64,
    /// When it was sent last.
    pub(crate) sent: Instant,
    /// Until when its acknowledgement is awaited, if the line itself sets no limit.
    pub(super) deadline: Option<Instant>,
}

/// A session that broke.
#[derive(Debug, Default)]
pub(crate) struct Broken {
    /// What it leaves for the next one at the same broker, where that keeps sessions.
    pub(crate) left: Option<Left>,
    /// Whether a datapoint on its way is given up with it.
    pub(crate) gave_up: bool,
}

impl Awaited {
    /// Whether its time is over.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }
}

impl Held {
    /// What the session leaves, where its broker keeps it.
    fn leave(&mut self) -> Option<Left> {
        let unfinished = self.line.unfinished()?;
        // What is acknowledged and was not yet heard of goes nowhere.
        let open = |packet: u16| unfinished.ids().any(|id| id == packet);
        let awaited = self.awaited.take_if(|awaited| open(awaited.packet));
        let mut given_up = std::mem::take(&mut self.given_up);
        given_up.retain(|(packet, _)| open(*packet));
        Some(Left { at: self.line.peer().ip(), reached: self.reached, unfinished, awaited, given_up })
    }
}

impl Link {
    /// The want of a session, from `now` on.
    pub(crate) fn new(now: Instant) -> Self {
        Self { session: None, backoff: Backoff::default(), retry_at: now }
    }

    /// The session has come about. What the last one at this broker left goes on: the datapoint that was awaited, or the
    /// one that is still `wanted`, is awaited until `deadline`.
    pub(crate) async fn hold(
        &mut self,
        line: Line,
        reached: Reached,
        left: Option<Left>,
        wanted: Option<u64>,
        [now, deadline]: [Instant; 2],
    ) -> Result<(), ProbeError> {
        let mut held = Held { line, reached, since: now, awaited: None, given_up: Vec::new() };
        let mut resumed = Ok(());
        if let Some(left) = left {
            let Left { unfinished, awaited, mut given_up, .. } = left;
            let last = || given_up.pop_if(|(_, seq)| Some(*seq) == wanted);
            let packet = awaited.map(|awaited| (awaited.packet, awaited.seq)).or_else(last);
            let deadline = Some(deadline);
            held.awaited = packet.map(|(packet, seq)| Awaited { packet, seq, sent: now, deadline });
            held.given_up = given_up;
            resumed = held.line.resume(unfinished).await;
        }
        self.session = Some(held);
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

    /// The session broke.
    pub(crate) fn broke(&mut self, now: Instant, dice: f64) -> Broken {
        let Some(mut held) = self.session.take() else { return Broken::default() };
        if now.saturating_duration_since(held.since) >= GOOD {
            self.backoff.reset();
        }
        self.failed(now, dice);
        let left = held.leave();
        Broken { left, gave_up: held.awaited.is_some() }
    }

    /// Ends the session by the device's own doing, with a goodbye of at most a second, after which nobody waits for
    /// anything; gives what it leaves. The next one may follow immediately.
    pub(crate) async fn close(&mut self, now: Instant) -> Option<Left> {
        self.retry_at = now;
        let mut held = self.session.take()?;
        let mut left = held.leave();
        left.iter_mut().for_each(Left::give_up);
        held.line.close().await;
        left
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
        let deadline = held.line.deadline(deadline);
        held.awaited = packet.map(|packet| Awaited { packet, seq, sent: Instant::now(), deadline });
        Ok(held.awaited.is_some())
    }

    /// The datapoint on its way, if this acknowledges it.
    pub(crate) fn acknowledged(&mut self, packet: u16) -> Option<Awaited> {
        let held = self.session.as_mut()?;
        held.given_up.retain(|(given_up, _)| *given_up != packet);
        let awaited = held.awaited.take_if(|awaited| awaited.packet == packet)?;
        Some(Awaited { sent: held.line.began().unwrap_or(awaited.sent), ..awaited })
    }

    /// Until when an acknowledgement is awaited.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.session.as_ref()?.awaited?.deadline
    }

    /// Gives up the datapoint on its way if its time is over. Gives the side on which it was sent.
    pub(crate) fn overdue(&mut self, now: Instant) -> Option<Reached> {
        let held = self.session.as_mut()?;
        let awaited = held.awaited.take_if(|awaited| awaited.is_late(now))?;
        held.given_up.push((awaited.packet, awaited.seq));
        Some(held.reached)
    }

    /// What comes next on the session; nothing ever while there is none. Safe to cancel.
    pub(crate) async fn next(&mut self) -> Result<Heard, ProbeError> {
        match &mut self.session {
            Some(held) => held.line.next().await,
            None => pending().await,
        }
    }
}
