use std::time::Duration;

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{ConnectReturnCode, LastWill, Packet, Publish, SubscribeReasonCode};
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use tokio::time::timeout;

use super::{Served, served};

/// A test that has to wait longer than this has failed.
const TOO_LONG: Duration = Duration::from_secs(20);

struct Client {
    client: AsyncClient,
    events: EventLoop,
}

impl Client {
    fn new(served: &Served, id: &str, change: impl FnOnce(&mut MqttOptions)) -> Self {
        let mut options = MqttOptions::new(id, "127.0.0.1", served.addr.port());
        options.set_credentials("user", "right").set_max_packet_size(512 * 1024, 512 * 1024);
        change(&mut options);
        let (client, events) = AsyncClient::new(options, 1_000);
        Self { client, events }
    }

    async fn connected(served: &Served, id: &str) -> Self {
        let mut client = Self::new(served, id, |_| {});
        client.until(|packet| matches!(packet, Packet::ConnAck(_)).then_some(())).await;
        client
    }

    async fn subscribed(served: &Served, id: &str, filter: &str, qos: QoS) -> Self {
        let mut client = Self::connected(served, id).await;
        client.subscribe(filter, qos).await;
        client
    }

    async fn subscribe(&mut self, filter: &str, qos: QoS) {
        self.client.subscribe(filter, qos).await.unwrap();
        let codes = self.until(|packet| match packet {
            Packet::SubAck(ack) => Some(ack.return_codes),
            _ => None,
        });
        let granted = if qos == QoS::ExactlyOnce { QoS::AtLeastOnce } else { qos };
        assert_eq!(codes.await, [SubscribeReasonCode::Success(granted)]);
    }

    async fn next(&mut self) -> Result<Packet, ConnectionError> {
        loop {
            if let Event::Incoming(packet) = timeout(TOO_LONG, self.events.poll()).await.unwrap()? {
                return Ok(packet);
            }
        }
    }

    async fn until<T>(&mut self, wanted: impl Fn(Packet) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next().await.unwrap()) {
                return found;
            }
        }
    }

    async fn message(&mut self) -> Publish {
        self.until(|packet| if let Packet::Publish(publish) = packet { Some(publish) } else { None }).await
    }

    /// Publishes at `QoS` 1, and waits for the acknowledgement.
    async fn publish(&mut self, topic: &str, retain: bool, payload: &str) {
        self.client.publish(topic, QoS::AtLeastOnce, retain, payload).await.unwrap();
        self.until(|packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    }

    async fn lost(&mut self) {
        while self.next().await.is_ok() {}
    }
}

#[tokio::test]
async fn what_is_published_arrives_at_the_lower_qos_and_at_the_side() {
    let mut served = served().await;
    let mut once = Client::subscribed(&served, "once", "a/+", QoS::AtLeastOnce).await;
    let mut most = Client::subscribed(&served, "most", "a/#", QoS::AtMostOnce).await;
    let mut publisher = Client::connected(&served, "publisher").await;
    publisher.publish("a/b", false, "one").await;
    publisher.client.publish("a/b", QoS::AtMostOnce, false, "two").await.unwrap();
    publisher.publish("other", false, "three").await;

    let messages = [once.message().await, once.message().await, most.message().await, most.message().await];
    let seen = messages.map(|message| (message.payload, message.qos, message.retain));
    let (one, two) = (Bytes::from("one"), Bytes::from("two"));
    assert_eq!(
        seen,
        [
            (one.clone(), QoS::AtLeastOnce, false),
            (two.clone(), QoS::AtMostOnce, false),
            (one, QoS::AtMostOnce, false),
            (two, QoS::AtMostOnce, false),
        ]
    );
    // Acknowledged means that the side has it already.
    for payload in ["one", "two", "three"] {
        let inbound = served.inbound.try_recv().unwrap();
        assert_eq!((inbound.client_id.as_str(), &*inbound.payload), ("publisher", payload.as_bytes()));
    }
}

#[tokio::test]
async fn many_messages_are_acknowledged_in_order_and_none_is_lost() {
    let served = served().await;
    let mut subscriber = Client::subscribed(&served, "subscriber", "#", QoS::ExactlyOnce).await;
    for number in 0..500 {
        served.broker.publish("count", number.to_string().into(), false);
    }
    for number in 0..500 {
        assert_eq!(subscriber.message().await.payload, number.to_string());
    }
}

#[tokio::test]
async fn retained_messages_wait_for_subscribers() {
    let served = served().await;
    let mut publisher = Client::connected(&served, "publisher").await;
    publisher.publish("state/a", true, "old").await;
    publisher.publish("state/a", true, "new").await;
    publisher.publish("state/b", true, "cleared").await;
    publisher.publish("state/b", true, "").await;
    let mut subscriber = Client::subscribed(&served, "subscriber", "state/+", QoS::AtLeastOnce).await;
    publisher.publish("state/c", true, "live").await;
    let seen = [subscriber.message().await, subscriber.message().await];
    assert_eq!(
        seen.map(|message| (message.topic, message.payload, message.retain)),
        [("state/a".into(), "new".into(), true), ("state/c".into(), "live".into(), false)]
    );
}

#[tokio::test]
async fn unsubscribed_is_unsubscribed() {
    let served = served().await;
    let mut subscriber = Client::subscribed(&served, "subscriber", "a", QoS::AtLeastOnce).await;
    subscriber.subscribe("b", QoS::AtLeastOnce).await;
    subscriber.client.unsubscribe("a").await.unwrap();
    subscriber.until(|packet| matches!(packet, Packet::UnsubAck(_)).then_some(())).await;
    served.broker.publish("a", "no".into(), false);
    served.broker.publish("b", "yes".into(), false);
    assert_eq!(subscriber.message().await.payload, "yes");
}

#[tokio::test]
async fn a_wrong_password_is_refused_with_its_code() {
    let served = served().await;
    let mut wrong = Client::new(&served, "wrong", |options| {
        options.set_credentials("user", "wrong");
    });
    let refused = wrong.next().await.unwrap_err();
    assert!(matches!(refused, ConnectionError::ConnectionRefused(ConnectReturnCode::BadUserNamePassword)));
    assert_eq!(served.broker.connections(), 0);
}

#[tokio::test]
async fn a_newcomer_with_the_same_id_takes_over_and_the_old_ones_will_is_published() {
    let served = served().await;
    let mut watcher = Client::subscribed(&served, "watcher", "gone/#", QoS::AtLeastOnce).await;
    let mut former = Client::new(&served, "device", |options| {
        options.set_last_will(LastWill::new("gone/device", "taken over", QoS::AtLeastOnce, false));
    });
    former.next().await.unwrap();
    let mut newer = Client::connected(&served, "device").await;
    assert_eq!(watcher.message().await.payload, "taken over");
    former.lost().await;
    newer.publish("still", false, "here").await;
    assert_eq!(served.broker.connections(), 2);
}

#[tokio::test]
async fn a_will_is_for_the_lost_and_not_for_those_who_say_goodbye() {
    let served = served().await;
    let mut watcher = Client::subscribed(&served, "watcher", "gone/+", QoS::AtLeastOnce).await;
    for (id, goodbye) in [("polite", true), ("lost", false)] {
        let mut client = Client::new(&served, id, |options| {
            options.set_last_will(LastWill::new(format!("gone/{id}"), "x", QoS::AtMostOnce, true));
        });
        client.next().await.unwrap();
        if goodbye {
            client.client.disconnect().await.unwrap();
            client.lost().await;
        }
    }
    assert_eq!(watcher.message().await.topic, "gone/lost");
    let mut later = Client::subscribed(&served, "later", "gone/#", QoS::AtMostOnce).await;
    let kept = later.message().await;
    assert_eq!((kept.topic.as_str(), kept.retain), ("gone/lost", true));
}

#[tokio::test]
async fn the_drop_fault_cuts_and_is_lifted() {
    let served = served().await;
    let mut living = Client::connected(&served, "living").await;
    served.broker.set_drop(Some(Duration::from_millis(50)));
    living.lost().await;
    let mut coming = Client::connected(&served, "coming").await;
    coming.lost().await;
    served.broker.set_drop(None);
    let mut spared = Client::connected(&served, "spared").await;
    spared.publish("a", false, "b").await;
}

#[tokio::test]
async fn a_large_message_passes() {
    let served = served().await;
    let mut subscriber = Client::subscribed(&served, "subscriber", "big", QoS::AtLeastOnce).await;
    let mut publisher = Client::connected(&served, "publisher").await;
    let payload = "x".repeat(200 * 1024);
    publisher.publish("big", false, &payload).await;
    assert_eq!(subscriber.message().await.payload, payload);
}
