//! One MQTT session of a run.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::{Answered, FailureKind, Parts, Reached, Route};
use probes::mqtt::{Event, Message, Qos};
use probes::{Certificate, Fault, MqttOptions, MqttSession, MqttTarget, MqttVersion, ProbeError, Timeouts};
use tokio::time::{Instant, timeout_at};

use super::dial::{Opening, dial};
use super::tended::Tend;
use crate::action::{PassedOver, Trouble, Wanted};
use crate::answer::{Answer, milliseconds};
use crate::marker::Markers;
use crate::run::RunContext;

/// With whom, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) route: Route,
    pub(crate) target: MqttTarget,
    pub(crate) credentials: Option<(String, String)>,
    pub(crate) client_id: Option<String>,
    pub(crate) version: MqttVersion,
}

/// A session, and what was learned when it was opened.
#[derive(Debug)]
pub(crate) struct Link {
    host: Arc<str>,
    certificate: Option<Arc<Certificate>>,
    session: MqttSession,
    filters: Vec<(String, Qos)>,
    inbox: VecDeque<Message>,
    /// The parts of connecting, until the first exchange has taken them for its own.
    opening: Option<Parts>,
    markers: Arc<Markers>,
    asked: Duration,
    reached: Reached,
    answered: Answered,
    lost: Option<ProbeError>,
    broken: bool,
}

/// Messages that nobody awaits yet; more push out the oldest.
const MOST_MESSAGES: usize = 256;

impl Link {
    /// Connects, and asks who is there, waiting for the answer to that for `marker_wait` at most.
    pub(crate) async fn open(
        world: &RunContext,
        address: &Address,
        client_id: String,
        timeouts: Timeouts,
        marker_wait: Duration,
    ) -> Result<Self, Trouble> {
        let aim = world.aims.get(address.route);
        let mut options = MqttOptions::new(address.client_id.clone().unwrap_or(client_id));
        options.credentials.clone_from(&address.credentials);
        options.version = address.version;
        let target = &address.target;
        let open = |peer| -> Opening<'_, _> {
            Box::pin(MqttSession::open(peer, target, &options, &world.trust, &timeouts))
        };
        // Taken before our own question: whether and when it is answered is no business of the step's.
        let (session, parts) = dial(aim, &target.host, target.port, &timeouts, open).await?;
        let mut link = Self {
            reached: aim.side_of(session.peer()),
            host: target.host.clone(),
            certificate: session.certificate(),
            session,
            filters: Vec::new(),
            inbox: VecDeque::new(),
            opening: Some(parts),
            markers: world.markers.clone(),
            asked: Duration::ZERO,
            answered: Answered::Unmarked,
            lost: None,
            broken: false,
        };
        let asking = Instant::now();
        link.ask_who(marker_wait).await?;
        link.asked = asking.elapsed();
        Ok(link)
    }

    /// How long our own question took, who is there.
    pub(crate) const fn asked(&self) -> Duration {
        self.asked
    }

    /// Whether nobody has said as yet who is there.
    pub(crate) fn is_unmarked(&self) -> bool {
        self.answered == Answered::Unmarked
    }

    /// Publishes, and waits for the acknowledgement where there is to be one.
    pub(crate) async fn publish(
        &mut self,
        topic: &str,
        payload: Bytes,
        qos: Qos,
        retain: bool,
        wait: Duration,
    ) -> Result<Answer, Trouble> {
        let started = Instant::now();
        self.whole()?;
        let sent = self.session.publish(topic, payload, qos, retain).await;
        let Some(id) = self.heard(sent)? else { return Ok(self.answer(started, None)) };
        loop {
            match self.next(started + wait).await? {
                Some(Event::Acknowledged(acknowledged)) if acknowledged == id => {
                    return Ok(self.answer(started, None));
                }
                Some(event) => self.keep(event),
                None => {
                    let words = format!("the message on `{topic}` was not acknowledged");
                    return Err(self.late(&words, wait, "", started));
                }
            }
        }
    }

    /// Waits for a message that matches `filter` and is wanted; one that came before, and that nobody took, is taken
    /// first.
    pub(crate) async fn await_message(
        &mut self,
        filter: &str,
        qos: Qos,
        wanted: &Wanted<'_>,
        wait: Duration,
    ) -> Result<Answer, Trouble> {
        let started = Instant::now();
        if !self.filters.iter().any(|(known, with)| (known.as_str(), *with) == (filter, qos)) {
            self.whole()?;
            let subscribed = self.session.subscribe(filter, qos).await;
            self.heard(subscribed)?;
            // A second subscription to a filter takes the place of the first (section 3.8.4).
            self.filters.retain(|(known, _)| known != filter);
            self.filters.push((filter.to_owned(), qos));
        }
        let mut passed = PassedOver::default();
        for index in 0..self.inbox.len() {
            if self.is(index, filter, wanted, &mut passed)? {
                let message = self.inbox.remove(index);
                return Ok(self.answer(started, message));
            }
        }
        self.whole()?;
        loop {
            let Some(event) = self.next(started + wait).await? else {
                let told = passed.told();
                let which = if told.is_empty() { "" } else { " that is wanted" };
                return Err(self.late(&format!("no message on `{filter}`{which}"), wait, &told, started));
            };
            let message = matches!(event, Event::Message(_));
            self.keep(event);
            let last = self.inbox.len().saturating_sub(1);
            if message && self.is(last, filter, wanted, &mut passed)? {
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

    /// Subscribes to the topics of the markers: the broker's retained message says which side's it is.
    async fn ask_who(&mut self, wait: Duration) -> Result<(), Trouble> {
        let markers = self.markers.clone();
        let mut asked = false;
        for topic in markers.topics() {
            let subscribed = self.session.subscribe(topic, Qos::AtMostOnce).await;
            match self.heard(subscribed) {
                Ok(()) => asked = true,
                // A broker that lets nobody read its marker has none for us.
                Err(_) if !self.broken => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let deadline = Instant::now() + wait;
        while asked && self.is_unmarked() {
            match self.next(deadline).await? {
                Some(Event::Message(message)) => self.recognise(&message),
                Some(_) => {}
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Learns from a retained message who is there, unless that is known.
    fn recognise(&mut self, message: &Message) {
        if self.is_unmarked() {
            self.answered = self.markers.of_retained(&message.topic, &message.payload);
        }
    }

    /// The next event; `None` when the deadline came first.
    async fn next(&mut self, deadline: Instant) -> Result<Option<Event>, Trouble> {
        match timeout_at(deadline, self.session.next()).await {
            // Looked at each time: a timeout by itself says nothing while there is always another message.
            Ok(event) if event.is_err() || Instant::now() <= deadline => self.heard(event).map(Some),
            _ => Ok(None),
        }
    }

    /// Remembers when the session broke.
    fn heard<T>(&mut self, outcome: Result<T, ProbeError>) -> Result<T, Trouble> {
        outcome.map_err(|error| {
            // A subscription that is refused, and a topic that is none, leave the session whole.
            self.broken = !matches!(error.fault, Fault::Failed(FailureKind::Status) | Fault::Aborted(_));
            error.into()
        })
    }

    /// Whether a message in the inbox is the one.
    fn is(
        &self,
        index: usize,
        filter: &str,
        wanted: &Wanted<'_>,
        passed: &mut PassedOver,
    ) -> Result<bool, Trouble> {
        let Some(message) = self.inbox.get(index) else { return Ok(false) };
        if !rumqttc::matches(&message.topic, filter) {
            return Ok(false);
        }
        let (topic, body) = (Some(message.topic.clone()), message.payload.clone());
        Ok(wanted.is(&Answer { topic, body, ..Answer::default() }, passed)?)
    }

    fn keep(&mut self, event: Event) {
        if let Event::Message(message) = event {
            // The marker may come after its wait is over.
            self.recognise(&message);
            if self.inbox.len() >= MOST_MESSAGES {
                self.inbox.pop_front();
            }
            self.inbox.push_back(message);
        }
    }

    fn answer(&mut self, started: Instant, message: Option<Message>) -> Answer {
        let mut answer = Answer {
            parts: self.parts(started),
            certificate: self.certificate.clone(),
            peer: Some(self.session.peer()),
            reached: Some(self.reached),
            answered: Some(self.answered),
            ..Answer::default()
        };
        if let Some(message) = message {
            answer.topic = Some(message.topic);
            answer.body = message.payload;
        }
        answer
    }

    fn late(&mut self, words: &str, wait: Duration, more: &str, started: Instant) -> Trouble {
        let peer = self.session.peer();
        let host = &self.host;
        let message = format!("{host} ({peer}): {words} within {}{more}", milliseconds(wait));
        Trouble {
            parts: Box::new(self.parts(started)),
            ..Trouble::failed(FailureKind::Timeout, message, Some(peer))
        }
    }

    /// This exchange's parts; the first one on a session has those of connecting too.
    fn parts(&mut self, started: Instant) -> Parts {
        let took = started.elapsed();
        let opening = self.opening.take().unwrap_or_default();
        Parts { wait: Some(took), total: opening.total + took, ..opening }
    }
}

impl Tend for Link {
    /// The broker is told that we are there, and messages are kept for the step that awaits them.
    async fn hear(&mut self) -> Result<(), ProbeError> {
        let event = self.session.next().await?;
        self.keep(event);
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
