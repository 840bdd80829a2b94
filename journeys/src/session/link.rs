//! One MQTT session of a run.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::{Answered, Route};
use probes::mqtt::{Event, Message, Qos};
use probes::{Certificate, MqttOptions, MqttSession, MqttTarget, MqttVersion, ProbeError, Timeouts};
use tokio::time::{Instant, timeout_at};

use super::contact::Contact;
use super::dial::{Opening, dial};
use super::inbox::Inbox;
use super::tended::Tend;
use crate::action::{PassedOver, Trouble, Wanted};
use crate::answer::Answer;
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
    contact: Contact,
    certificate: Option<Arc<Certificate>>,
    session: MqttSession,
    filters: Vec<(String, Qos)>,
    inbox: Inbox<Message>,
    markers: Arc<Markers>,
    asked: Duration,
    answered: Answered,
}

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
            contact: Contact::new(&target.host, session.peer(), aim.side_of(session.peer()), parts),
            certificate: session.certificate(),
            session,
            filters: Vec::new(),
            inbox: Inbox::new(),
            markers: world.markers.clone(),
            asked: Duration::ZERO,
            answered: Answered::Unmarked,
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
        self.contact.whole()?;
        let sent = self.session.publish(topic, payload, qos, retain).await;
        let Some(id) = self.heard(sent)? else { return Ok(self.answer(started, None)) };
        loop {
            match self.next(started + wait, Some(id)).await? {
                Some(Event::Acknowledged(acknowledged)) if acknowledged == id => {
                    return Ok(self.answer(started, None));
                }
                Some(event) => self.keep(event),
                None => {
                    let words = format!("the message on `{topic}` was not acknowledged");
                    return Err(self.contact.late(&words, wait, "", started));
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
            self.contact.whole()?;
            let subscribed = self.session.subscribe(filter, qos).await;
            self.heard(subscribed)?;
            // A second subscription to a filter takes the place of the first (section 3.8.4).
            self.filters.retain(|(known, _)| known != filter);
            self.filters.push((filter.to_owned(), qos));
        }
        let mut passed = PassedOver::default();
        let mut is = |message: &Message| {
            if !rumqttc::matches(&message.topic, filter) {
                return Ok(false);
            }
            let (topic, body) = (Some(message.topic.clone()), message.payload.clone());
            wanted.is(&Answer { topic, body, ..Answer::default() }, &mut passed)
        };
        if let Some(message) = self.inbox.take(&mut is)? {
            return Ok(self.answer(started, Some(message)));
        }
        self.contact.whole()?;
        loop {
            let Some(event) = self.next(started + wait, None).await? else {
                let (told, dropped) = (passed.told(), self.inbox.told());
                let which = if told.is_empty() { "" } else { " that is wanted" };
                let words = format!("no message on `{filter}`{which}");
                return Err(self.contact.late(&words, wait, &format!("{told}{dropped}"), started));
            };
            match event {
                Event::Message(message) if is(&message)? => {
                    self.recognise(&message);
                    return Ok(self.answer(started, Some(message)));
                }
                event => self.keep(event),
            }
        }
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
                Err(_) if !self.contact.broken => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let deadline = Instant::now() + wait;
        while asked && self.is_unmarked() {
            match self.next(deadline, None).await? {
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
    async fn next(&mut self, deadline: Instant, own: Option<u16>) -> Result<Option<Event>, Trouble> {
        match timeout_at(deadline, self.event(own)).await {
            // Looked at each time: a timeout by itself says nothing while there is always another message.
            Ok(event) if event.is_err() || Instant::now() <= deadline => self.heard(event).map(Some),
            _ => Ok(None),
        }
    }

    /// The next event. Of refusals only that of the message `own` counts: that of one for which its step no longer waits
    /// is no loss, and nobody else's affair.
    async fn event(&mut self, own: Option<u16>) -> Result<Event, ProbeError> {
        loop {
            match self.session.next().await {
                Err(_) if !self.session.is_over() && own.is_none_or(|id| self.session.awaits(id)) => {}
                event => return event,
            }
        }
    }

    /// Remembers when the session broke: what is refused, and a topic that is none, leave it whole.
    fn heard<T>(&mut self, outcome: Result<T, ProbeError>) -> Result<T, Trouble> {
        outcome.map_err(|error| {
            self.contact.broken = self.session.is_over();
            error.into()
        })
    }

    fn keep(&mut self, event: Event) {
        if let Event::Message(message) = event {
            // The marker may come after its wait is over.
            self.recognise(&message);
            let length = message.topic.len() + message.payload.len();
            self.inbox.keep(message, length);
        }
    }

    fn answer(&mut self, started: Instant, message: Option<Message>) -> Answer {
        let (topic, body) = message.map(|message| (message.topic, message.payload)).unzip();
        Answer {
            topic,
            body: body.unwrap_or_default(),
            certificate: self.certificate.clone(),
            answered: Some(self.answered),
            ..self.contact.answer(started)
        }
    }
}

impl Tend for Link {
    /// The broker is told that we are there, and messages are kept for the step that awaits them.
    async fn hear(&mut self) -> Result<(), ProbeError> {
        let event = self.event(None).await?;
        self.keep(event);
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
