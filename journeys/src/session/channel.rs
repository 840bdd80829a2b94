//! One WebSocket of a run.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use cutover::Route;
use http::HeaderMap;
use probes::{ProbeError, Timeouts, WebSocketSession, WebSocketTarget};
use tokio::time::{Instant, timeout_at};

use super::Call;
use super::contact::Contact;
use super::dial::{Opening, aim, dial};
use super::inbox::Inbox;
use super::tended::Tend;
use crate::action::{PassedOver, Trouble, Wanted};
use crate::answer::Answer;
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
    contact: Contact,
    session: WebSocketSession,
    inbox: Inbox<Bytes>,
}

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
        let contact = Contact::new(&target.host, session.peer(), aim.side_of(session.peer()), opening);
        Ok(Self { contact, session, inbox: Inbox::new() })
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
            self.contact.whole()?;
            // Until it is over, for it may be cancelled.
            self.contact.broken = true;
            self.session.send(text, call.timeouts.transfer).await?;
            self.contact.broken = false;
        }
        let Some(wanted) = wanted else { return Ok(self.answer(started, Bytes::new())) };
        let asked = Instant::now();
        let limit = call.timeouts.wait;
        let mut passed = PassedOver::default();
        let mut is =
            |message: &Bytes| wanted.is(&Answer { body: message.clone(), ..Answer::default() }, &mut passed);
        if let Some(message) = self.inbox.take(&mut is)? {
            return Ok(self.answer(started, message));
        }
        self.contact.whole()?;
        loop {
            let next = timeout_at(asked + limit, self.session.next()).await;
            // Looked at each time: a timeout by itself says nothing while there is always another message.
            let Some(next) = next.ok().filter(|_| asked.elapsed() < limit) else {
                return Err(self.late(limit, &passed, started));
            };
            let message = next.inspect_err(|_| self.contact.broken = true)?;
            if is(&message)? {
                return Ok(self.answer(started, message));
            }
            self.keep(message);
        }
    }

    fn keep(&mut self, message: Bytes) {
        let length = message.len();
        self.inbox.keep(message, length);
    }

    fn answer(&mut self, started: Instant, body: Bytes) -> Answer {
        Answer {
            headers: self.session.headers().clone(),
            body,
            certificate: self.session.certificate().cloned(),
            ..self.contact.answer(started)
        }
    }

    fn late(&mut self, limit: Duration, passed: &PassedOver, started: Instant) -> Trouble {
        let (told, dropped) = (passed.told(), self.inbox.told());
        let which = if told.is_empty() { "no message" } else { "no message that is wanted" };
        self.contact.late(which, limit, &format!("{told}{dropped}"), started)
    }
}

impl Tend for Channel {
    /// Pings are answered, and messages kept for the step that awaits them.
    async fn hear(&mut self) -> Result<(), ProbeError> {
        let message = self.session.next().await?;
        self.keep(message);
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.inbox.has_room()
    }

    fn loss(&mut self) -> &mut Option<ProbeError> {
        &mut self.contact.lost
    }

    fn is_over(&self) -> bool {
        self.contact.broken
    }

    async fn close(self) {
        self.session.close().await;
    }
}
