use std::collections::VecDeque;
use std::future::pending;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{
    ConnAck, ConnectReturnCode, Packet, PubAck, Publish, SubAck, Subscribe, SubscribeFilter,
    SubscribeReasonCode, UnsubAck, Unsubscribe,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::ended::Ended;
use super::frames::Frames;
use super::handle::{Inbound, Shared};
use super::handshake::{Hello, hello};
use super::message::{Delivery, Message, lower};
use super::registry::{Farewell, Place};
use super::topics;

/// How many `QoS` 1 messages may be unacknowledged by one subscriber; the next one waits in its queue.
const MAX_IN_FLIGHT: usize = 32;
/// How many retained messages may wait for one client, beside its queue, when it subscribes once more.
const MAX_REPLAY: usize = 50_000;

/// Serves one connection until it ends. Ok when the client said DISCONNECT.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Shared,
    stream: S,
    cut: &CancellationToken,
) -> Result<(), Ended> {
    let mut frames = Frames::new(stream);
    let Hello { client_id, patience, will } = hello(&mut frames, &*shared.accounts).await?;
    let place = shared.registry().join(client_id.clone(), will, cut);
    let seat = Seat { shared, place, farewell: Farewell::Lost };
    frames.put(&Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, false)))?;

    let now = Instant::now();
    let drop_at = seat.place.drop_after.map(|after| now + after);
    let kicked = seat.place.kicked.clone();
    let mut session = Session {
        seat,
        frames,
        client_id,
        patience,
        heard: now,
        drop_at,
        replay: VecDeque::new(),
        unacknowledged: Vec::new(),
        last_id: 0,
    };
    kicked.run_until_cancelled(pin!(session.serve())).await.unwrap_or(Err(Ended::Cut))
}

/// A registered connection; leaves the registry when dropped, however it ends.
struct Seat<'a> {
    shared: &'a Shared,
    place: Place,
    farewell: Farewell,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.shared.registry().leave(self.place.key, self.farewell);
    }
}

struct Session<'a, S> {
    seat: Seat<'a>,
    frames: Frames<S>,
    client_id: String,
    patience: Option<Duration>,
    /// When the last packet came.
    heard: Instant,
    /// When the drop fault cuts it.
    drop_at: Option<Instant>,
    /// Retained messages that go out before the queue's.
    replay: VecDeque<Delivery>,
    unacknowledged: Vec<u16>,
    last_id: u16,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    async fn serve(&mut self) -> Result<(), Ended> {
        loop {
            let room = self.frames.has_room() && self.unacknowledged.len() < MAX_IN_FLIGHT;
            let deadline = self.deadline();
            tokio::select! {
                packet = self.frames.read() => {
                    self.heard = Instant::now();
                    if self.handle(packet?).await?.is_break() {
                        self.seat.farewell = Farewell::Disconnect;
                        self.frames.close().await;
                        return Ok(());
                    }
                }
                delivery = next(&mut self.replay, &mut self.seat.place), if room => self.deliver(&delivery?)?,
                () = reached(deadline) => self.overdue()?,
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let silent_at = self.patience.map(|patience| self.heard + patience);
        silent_at.into_iter().chain(self.drop_at).min()
    }

    fn overdue(&mut self) -> Result<(), Ended> {
        let now = Instant::now();
        if self.patience.is_some_and(|patience| self.heard + patience <= now) {
            return Err(Ended::Silent);
        }
        if self.drop_at.is_some_and(|at| at <= now) {
            if self.seat.shared.registry().drop_after().is_some() {
                return Err(Ended::Dropped);
            }
            // The fault was lifted in the meantime.
            self.drop_at = None;
        }
        Ok(())
    }

    async fn handle(&mut self, packet: Packet) -> Result<ControlFlow<()>, Ended> {
        match packet {
            Packet::Publish(publish) => self.published(publish).await?,
            Packet::PubAck(ack) => self.unacknowledged.retain(|id| *id != ack.pkid),
            Packet::Subscribe(subscribe) => self.subscribe(&subscribe)?,
            Packet::Unsubscribe(unsubscribe) => self.unsubscribe(&unsubscribe)?,
            Packet::PingReq => self.frames.put(&Packet::PingResp)?,
            Packet::Disconnect => return Ok(ControlFlow::Break(())),
            Packet::Connect(_) => return Err(Ended::Violation("a second CONNECT (§3.1)")),
            _ => return Err(Ended::Violation("a packet that only a server sends, or one of QoS 2 (§2.2.1)")),
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn published(&mut self, publish: Publish) -> Result<(), Ended> {
        if publish.qos == QoS::ExactlyOnce {
            return Err(Ended::Violation("a publish of QoS 2, which this broker does not do"));
        }
        if !topics::valid_topic(&publish.topic) {
            return Err(Ended::Violation("a topic that cannot be published to (§4.7)"));
        }
        // A copy: the packet's bytes are a part of the read buffer, and would keep all of it.
        let payload = Bytes::copy_from_slice(&publish.payload);
        let inbound = Inbound {
            client_id: self.client_id.clone(),
            topic: publish.topic.clone(),
            payload: payload.clone(),
        };
        let shared = self.seat.shared;
        shared.inbound.send(inbound).await.map_err(|_| Ended::Deaf)?;
        shared.registry().publish(Message {
            topic: publish.topic.into(),
            payload,
            qos: publish.qos,
            retain: publish.retain,
        });
        match publish.qos {
            QoS::AtMostOnce => Ok(()),
            _ => self.frames.put(&Packet::PubAck(PubAck::new(publish.pkid))),
        }
    }

    fn subscribe(&mut self, subscribe: &Subscribe) -> Result<(), Ended> {
        if subscribe.pkid == 0 {
            return Err(Ended::Violation("a SUBSCRIBE without a packet id (§2.3.1)"));
        }
        let codes = subscribe.filters.iter().map(|filter| self.subscribe_to(filter)).collect();
        if self.replay.len() > MAX_REPLAY {
            return Err(Ended::Slow);
        }
        self.frames.put(&Packet::SubAck(SubAck::new(subscribe.pkid, codes)))
    }

    fn subscribe_to(&mut self, filter: &SubscribeFilter) -> SubscribeReasonCode {
        if !topics::valid_filter(&filter.path) || self.replay.len() > MAX_REPLAY {
            return SubscribeReasonCode::Failure;
        }
        let granted = lower(filter.qos, QoS::AtLeastOnce);
        match self.seat.shared.registry().subscribe(self.seat.place.key, &filter.path, granted) {
            Some(retained) => {
                self.replay.extend(retained);
                SubscribeReasonCode::Success(granted)
            }
            None => SubscribeReasonCode::Failure,
        }
    }

    fn unsubscribe(&mut self, unsubscribe: &Unsubscribe) -> Result<(), Ended> {
        if unsubscribe.pkid == 0 || unsubscribe.topics.is_empty() {
            return Err(Ended::Violation("an UNSUBSCRIBE without a packet id or a filter (§3.10)"));
        }
        for filter in &unsubscribe.topics {
            self.seat.shared.registry().unsubscribe(self.seat.place.key, filter);
        }
        self.frames.put(&Packet::UnsubAck(UnsubAck::new(unsubscribe.pkid)))
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<(), Ended> {
        let message = &delivery.message;
        let mut publish = Publish::from_bytes(&*message.topic, delivery.qos, message.payload.clone());
        publish.retain = delivery.replayed;
        if delivery.qos == QoS::AtLeastOnce {
            publish.pkid = self.free_id();
            self.unacknowledged.push(publish.pkid);
        }
        self.frames.put(&Packet::Publish(publish))
    }

    /// The next packet id that is not in use (§2.3.1). There is one: far fewer may be in flight than there are.
    fn free_id(&mut self) -> u16 {
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if !self.unacknowledged.contains(&self.last_id) {
                return self.last_id;
            }
        }
    }
}

async fn next(replay: &mut VecDeque<Delivery>, place: &mut Place) -> Result<Delivery, Ended> {
    match replay.pop_front() {
        Some(delivery) => Ok(delivery),
        None => place.queue.recv().await.ok_or(Ended::Cut),
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
