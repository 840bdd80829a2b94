//! One MQTT session.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use cutover::{AbortCause, FailureKind, Parts};
use rumqttc::mqttbytes::v4::{
    ConnAck, ConnectReturnCode, Packet, PubAck, Publish, Subscribe, SubscribeReasonCode,
};
use rumqttc::mqttbytes::{QoS, valid_filter, valid_topic};
use tokio::time::{Instant, timeout, timeout_at};

use super::event::{Event, Message, Qos};
use super::pulse::{Beat, Pulse};
use super::stream::Stream;
use super::wire::{Wire, WireError};
use super::{MqttOptions, MqttTarget, Unfinished};
use crate::{Fault, ProbeError, Timeouts, Trust, io_fault, tcp};

/// How many messages are kept that come before the answer to a subscription.
const MAX_PENDING: usize = 1024;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// One MQTT session over one connection. Dropped without [`close`](Self::close) it is lost, as in the field: the
/// broker then publishes its will.
///
/// All that it needs between two calls is inside it: every method but `open` and `close` may be cancelled at any time
/// and leaves no packet half written or half read.
#[derive(Debug)]
pub struct MqttSession {
    wire: Wire,
    pulse: Pulse,
    pending: VecDeque<Event>,
    /// What the broker has said to the subscription that is open: its id and whether it was granted.
    granted: Option<(u16, bool)>,
    last_id: u16,
    resumed: bool,
    peer: SocketAddr,
    host: Arc<str>,
    wait: Duration,
    transfer: Duration,
}

impl MqttSession {
    /// Connects to `address` and introduces itself; TLS is checked against the target's host, wherever the address
    /// leads. Gives the parts `connect`, `tls` and `wait` (from CONNECT to CONNACK).
    ///
    /// # Errors
    /// [`Failed(Status)`](Fault::Failed) when the broker refuses (MQTT 3.1.1 section 3.2.2.3); the other kinds as the
    /// connection fails.
    pub async fn open(
        address: SocketAddr,
        target: &MqttTarget,
        options: &MqttOptions,
        trust: &Trust,
        timeouts: &Timeouts,
    ) -> Result<(Self, Parts), ProbeError> {
        let started = Instant::now();
        let mut parts = Parts::default();
        let opened = Self::try_open(address, target, options, trust, timeouts, &mut parts).await;
        parts.total = started.elapsed();
        match opened {
            Ok(session) => Ok((session, parts)),
            Err(error) => Err(error.at(address).after(parts)),
        }
    }

    async fn try_open(
        address: SocketAddr,
        target: &MqttTarget,
        options: &MqttOptions,
        trust: &Trust,
        timeouts: &Timeouts,
        parts: &mut Parts,
    ) -> Result<Self, ProbeError> {
        if let Some(field) = options.too_long() {
            let message = format!("the {field} is longer than the 65535 bytes that MQTT has room for");
            return Err(ProbeError::new(Fault::Aborted(AbortCause::Script), message));
        }
        let plain = tcp::dial(&target.host, address, options.source, timeouts, parts).await?;
        let stream = if target.tls {
            let secure = tcp::secure(&target.host, plain, address, trust.config(), timeouts, parts).await?;
            Stream::Tls(Box::new(secure))
        } else {
            Stream::Plain(plain)
        };
        let mut session = Self {
            wire: Wire::new(stream, options.max_packet),
            pulse: Pulse::new(options.keep_alive, Instant::now()),
            pending: VecDeque::new(),
            granted: None,
            last_id: 0,
            resumed: false,
            peer: address,
            host: Arc::clone(&target.host),
            wait: timeouts.wait,
            transfer: timeouts.transfer,
        };
        let asked = Instant::now();
        session.enqueue(&Packet::Connect(options.connect()))?;
        let answer = timeout(timeouts.wait, poll_fn(|cx| session.wire.poll_packet(cx))).await;
        let answer = answer
            .map_err(|_| session.late(&format!("no CONNACK within {:?}", timeouts.wait)))?
            .map_err(|error| session.broken(&error))?;
        let Packet::ConnAck(ConnAck { code, session_present }) = answer else {
            return Err(
                session.failed(FailureKind::Protocol, "the broker answered CONNECT with another packet")
            );
        };
        if let Some(refusal) = refusal(code) {
            return Err(
                session.failed(FailureKind::Status, &format!("the broker refused the session: {refusal}"))
            );
        }
        session.resumed = session_present && !options.clean_session;
        parts.wait = Some(asked.elapsed());
        Ok(session)
    }

    /// The peer that is connected.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Whether the broker still had this client's session (`session present` in CONNACK), with its subscriptions and
    /// what was not acknowledged. Never with a clean one.
    pub const fn resumed(&self) -> bool {
        self.resumed
    }

    /// Takes out what the broker has not acknowledged, for [`resume`](Self::resume) on the client's next session. Empty
    /// for a clean session.
    pub fn unfinished(&mut self) -> Unfinished {
        Unfinished::default()
    }

    /// Goes on with what the client's last session left: sends each message again, in its order and under its id,
    /// marked as repeated (DUP) where the broker [resumed](Self::resumed) the session, and as new where it did not.
    /// Each is [acknowledged](Event::Acknowledged) under the same id as it would have been. Belongs before the first
    /// publish.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when the peer takes nothing for the transfer timeout.
    pub async fn resume(&mut self, unfinished: Unfinished) -> Result<(), ProbeError> {
        drop(unfinished);
        self.flush().await
    }

    /// Subscribes to `filter` and waits for the broker's answer. Messages that come before it are given by
    /// [`next`](Self::next) afterwards.
    ///
    /// # Errors
    /// [`Failed(Status)`](Fault::Failed) when the broker refuses the subscription (0x80, section 3.9.3).
    pub async fn subscribe(&mut self, filter: &str, qos: Qos) -> Result<(), ProbeError> {
        if !valid_filter(filter) || filter.len() > usize::from(u16::MAX) {
            return Err(self.misused(&format!("`{filter}` is no topic filter")));
        }
        let id = self.next_id();
        let mut subscribe = Subscribe::new(filter, qos.into());
        subscribe.pkid = id;
        self.enqueue(&Packet::Subscribe(subscribe))?;
        self.granted = None;
        let asked = Instant::now();
        loop {
            if let Some((answered, granted)) = self.granted.take()
                && answered == id
            {
                return if granted {
                    Ok(())
                } else {
                    let message = format!("the broker refused the subscription to `{filter}` (SUBACK 0x80)");
                    Err(self.failed(FailureKind::Status, &message))
                };
            }
            // Looked at each time: a timeout by itself says nothing while there is always another packet.
            let late = || {
                let limit = self.wait;
                self.late(&format!("no answer to the subscription to `{filter}` within {limit:?}"))
            };
            let left = self.wait.checked_sub(asked.elapsed()).ok_or_else(late)?;
            let Ok(heard) = timeout(left, poll_fn(|cx| self.poll_heard(cx))).await else { continue };
            if let Some(event) = heard? {
                if self.pending.len() >= MAX_PENDING {
                    let message = "the broker sent too many messages before it answered the subscription";
                    return Err(self.failed(FailureKind::Protocol, message));
                }
                self.pending.push_back(event);
            }
        }
    }

    /// Sends a message; for QoS 1 gives the id with which its [`Acknowledged`](Event::Acknowledged) will come.
    ///
    /// Waits only while earlier packets are still in line. Cancelled, nothing was sent; once it has returned, the rest
    /// of the packet goes out with [`next`](Self::next), if the peer was too slow to take it at once.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when the peer takes nothing for the transfer timeout.
    pub async fn publish(
        &mut self,
        topic: &str,
        payload: Bytes,
        qos: Qos,
        retain: bool,
    ) -> Result<Option<u16>, ProbeError> {
        if topic.is_empty() || !valid_topic(topic) || topic.len() > usize::from(u16::MAX) {
            return Err(self.misused(&format!("`{topic}` is no topic to publish on")));
        }
        self.flush().await?;
        let mut publish = Publish::from_bytes(topic, qos.into(), payload);
        publish.retain = retain;
        if qos != Qos::AtMostOnce {
            publish.pkid = self.next_id();
        }
        let id = (publish.pkid != 0).then_some(publish.pkid);
        self.enqueue(&Packet::Publish(publish))?;
        // No waiting from here on: either nothing is in line, or all of it with its id in the caller's hands.
        poll_fn(|cx| Poll::Ready(self.poll_once(cx))).await?;
        Ok(id)
    }

    /// The next message or acknowledgement. Acknowledges what has to be, and keeps the session alive meanwhile.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when the peer does not answer a ping within the keep-alive; `Reset` when it
    /// ends the connection; `Protocol` when it sends what is no packet, or one that is too large.
    pub async fn next(&mut self) -> Result<Event, ProbeError> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                if self.pending.is_empty() {
                    self.pending = VecDeque::new();
                }
                return Ok(event);
            }
            let until = match self.pulse.beat(Instant::now()) {
                Beat::Rest(until) => until,
                Beat::Ping => {
                    self.enqueue(&Packet::PingReq)?;
                    self.pulse.pinged(Instant::now());
                    continue;
                }
                Beat::GiveUp => return Err(self.late("no answer to a ping within the keep-alive")),
            };
            let heard = poll_fn(|cx| self.poll_heard(cx));
            let heard = match until {
                Some(until) => timeout_at(until, heard).await,
                None => Ok(heard.await),
            };
            if let Ok(heard) = heard
                && let Some(event) = heard?
            {
                return Ok(event);
            }
        }
    }

    /// Says farewell, so that the broker does not publish the will, and ends the connection.
    pub async fn close(mut self) {
        if self.enqueue(&Packet::Disconnect).is_ok() {
            // Whether the peer hears it is its own affair: the session is over either way.
            drop(timeout(FAREWELL, poll_fn(|cx| self.wire.poll_shutdown(cx))).await);
        }
    }

    /// What was heard; `None` for what concerns the session only.
    fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Event>, ProbeError>> {
        let packet = ready!(self.wire.poll_packet(cx)).map_err(|error| self.broken(&error))?;
        self.pulse.heard(Instant::now());
        let event = match packet {
            Packet::Publish(publish) => Some(Event::Message(self.receive(publish)?)),
            Packet::PubAck(PubAck { pkid }) => Some(Event::Acknowledged(pkid)),
            Packet::SubAck(answer) => {
                let refused = answer.return_codes.contains(&SubscribeReasonCode::Failure);
                self.granted = Some((answer.pkid, !refused));
                None
            }
            Packet::PingResp => {
                self.pulse.answered();
                None
            }
            other => {
                let message = format!("the broker sent a packet that nobody asked for: {other:?}");
                return Poll::Ready(Err(self.failed(FailureKind::Protocol, &message)));
            }
        };
        // The acknowledgement goes out now, if it can, and not only when the caller comes back.
        Poll::Ready(self.poll_once(cx).map(|()| event))
    }

    fn receive(&mut self, publish: Publish) -> Result<Message, ProbeError> {
        let qos = match publish.qos {
            QoS::AtMostOnce => Qos::AtMostOnce,
            QoS::AtLeastOnce => {
                self.enqueue(&Packet::PubAck(PubAck::new(publish.pkid)))?;
                Qos::AtLeastOnce
            }
            QoS::ExactlyOnce => {
                return Err(self
                    .failed(FailureKind::Protocol, "the broker sent QoS 2, which was never granted to it"));
            }
        };
        let Publish { topic, payload, retain, dup, .. } = publish;
        Ok(Message { topic, payload, retain, dup, qos })
    }

    async fn flush(&mut self) -> Result<(), ProbeError> {
        let limit = self.transfer;
        let flushed = timeout(limit, poll_fn(|cx| self.wire.poll_flush(cx))).await;
        flushed
            .map_err(|_| self.late(&format!("the peer has taken nothing for {limit:?}")))?
            .map_err(|error| self.broken(&error.into()))
    }

    /// Writes as much as the peer takes at once.
    fn poll_once(&mut self, cx: &mut Context<'_>) -> Result<(), ProbeError> {
        match self.wire.poll_flush(cx) {
            Poll::Ready(Err(error)) => Err(self.broken(&error.into())),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    fn enqueue(&mut self, packet: &Packet) -> Result<(), ProbeError> {
        self.pulse.sent(Instant::now());
        self.wire.enqueue(packet).map_err(|error| self.misused(&error.to_string()))
    }

    /// Ids go round: the one used 65535 packets ago is free again, for so many are never open at once.
    fn next_id(&mut self) -> u16 {
        self.last_id = NonZeroU16::new(self.last_id.wrapping_add(1)).map_or(1, NonZeroU16::get);
        self.last_id
    }

    fn broken(&self, error: &WireError) -> ProbeError {
        let (fault, words) = match error {
            WireError::Io(error) => io_fault::classify(error, Some(self.peer)),
            WireError::Garbage(words) => (Fault::Failed(FailureKind::Protocol), words.clone()),
            WireError::Closed => {
                (Fault::Failed(FailureKind::Reset), "the broker closed the connection".to_owned())
            }
        };
        self.error(fault, &words)
    }

    fn late(&self, words: &str) -> ProbeError {
        self.failed(FailureKind::Timeout, words)
    }

    fn failed(&self, kind: FailureKind, words: &str) -> ProbeError {
        self.error(Fault::Failed(kind), words)
    }

    fn misused(&self, words: &str) -> ProbeError {
        self.error(Fault::Aborted(AbortCause::Script), words)
    }

    fn error(&self, fault: Fault, words: &str) -> ProbeError {
        let Self { host, peer, .. } = self;
        ProbeError::new(fault, format!("{host} ({peer}): {words}")).at(*peer)
    }
}

/// The meaning of a CONNACK's code (MQTT 3.1.1 table 3.1).
const fn refusal(code: ConnectReturnCode) -> Option<&'static str> {
    match code {
        ConnectReturnCode::Success => None,
        ConnectReturnCode::RefusedProtocolVersion => Some("1, it does not speak MQTT 3.1.1"),
        ConnectReturnCode::BadClientId => Some("2, the client id is not allowed"),
        ConnectReturnCode::ServiceUnavailable => Some("3, it is not available"),
        ConnectReturnCode::BadUserNamePassword => Some("4, wrong user name or password"),
        ConnectReturnCode::NotAuthorized => Some("5, not authorized"),
    }
}
