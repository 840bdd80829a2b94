//! How a session sends messages, and sends them again.

use std::future::poll_fn;
use std::task::Poll;

use bytes::Bytes;
use tokio::time::{Instant, timeout};

use super::codec::{self, Publication, Step};
use super::flight::{Awaits, Letter, RECEIVE_MAXIMUM, State};
use super::{Event, MqttSession, Qos, Unfinished, topic};
use crate::ProbeError;

impl MqttSession {
    /// Sends a message; for QoS 1 and 2 gives the id with which its [`Acknowledged`](Event::Acknowledged) will come.
    ///
    /// Waits only while earlier packets are still in line, or while as many messages are open as the broker takes at
    /// once. Cancelled, nothing was sent; once it has returned, the rest of the packet goes out with
    /// [`next`](Self::next), if the peer was too slow to take it at once.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](crate::Fault::Failed) when the peer takes nothing, or acknowledges nothing, for the transfer
    /// timeout; `Failed(Status)` when the message is not of a kind that the broker has said to take (MQTT 5, section
    /// 3.2.2.3).
    pub async fn publish(
        &mut self,
        topic: &str,
        payload: Bytes,
        qos: Qos,
        retain: bool,
    ) -> Result<Option<u16>, ProbeError> {
        if !topic::is_topic(topic) {
            return Err(self.misused(&format!("`{topic}` is no topic to publish on")));
        }
        let (version, id) = (self.wire.version(), 0);
        let mut message = Publication { topic, payload: &payload, qos, retain, dup: false, id };
        self.acceptable(&message)?;
        if qos != Qos::AtMostOnce {
            self.room().await?;
        }
        self.flush().await?;
        // No waiting from here on: either nothing is in line, or all of it with its id in the caller's hands.
        let awaits = match qos {
            Qos::AtMostOnce => None,
            Qos::AtLeastOnce => Some(Awaits::PubAck),
            Qos::ExactlyOnce => Some(Awaits::PubRec),
        };
        if awaits.is_some() {
            message.id = self.next_id();
        }
        codec::publish(self.line(), version, &message);
        let id = message.id;
        if let Some(awaits) = awaits {
            let letter = self.persistent.then(|| Letter { topic: topic.into(), payload, retain });
            self.flight.send(id, awaits, letter);
        }
        poll_fn(|cx| Poll::Ready(self.poll_once(cx))).await?;
        Ok(awaits.map(|_| id))
    }

    /// Takes out what is not settled with the broker, for [`resume`](Self::resume) on the client's next session: this
    /// one is over. Empty for a session that does not outlive its connection.
    pub fn unfinished(&mut self) -> Unfinished {
        if self.persistent { Unfinished(self.flight.leave()) } else { Unfinished::default() }
    }

    /// Goes on with what the client's last session left: sends each message again, in its order and under its id,
    /// marked as repeated (DUP) where the broker [resumed](Self::resumed) the session, and as new where it did not.
    /// Each is [acknowledged](Event::Acknowledged) under the same id as it would have been; at once where the broker
    /// had taken it over already (PUBREC) and has forgotten the session since. Belongs before all else on a session.
    ///
    /// Cancelled or failed, what was not sent is [unfinished](Self::unfinished) still; nothing is lost.
    ///
    /// # Errors
    /// [`Failed(Timeout)`](crate::Fault::Failed) when the peer takes or acknowledges nothing for the transfer timeout.
    pub async fn resume(&mut self, unfinished: Unfinished) -> Result<(), ProbeError> {
        for id in self.flight.adopt(unfinished.0, self.resumed) {
            self.keep(Event::Acknowledged(id))?;
        }
        while self.flight.unsent().is_some() {
            self.room().await?;
            self.flush().await?;
            self.send_again();
        }
        poll_fn(|cx| Poll::Ready(self.poll_once(cx))).await
    }

    /// Sends the next of what is still to be sent.
    fn send_again(&mut self) {
        let version = self.wire.version();
        let Some(sent) = self.flight.unsent() else { return };
        match sent.publication() {
            Some(message) => codec::publish(self.wire.line(), version, &message),
            None => codec::ack(self.wire.line(), Step::Rel, sent.id),
        }
        sent.state = State::Sent;
        self.pulse.sent(Instant::now());
    }

    /// That the broker takes such a message.
    fn acceptable(&self, message: &Publication<'_>) -> Result<(), ProbeError> {
        let Some(size) = message.size(self.wire.version()) else {
            return Err(self.misused("the message is larger than MQTT has room for"));
        };
        let Some(limits) = &self.limits else { return Ok(()) };
        let words = if message.qos > limits.qos {
            format!("the broker takes QoS {} at most", limits.qos.bits())
        } else if message.retain && !limits.retain {
            "the broker does not keep messages (retain)".to_owned()
        } else if size > usize::try_from(limits.packet).unwrap_or(usize::MAX) {
            format!("the broker takes packets of {} bytes, and this one has {size}", limits.packet)
        } else {
            return Ok(());
        };
        Err(self.refused(&words))
    }

    /// Waits until another message may be open. What comes meanwhile is kept.
    async fn room(&mut self) -> Result<(), ProbeError> {
        let most = self.limits.as_ref().map_or(RECEIVE_MAXIMUM, |limits| limits.receive_maximum);
        let most = usize::from(most.min(RECEIVE_MAXIMUM));
        let asked = Instant::now();
        while self.flight.messages() >= most {
            let limit = self.transfer;
            let Some(left) = limit.checked_sub(asked.elapsed()) else {
                let words = format!("{most} messages are open, and none was acknowledged within {limit:?}");
                return Err(self.late(&words));
            };
            let Ok(heard) = timeout(left, poll_fn(|cx| self.poll_heard(cx))).await else { continue };
            if let Some(event) = heard? {
                self.keep(event)?;
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ProbeError> {
        let limit = self.transfer;
        let flushed = timeout(limit, poll_fn(|cx| self.wire.poll_flush(cx))).await;
        flushed
            .map_err(|_| self.late(&format!("the peer has taken nothing for {limit:?}")))?
            .map_err(|error| self.broken(&error.into()))
    }
}
