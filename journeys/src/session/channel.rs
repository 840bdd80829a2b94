//! One WebSocket of a run.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use cutover::{FailureKind, Parts, Reached, Route};
use http::HeaderMap;
use probes::{ProbeError, Timeouts, WebSocketSession, WebSocketTarget};
use tokio::time::{Instant, timeout_at};

use super::Call;
use super::dial::{Opening, aim, dial};
use super::tended::Tend;
use crate::action::{PassedOver, Trouble, Wanted};
use crate::answer::{Answer, milliseconds};
use crate::run::RunContext;

/// With whom, and how it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebSocketPlace {
    pub(crate) route: Route,
    pub(crate) target: WebSocketTarget,
    pub(crate) headers: HeaderMap,
    /// The host's address, where one is named.
    pub(crate) at: Option<IpAddr>,
}

/// A WebSocket, and what was learned when it was opened.
#[derive(Debug)]
pub(crate) struct Channel {
    host: Arc<str>,
    session: WebSocketSession,
    inbox: VecDeque<Bytes>,
    /// The parts of connecting, until the first exchange has taken them for its own.
    opening: Option<Parts>,
    reached: Reached,
    lost: Option<ProbeError>,
    broken: bool,
}

/// Messages that nobody awaits yet; more push out the oldest.
const MOST_MESSAGES: usize = 256;

/// What they may take together, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

impl Channel {
    /// Connects; `identity` is sent beside the headers of the place, which come first.
    pub(crate) async fn open(
        world: &RunContext,
        place: &WebSocketPlace,
        identity: HeaderMap,
        timeouts: &Timeouts,
    ) -> Result<Self, Trouble> {
        let aim = aim(world, place.route, &place.target.host, place.at);
        let target = &place.target;
        let mut headers = place.headers.clone();
        for (name, value) in identity.into_iter().filter_map(|(name, value)| Some((name?, value))) {
            headers.entry(name).or_insert(value);
        }
        let open = |address| -> Opening<'_, _> {
            Box::pin(WebSocketSession::open(address, target, &headers, &world.trust, timeouts))
        };
        let (session, opening) = dial(&aim, &target.host, target.port, timeouts, open).await?;
        let reached = aim.side_of(session.peer());
        let (inbox, opening) = (VecDeque::new(), Some(opening));
        Ok(Self { host: target.host.clone(), session, inbox, opening, reached, lost: None, broken: false })
    }

    /// Sends a message, and waits for the one that is wanted; one that came before, and that nobody took, is taken
    /// first.
    pub(crate) async fn exchange(
        &mut self,
        send: Option<String>,
        wanted: Option<Wanted<'_>>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let started = Instant::now();
        if let Some(text) = send {
            self.whole()?;
            // Until it is over, for it may be cancelled.
            self.broken = true;
            let sent = self.session.send(text, call.timeouts.transfer).await;
            self.heard(sent)?;
            self.broken = false;
        }
        let Some(wanted) = wanted else { return Ok(self.answer(started, None)) };
        let asked = Instant::now();
        let limit = call.timeouts.wait;
        let mut passed = PassedOver::default();
        for index in 0..self.inbox.len() {
            if self.is(index, &wanted, &mut passed)? {
                let message = self.inbox.remove(index);
                return Ok(self.answer(started, message));
            }
        }
        self.whole()?;
        loop {
            let next = timeout_at(asked + limit, self.session.next()).await;
            // Looked at each time: a timeout by itself says nothing while there is always another message.
            let Some(next) = next.ok().filter(|_| asked.elapsed() < limit) else {
                return Err(self.late(limit, &passed, started));
            };
            let message = self.heard(next)?;
            self.keep(message);
            let last = self.inbox.len().saturating_sub(1);
            if self.is(last, &wanted, &mut passed)? {
                let message = self.inbox.pop_back();
                return Ok(self.answer(started, message));
            }
        }
    }

    /// Tells of its loss, if it was lost between the steps.
    fn whole(&mut self) -> Result<(), Trouble> {
        let lost = self.lost.take();
        self.heard(lost.map_or(Ok(()), Err))
    }

    /// Whether a message in the inbox is the one.
    fn is(&self, index: usize, wanted: &Wanted<'_>, passed: &mut PassedOver) -> Result<bool, Trouble> {
        let body = self.inbox.get(index).cloned().unwrap_or_default();
        Ok(wanted.is(&Answer { body, ..Answer::default() }, passed)?)
    }

    fn keep(&mut self, message: Bytes) {
        self.inbox.push_back(message);
        let bytes = |inbox: &VecDeque<Bytes>| inbox.iter().map(Bytes::len).sum::<usize>();
        while self.inbox.len() > MOST_MESSAGES || bytes(&self.inbox) > MOST_BYTES {
            self.inbox.pop_front();
        }
    }

    /// Remembers when the session broke.
    fn heard<T>(&mut self, outcome: Result<T, ProbeError>) -> Result<T, Trouble> {
        self.broken |= outcome.is_err();
        outcome.map_err(Trouble::from)
    }

    fn answer(&mut self, started: Instant, message: Option<Bytes>) -> Answer {
        Answer {
            parts: self.parts(started),
            headers: self.session.headers().clone(),
            body: message.unwrap_or_default(),
            certificate: self.session.certificate().cloned(),
            peer: Some(self.session.peer()),
            reached: Some(self.reached),
            ..Answer::default()
        }
    }

    fn late(&mut self, limit: std::time::Duration, passed: &PassedOver, started: Instant) -> Trouble {
        let peer = self.session.peer();
        let (host, told) = (&self.host, passed.told());
        let which = if told.is_empty() { "no message" } else { "no message that is wanted" };
        let message = format!("{host} ({peer}): {which} within {}{told}", milliseconds(limit));
        Trouble {
            parts: Box::new(self.parts(started)),
            ..Trouble::failed(FailureKind::Timeout, message, Some(peer))
        }
    }

    /// This exchange's parts; the first one has those of connecting too.
    fn parts(&mut self, started: Instant) -> Parts {
        let took = started.elapsed();
        let opening = self.opening.take().unwrap_or_default();
        Parts { wait: Some(took), total: opening.total + took, ..opening }
    }
}

impl Tend for Channel {
    /// Pings are answered, and messages kept for the step that awaits them.
    async fn hear(&mut self) -> Result<(), ProbeError> {
        let message = self.session.next().await?;
        self.keep(message);
        Ok(())
    }

    fn loss(&mut self) -> &mut Option<ProbeError> {
        &mut self.lost
    }

    fn is_over(&self) -> bool {
        self.broken
    }

    async fn close(self) {
        self.session.close().await;
    }
}
