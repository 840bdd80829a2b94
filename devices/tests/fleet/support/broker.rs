//! A broker that does what the test says, on rumqttc's codec.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{
    ConnAck, ConnectReturnCode, Packet, PubAck, PubComp, PubRec, Publish, SubAck, SubscribeReasonCode,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::api::Received;

/// One side's broker, and what it has seen.
#[derive(Default)]
pub(crate) struct Broker {
    /// Refuses everyone.
    pub(crate) refuses: AtomicBool,
    /// Answers no CONNECT.
    pub(crate) silent: AtomicBool,
    /// Takes datapoints and acknowledges none.
    pub(crate) mute: AtomicBool,
    /// Sessions granted.
    pub(crate) connects: AtomicU32,
    /// Sessions open.
    pub(crate) open: AtomicU32,
    /// DISCONNECTs received.
    pub(crate) goodbyes: AtomicU32,
    /// Datapoints acknowledged.
    pub(crate) acknowledged: AtomicU32,
    /// The highest number seen of each device's datapoints, by topic.
    pub(crate) highest: Mutex<BTreeMap<String, u64>>,
    /// User and password of each CONNECT granted.
    pub(crate) logins: Mutex<Vec<(String, String)>>,
    /// Acknowledges datapoints, and keeps none of them.
    pub(crate) forgets: AtomicBool,
    /// Keeps each datapoint twice.
    pub(crate) doubles: AtomicBool,
    /// Datapoints that came marked as repeated.
    pub(crate) repeated: AtomicU32,
    /// Messages by QoS.
    pub(crate) by_qos: [AtomicU32; 3],
    /// The addresses from which it was reached.
    pub(crate) peers: Mutex<BTreeSet<IpAddr>>,
    /// What it has received and kept.
    pub(crate) received: Received,
    /// Subscriptions asked for.
    pub(crate) subscribed: AtomicU32,
    /// Clients whose sessions it keeps.
    pub(crate) kept: Mutex<BTreeSet<String>>,
    /// The ids that clients have not released yet: what comes again under one of them is no new message (MQTT 3.1.1
    /// section 4.3.3). Like all that it keeps of a session they outlive its connection.
    held: Mutex<BTreeSet<(String, u16)>>,
    orders: Mutex<Option<broadcast::Sender<Order>>>,
    ids: AtomicU64,
}

#[derive(Clone)]
enum Order {
    Publish(String, String),
    Cut,
}

impl Broker {
    pub(crate) fn start(listener: TcpListener, stop: CancellationToken, tracker: &TaskTracker) -> Arc<Self> {
        let broker = Arc::new(Self::default());
        let (orders, _) = broadcast::channel(64);
        *broker.orders.lock().unwrap() = Some(orders);
        let serving = Arc::clone(&broker);
        let connections = tracker.clone();
        tracker.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                let (stream, _) = accepted.unwrap();
                let (broker, stop) = (Arc::clone(&serving), stop.clone());
                broker.peers.lock().unwrap().insert(stream.peer_addr().unwrap().ip());
                connections.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        // A connection that ends badly is what the tests are about.
                        _ = broker.serve(stream) => {}
                    }
                });
            }
        });
        broker
    }

    /// Sends `payload` to everyone subscribed to `topic`.
    pub(crate) fn publish(&self, topic: &str, payload: &str) {
        self.order(Order::Publish(topic.to_owned(), payload.to_owned()));
    }

    /// Cuts every session.
    pub(crate) fn cut(&self) {
        self.order(Order::Cut);
    }

    /// Keeps what came on `devices/ID/datapoints`, as far as it keeps anything.
    fn keep(&self, topic: &str, seq: u64) {
        let device = topic.split('/').nth(1).unwrap();
        let copies = match (self.forgets.load(Ordering::SeqCst), self.doubles.load(Ordering::SeqCst)) {
            (true, _) => 0,
            (false, doubles) => 1 + usize::from(doubles),
        };
        let mut received = self.received.lock().unwrap();
        received.entry(device.to_owned()).or_default().extend(std::iter::repeat_n(seq, copies));
    }

    fn order(&self, order: Order) {
        // Nobody connected is nobody to tell.
        let _ = self.orders.lock().unwrap().as_ref().unwrap().send(order);
    }

    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut orders = self.orders.lock().unwrap().as_ref().unwrap().subscribe();
        let mut buffer = BytesMut::new();
        let mut filters = Vec::new();
        let mut granted = false;
        let mut client = String::new();
        let result = loop {
            let mut out = BytesMut::new();
            let mut bye = false;
            while let Ok(packet) = Packet::read(&mut buffer, 65_536) {
                match packet {
                    Packet::Connect(_) if self.silent.load(Ordering::SeqCst) => {}
                    Packet::Connect(connect) => {
                        granted = !self.refuses.load(Ordering::SeqCst);
                        let code = if granted {
                            ConnectReturnCode::Success
                        } else {
                            ConnectReturnCode::NotAuthorized
                        };
                        let known = !connect.clean_session
                            && !self.kept.lock().unwrap().insert(connect.client_id.clone());
                        ConnAck::new(code, known && granted).write(&mut out).unwrap();
                        client = connect.client_id;
                        if granted {
                            self.connects.fetch_add(1, Ordering::SeqCst);
                            self.open.fetch_add(1, Ordering::SeqCst);
                            let login = connect.login.map(|login| (login.username, login.password));
                            self.logins.lock().unwrap().extend(login);
                        }
                    }
                    Packet::Subscribe(subscribe) => {
                        self.subscribed.fetch_add(1, Ordering::SeqCst);
                        filters.extend(subscribe.filters.into_iter().map(|filter| filter.path));
                        let code = SubscribeReasonCode::Success(QoS::AtLeastOnce);
                        SubAck::new(subscribe.pkid, vec![code]).write(&mut out).unwrap();
                    }
                    Packet::Publish(publish) => {
                        let body: serde_json::Value = serde_json::from_slice(&publish.payload).unwrap();
                        let seq = body["seq"].as_u64().unwrap();
                        assert!(body["value"].is_number());
                        let known_topic = publish.topic.clone();
                        let mut highest = self.highest.lock().unwrap();
                        let known = highest.entry(publish.topic).or_default();
                        *known = seq.max(*known);
                        drop(highest);
                        self.repeated.fetch_add(u32::from(publish.dup), Ordering::SeqCst);
                        self.by_qos[publish.qos as usize].fetch_add(1, Ordering::SeqCst);
                        let swallowed = publish.qos == QoS::ExactlyOnce
                            && !self.held.lock().unwrap().insert((client.clone(), publish.pkid));
                        if !swallowed {
                            self.keep(&known_topic, seq);
                        }
                        if !self.mute.load(Ordering::SeqCst) {
                            self.acknowledged.fetch_add(1, Ordering::SeqCst);
                            match publish.qos {
                                QoS::AtMostOnce => {}
                                QoS::AtLeastOnce => {
                                    PubAck::new(publish.pkid).write(&mut out).map(drop).unwrap();
                                }
                                QoS::ExactlyOnce => {
                                    PubRec::new(publish.pkid).write(&mut out).map(drop).unwrap();
                                }
                            }
                        }
                    }
                    Packet::PubRel(release) => {
                        self.held.lock().unwrap().remove(&(client.clone(), release.pkid));
                        PubComp::new(release.pkid).write(&mut out).map(drop).unwrap();
                    }
                    Packet::PingReq => rumqttc::mqttbytes::v4::PingResp.write(&mut out).map(drop).unwrap(),
                    Packet::Disconnect => {
                        self.goodbyes.fetch_add(1, Ordering::SeqCst);
                        bye = true;
                    }
                    Packet::PubAck(_) => {}
                    other => panic!("a device sent {other:?}"),
                }
            }
            if let Err(error) = stream.write_all(&out).await {
                break Err(error);
            }
            if bye {
                break Ok(());
            }
            tokio::select! {
                got = stream.read_buf(&mut buffer) => match got {
                    Ok(0) => break Ok(()),
                    Ok(_) => {}
                    Err(error) => break Err(error),
                },
                Ok(order) = orders.recv() => match order {
                    Order::Publish(topic, payload) if filters.contains(&topic) => {
                        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
                        publish.pkid = (self.ids.fetch_add(1, Ordering::SeqCst) % 60_000) as u16 + 1;
                        let mut out = BytesMut::new();
                        publish.write(&mut out).unwrap();
                        if let Err(error) = stream.write_all(&out).await {
                            break Err(error);
                        }
                    }
                    Order::Publish(..) => {}
                    Order::Cut => break Ok(()),
                },
            }
        };
        if granted {
            self.open.fetch_sub(1, Ordering::SeqCst);
        }
        result
    }
}
