//! One MQTT session: what it hears, and how it is kept alive.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use cutover::{AbortCause, FailureKind};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::codec::{self, Answer, Farewell, Packet, Step};
use super::event::{Event, Message, Qos};
use super::flight::{Flight, Outcome, RECEIVE_MAXIMUM};
use super::limits::Limits;
use super::pending::Pending;
use super::pulse::{Beat, Pulse};
use super::reason;
use super::wire::{Wire, WireError};
use crate::{Certificate, Fault, ProbeError, tcp};

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// One MQTT session over one connection. Dropped without [`close`](Self::close) it is lost, as in the field: the
/// broker then publishes its will.
///
/// All that it needs between two calls is inside it: every method but `open` and `close` may be cancelled at any time
/// and leaves no packet half written or half read.
#[derive(Debug)]
pub struct MqttSession {
    pub(super) wire: Wire,
    pub(super) pulse: Pulse,
    /// Wakes the session for its pulse. Boxed, as it must not be moved.
    pub(super) alarm: Option<Pin<Box<Sleep>>>,
    pub(super) pending: Pending,
    pub(super) flight: Flight,
    /// What the broker has said to the subscription that is open: its id and its code.
    pub(super) granted: Option<(u16, u8)>,
    pub(super) last_id: u16,
    pub(super) resumed: bool,
    /// Whether what is not acknowledged is kept for the next connection.
    pub(super) persistent: bool,
    pub(super) over: bool,
    /// Where the broker takes less than the standard lets it.
    pub(super) limits: Option<Box<Limits>>,
    pub(super) peer: SocketAddr,
    pub(super) host: Arc<str>,
    pub(super) wait: Duration,
    pub(super) transfer: Duration,
}

impl MqttSession {
    /// The peer that is connected.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The certificate that the broker has shown; `None` without TLS. Read from the connection each time: nothing is kept
    /// of it beside.
    pub fn certificate(&self) -> Option<Arc<Certificate>> {
        self.wire.certificate()
    }

    /// Whether the broker still had this client's session (`session present` in CONNACK), with its subscriptions and
    /// what was not acknowledged. Never where a clean one was asked for.
    pub const fn resumed(&self) -> bool {
        self.resumed
    }

    /// Whether the session is to outlive its connection: then what is not acknowledged is [unfinished](Self::unfinished)
    /// at its end.
    pub const fn is_persistent(&self) -> bool {
        self.persistent
    }

    /// Whether it can no longer be used: the connection has ended, the broker does not keep to the protocol, or it owes an
    /// answer. An error after which it is not over was the refusal of one message or of one subscription, or the
    /// caller's own.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether the message that [`publish`](Self::publish) gave this id is neither acknowledged nor refused as yet.
    pub fn awaits(&self, id: u16) -> bool {
        self.flight.has(id)
    }

    /// The client id that the broker has chosen, where it was left to it (MQTT 5, section 3.2.2.3.7).
    pub fn assigned_client_id(&self) -> Option<&str> {
        self.limits.as_ref()?.client_id.as_deref()
    }

    /// The next message or acknowledgement. Acknowledges what has to be, and keeps the session alive meanwhile.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](Fault::Failed) when the peer does not answer a ping within the keep-alive; `Reset` when it
    /// ends the connection; `Protocol` when it sends what is no packet, one that is too large, or one that is out of
    /// place; `Status` when it refuses a message (MQTT 5). Where a broker of MQTT 5 says why it ends the session, that
    /// decides.
    pub async fn next(&mut self) -> Result<Event, ProbeError> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Asks the peer now whether it is still there; the answer is heard by [`next`](Self::next), which gives up without
    /// it. While an answer is still awaited nothing is asked, and that gives `false`: so `true` says that all was heard
    /// that the peer had sent when it was asked last, and not only that nothing came.
    pub fn ask(&mut self) -> bool {
        let ask = !self.pulse.asked();
        if ask {
            codec::ping(self.line());
            self.pulse.pinged(Instant::now());
        }
        ask
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, ProbeError>> {
        loop {
            if let Some(event) = self.pending.pop() {
                return Poll::Ready(Ok(event));
            }
            let until = match self.pulse.beat(Instant::now()) {
                Beat::Rest(until) => until,
                Beat::Ping => {
                    codec::ping(self.line());
                    self.pulse.pinged(Instant::now());
                    continue;
                }
                Beat::GiveUp => {
                    return Poll::Ready(Err(self.late("no answer to a ping within the keep-alive")));
                }
            };
            if let Poll::Ready(heard) = self.poll_heard(cx) {
                match heard? {
                    Some(event) => return Poll::Ready(Ok(event)),
                    None => continue,
                }
            }
            let Some(until) = until else { return Poll::Pending };
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(until)));
            // One that is set too early is left so: to set it anew with each packet costs more than to wake once.
            if alarm.is_elapsed() || alarm.deadline() > until {
                alarm.as_mut().reset(until);
            }
            ready!(alarm.as_mut().poll(cx));
        }
    }

    /// Says farewell, so that the broker does not publish the will, and ends the connection.
    pub async fn close(mut self) {
        codec::disconnect(self.line());
        // Whether the peer hears it is its own affair: the session is over either way.
        drop(timeout(FAREWELL, poll_fn(|cx| self.wire.poll_shutdown(cx))).await);
    }

    /// What was heard; `None` for what concerns the session only.
    pub(super) fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Event>, ProbeError>> {
        let packet = ready!(self.wire.poll_packet(cx)).map_err(|error| self.broken(&error))?;
        self.pulse.heard(Instant::now());
        let event = match packet {
            Packet::Publish(id, message) => self.receive(id, message)?.map(Event::Message),
            Packet::Ack(Step::Rel, id, _) => {
                self.flight.release(id);
                codec::ack(self.line(), Step::Comp, id);
                None
            }
            Packet::Ack(step, id, answer) => self.acknowledged(step, id, &answer)?,
            Packet::SubAck(id, answer) => {
                if !self.flight.subscribed(id) {
                    return Poll::Ready(Err(self.unasked("SUBACK")));
                }
                self.granted = Some((id, answer.code));
                None
            }
            Packet::PingResp => {
                if !self.pulse.answered() {
                    return Poll::Ready(Err(self.unasked("PINGRESP")));
                }
                None
            }
            Packet::Disconnect(farewell) => return Poll::Ready(Err(self.ended(&farewell))),
            Packet::ConnAck(_) => return Poll::Ready(Err(self.unasked("CONNACK"))),
            Packet::Unasked(name) => return Poll::Ready(Err(self.unasked(name))),
        };
        // The acknowledgement goes out now, if it can, and not only when the caller comes back. Where it cannot, what was
        // heard is heard nevertheless, and the next poll says what is wrong.
        drop(self.wire.poll_flush(cx));
        Poll::Ready(Ok(event))
    }

    /// A message, acknowledged as its QoS wants it; `None` when it has come before (QoS 2).
    fn receive(&mut self, id: Option<u16>, message: Message) -> Result<Option<Message>, ProbeError> {
        let Some(id) = id else { return Ok(Some(message)) };
        if message.qos == Qos::AtLeastOnce {
            codec::ack(self.line(), Step::Ack, id);
            return Ok(Some(message));
        }
        let new = self.flight.take(id);
        if self.flight.received() > usize::from(RECEIVE_MAXIMUM) {
            let words = format!("the broker has more than {RECEIVE_MAXIMUM} messages of QoS 2 open");
            return Err(self.failed(FailureKind::Protocol, &words));
        }
        codec::ack(self.line(), Step::Rec, id);
        Ok(new.then_some(message))
    }

    fn acknowledged(&mut self, step: Step, id: u16, answer: &Answer) -> Result<Option<Event>, ProbeError> {
        // A broker that does not know the id of a message whose end we wait for has ended it.
        let refused = answer.code >= 0x80 && step != Step::Comp;
        match self.flight.acknowledged(id, step, refused) {
            Outcome::Done if refused => {
                let code = answer.code;
                let words = reason::reason(code).unwrap_or("a reason that has no meaning");
                let message = format!("the broker refused a message: {code:#04x}, {words}{}", answer.more());
                Err(self.refused(&message))
            }
            Outcome::Done => Ok(Some(Event::Acknowledged(id))),
            Outcome::Release => {
                codec::ack(self.line(), Step::Rel, id);
                Ok(None)
            }
            Outcome::Unknown => {
                let words = format!("the broker acknowledged what was not sent (packet id {id})");
                Err(self.failed(FailureKind::Protocol, &words))
            }
        }
    }

    /// Writes as much as the peer takes at once.
    pub(super) fn poll_once(&mut self, cx: &mut Context<'_>) -> Result<(), ProbeError> {
        match self.wire.poll_flush(cx) {
            Poll::Ready(Err(error)) => Err(self.broken(&error.into())),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// Where a packet is put in line that is sent now.
    pub(super) fn line(&mut self) -> &mut BytesMut {
        self.pulse.sent(Instant::now());
        self.wire.line()
    }

    /// Ids go round; so few are open at once that there is always a free one.
    pub(super) fn next_id(&mut self) -> u16 {
        loop {
            self.last_id = NonZeroU16::new(self.last_id.wrapping_add(1)).map_or(1, NonZeroU16::get);
            if !self.flight.has(self.last_id) {
                return self.last_id;
            }
        }
    }

    fn ended(&mut self, farewell: &Farewell) -> ProbeError {
        let code = farewell.answer.code;
        let words = reason::reason(code).unwrap_or("a reason that has no meaning");
        let message = format!("the broker ended the session: {code:#04x}, {words}{}", farewell.more());
        self.failed(reason::farewell(code), &message)
    }

    fn unasked(&mut self, name: &str) -> ProbeError {
        self.failed(FailureKind::Protocol, &format!("the broker sent a {name} that nobody asked for"))
    }

    pub(super) fn broken(&mut self, error: &WireError) -> ProbeError {
        self.over = true;
        let (fault, words) = match error {
            WireError::Io(error) => tcp::failure(error, self.peer),
            WireError::Garbage(words) => (Fault::Failed(FailureKind::Protocol), words.clone()),
            WireError::Closed => {
                (Fault::Failed(FailureKind::Reset), "the broker closed the connection".to_owned())
            }
        };
        self.error(fault, &words)
    }

    pub(super) fn late(&mut self, words: &str) -> ProbeError {
        self.failed(FailureKind::Timeout, words)
    }

    /// The session has failed.
    pub(super) fn failed(&mut self, kind: FailureKind, words: &str) -> ProbeError {
        self.over = true;
        self.error(Fault::Failed(kind), words)
    }

    /// The broker takes one thing not, and the session goes on.
    pub(super) fn refused(&self, words: &str) -> ProbeError {
        self.error(Fault::Failed(FailureKind::Status), words)
    }

    pub(super) fn misused(&self, words: &str) -> ProbeError {
        self.error(Fault::Aborted(AbortCause::Script), words)
    }

    fn error(&self, fault: Fault, words: &str) -> ProbeError {
        let Self { host, peer, .. } = self;
        ProbeError::new(fault, format!("{host} ({peer}): {words}")).at(*peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_small() {
        assert!(size_of::<MqttSession>() <= 320, "{}", size_of::<MqttSession>());
        assert!(size_of::<super::super::stream::Stream>() <= 40);
        assert_eq!(size_of::<Flight>(), size_of::<usize>());
    }
}
