//! Messages that are handed over once, or again: QoS 2, and sessions that outlive their connection.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use probes::mqtt::{Event, MqttVersion, Qos, Unfinished, Will};
use probes::{MqttOptions, MqttSession};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{
    ConnAck, ConnectReturnCode, Packet, PubAck, PubComp, PubRec, PubRel, Publish, SubscribeReasonCode,
};
use rumqttc::v5::mqttbytes::v5;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::broker::{Peer, broker};
use crate::mqtt::target;
use crate::support::{NEW, Task, listen, public_trust, short};

async fn open(at: SocketAddr, options: &MqttOptions) -> MqttSession {
    let opened = MqttSession::open(at, &target(at, "mqtt"), options, &public_trust(), &short()).await;
    opened.unwrap().0
}

fn persistent() -> MqttOptions {
    MqttOptions { clean_session: false, ..MqttOptions::new("d1") }
}

fn message(event: Event) -> String {
    let Event::Message(message) = event else { unreachable!("{event:?}") };
    String::from_utf8(message.payload.to_vec()).unwrap()
}

#[tokio::test]
async fn a_message_of_qos_2_goes_through_its_steps_and_comes_once() {
    let (at, broker) = broker(|mut peer| async move {
        peer.welcome().await;
        peer.grant(SubscribeReasonCode::Success(QoS::ExactlyOnce)).await;
        let Some(Packet::Publish(sent)) = peer.hear().await else { unreachable!() };
        assert_eq!((sent.qos, sent.dup), (QoS::ExactlyOnce, false));
        // PUBREC may be said twice, where PUBREL was slow.
        for _ in 0..2 {
            peer.say(Packet::PubRec(PubRec::new(sent.pkid))).await;
            assert_eq!(peer.hear().await, Some(Packet::PubRel(PubRel::new(sent.pkid))));
        }
        peer.say(Packet::PubComp(PubComp::new(sent.pkid))).await;
        let mut command = Publish::new("commands", QoS::ExactlyOnce, "first");
        for (id, payload, dup) in [(5, "first", false), (5, "first", true), (6, "second", false)] {
            (command.pkid, command.payload, command.dup) = (id, Bytes::from(payload), dup);
            peer.say(Packet::Publish(command.clone())).await;
            assert_eq!(peer.hear().await, Some(Packet::PubRec(PubRec::new(id))));
        }
        for id in [5, 6] {
            peer.say(Packet::PubRel(PubRel::new(id))).await;
            assert_eq!(peer.hear().await, Some(Packet::PubComp(PubComp::new(id))));
        }
        // Released, the id may be another message's.
        (command.pkid, command.payload) = (5, Bytes::from("third"));
        peer.say(Packet::Publish(command)).await;
        while peer.hear().await.is_some() {}
    })
    .await;
    let mut session = open(at, &MqttOptions::new("d1")).await;
    session.subscribe("commands", Qos::ExactlyOnce).await.unwrap();
    let id = session.publish("datapoints", Bytes::from("21.5"), Qos::ExactlyOnce, false).await.unwrap();
    assert_eq!(session.next().await.unwrap(), Event::Acknowledged(id.unwrap()));
    for expected in ["first", "second", "third"] {
        assert_eq!(message(session.next().await.unwrap()), expected);
    }
    assert!(session.unfinished().is_empty(), "a clean session leaves nothing");
    session.close().await;
    broker.end().await;
}

/// A broker that accepts each connection, says whether it knew the session, and shows what it hears. What it is told it
/// says; told nothing more, it hangs up.
async fn shown(knew: bool) -> (SocketAddr, Task, UnboundedReceiver<Packet>, UnboundedSender<Option<Packet>>) {
    let (heard, hearing) = unbounded_channel();
    let (say, saying) = unbounded_channel::<Option<Packet>>();
    let saying = std::sync::Arc::new(tokio::sync::Mutex::new(saying));
    let (at, task) = broker(move |mut peer| {
        let (heard, saying) = (heard.clone(), saying.clone());
        async move {
            let mut saying = saying.lock().await;
            peer.hear().await;
            peer.say(Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, knew))).await;
            loop {
                tokio::select! {
                    packet = peer.hear() => match packet {
                        Some(packet) => drop(heard.send(packet)),
                        None => return,
                    },
                    said = saying.recv() => match said {
                        Some(Some(packet)) => peer.say(packet).await,
                        _ => return,
                    },
                }
            }
        }
    })
    .await;
    (at, task, hearing, say)
}

/// What a session leaves that has published three messages (QoS 1, 2 and 1), the second of which was taken over
/// (PUBREC) and the third acknowledged, and has heard one of QoS 2 that was not released.
async fn left() -> (Unfinished, [u16; 3]) {
    let (at, _broker, mut hearing, say) = shown(false).await;
    let mut session = open(at, &persistent()).await;
    assert!(!session.resumed());
    let mut ids = [0; 3];
    let all = [("a", Qos::AtLeastOnce), ("b", Qos::ExactlyOnce), ("c", Qos::AtLeastOnce)];
    for (id, (payload, qos)) in ids.iter_mut().zip(all) {
        *id = session.publish("t", Bytes::from(payload), qos, false).await.unwrap().unwrap();
        hearing.recv().await.unwrap();
    }
    let mut command = Publish::new("commands", QoS::ExactlyOnce, "once");
    command.pkid = 9;
    say.send(Some(Packet::PubRec(PubRec::new(ids[1])))).unwrap();
    say.send(Some(Packet::Publish(command))).unwrap();
    say.send(Some(Packet::PubAck(PubAck::new(ids[2])))).unwrap();
    say.send(None).unwrap();
    assert_eq!(message(session.next().await.unwrap()), "once");
    assert_eq!(session.next().await.unwrap(), Event::Acknowledged(ids[2]));
    session.next().await.unwrap_err();
    let left = session.unfinished();
    assert_eq!(left.ids().collect::<Vec<_>>(), ids[..2]);
    (left, ids)
}

#[tokio::test]
async fn a_session_that_the_broker_kept_goes_on_where_it_was() {
    let (left, ids) = left().await;
    let (at, _broker, mut hearing, say) = shown(true).await;
    let mut session = open(at, &persistent()).await;
    assert!(session.resumed());
    session.resume(left).await.unwrap();
    let Some(Packet::Publish(again)) = hearing.recv().await else { unreachable!() };
    assert_eq!((again.pkid, again.dup, &again.payload[..]), (ids[0], true, &b"a"[..]));
    assert_eq!(
        hearing.recv().await,
        Some(Packet::PubRel(PubRel::new(ids[1]))),
        "taken over, and not sent again"
    );
    // No new message takes an id that is open.
    let new = session.publish("t", Bytes::from("d"), Qos::AtLeastOnce, false).await.unwrap().unwrap();
    assert!(!ids[..2].contains(&new));
    let Some(Packet::Publish(_)) = hearing.recv().await else { unreachable!() };
    // What came before is not given again; what is new is.
    for payload in ["once", "new"] {
        let mut command = Publish::new("commands", QoS::ExactlyOnce, payload);
        (command.pkid, command.dup) = (if payload == "once" { 9 } else { 10 }, payload == "once");
        say.send(Some(Packet::Publish(command))).unwrap();
    }
    assert_eq!(message(session.next().await.unwrap()), "new");
    for packet in [Packet::PubAck(PubAck::new(ids[0])), Packet::PubComp(PubComp::new(ids[1]))] {
        say.send(Some(packet)).unwrap();
    }
    for id in &ids[..2] {
        assert_eq!(session.next().await.unwrap(), Event::Acknowledged(*id));
    }
    assert_eq!(session.unfinished().ids().collect::<Vec<_>>(), [new]);
}

#[tokio::test]
async fn ids_in_a_session_that_the_broker_kept_begin_anywhere_as_an_earlier_process_may_have_used_the_first_ones()
 {
    let mut first = [0; 2];
    for id in &mut first {
        let (at, _broker, _hearing, _say) = shown(true).await;
        let mut session = open(at, &persistent()).await;
        *id = session.publish("t", Bytes::from("a"), Qos::ExactlyOnce, false).await.unwrap().unwrap();
    }
    assert_ne!(first, [1, 1]);
}

#[tokio::test]
async fn a_session_that_the_broker_forgot_begins_anew_and_loses_nothing() {
    let (left, ids) = left().await;
    let (at, _broker, mut hearing, say) = shown(false).await;
    let mut session = open(at, &persistent()).await;
    session.resume(left).await.unwrap();
    let Some(Packet::Publish(new)) = hearing.recv().await else { unreachable!() };
    assert_eq!((new.pkid, new.dup, &new.payload[..]), (ids[0], false, &b"a"[..]));
    assert_eq!(session.next().await.unwrap(), Event::Acknowledged(ids[1]), "the broker had it already");
    // The id under which a message came belongs to the session that is gone.
    let mut command = Publish::new("commands", QoS::ExactlyOnce, "another");
    command.pkid = 9;
    say.send(Some(Packet::Publish(command))).unwrap();
    assert_eq!(message(session.next().await.unwrap()), "another");
}

#[tokio::test]
async fn a_broker_that_goes_on_with_what_was_to_be_clean_is_not_believed() {
    let (at, _broker, _hearing, _say) = shown(true).await;
    let options = MqttOptions::new("d");
    let opened = MqttSession::open(at, &target(at, "mqtt"), &options, &public_trust(), &short()).await;
    let error = opened.unwrap_err();
    assert!(error.message.contains("goes on with an old session where a clean one was asked for"), "{error}");
}

/// The broker's end of a connection of MQTT 5, on rumqttc's codec.
struct Five(TcpStream, BytesMut);

impl Five {
    async fn hear(&mut self) -> Option<v5::Packet> {
        loop {
            if let Ok(packet) = v5::Packet::read(&mut self.1, None) {
                return Some(packet);
            }
            if self.0.read_buf(&mut self.1).await.ok()? == 0 {
                return None;
            }
        }
    }

    async fn say(&mut self, packet: v5::Packet) {
        let mut wire = BytesMut::new();
        packet.write(&mut wire, None).unwrap();
        self.0.write_all(&wire).await.unwrap();
    }
}

#[tokio::test]
async fn mqtt_5_as_another_codec_reads_it() {
    let (heard, mut hearing) = unbounded_channel();
    let (at, _broker) = listen(NEW, move |stream| {
        let heard = heard.clone();
        async move {
            let mut peer = Five(stream, BytesMut::new());
            heard.send(peer.hear().await.unwrap()).unwrap();
            // Receive maximum 1, a reason in words, a user property.
            let properties = b"\x21\x00\x01\x1f\x00\x07welcome\x26\x00\x06region\x00\x02eu";
            let length = u8::try_from(properties.len()).unwrap();
            let answer = [&[0x20, 3 + length, 0, 0, length], &properties[..]].concat();
            peer.0.write_all(&answer).await.unwrap();
            while let Some(packet) = peer.hear().await {
                match &packet {
                    v5::Packet::Subscribe(asked) => {
                        let return_codes =
                            vec![v5::SubscribeReasonCode::Success(rumqttc::v5::mqttbytes::QoS::AtLeastOnce)];
                        let answer = v5::SubAck { pkid: asked.pkid, return_codes, properties: None };
                        peer.say(v5::Packet::SubAck(answer)).await;
                    }
                    v5::Packet::Publish(publish) => {
                        peer.say(v5::Packet::PubAck(v5::PubAck::new(publish.pkid, None))).await;
                    }
                    _ => {}
                }
                drop(heard.send(packet));
            }
        }
    })
    .await;
    let mut options = MqttOptions::new("d1");
    (options.version, options.session_expiry) = (MqttVersion::V5, Duration::from_secs(90));
    options.credentials = Some(("d1".to_owned(), "secret".to_owned()));
    options.will = Some(Will {
        topic: "gone".to_owned(),
        payload: Bytes::from("d1"),
        qos: Qos::ExactlyOnce,
        retain: true,
    });
    let mut session = open(at, &options).await;
    session.subscribe("commands/#", Qos::ExactlyOnce).await.unwrap();
    // One may be open at a time: the second waits for the first one's acknowledgement.
    for _ in 0..3 {
        session.publish("t", Bytes::from("x"), Qos::AtLeastOnce, true).await.unwrap();
    }
    for id in 2..=4 {
        assert_eq!(session.next().await.unwrap(), Event::Acknowledged(id));
    }
    session.close().await;

    let Some(v5::Packet::Connect(connect, Some(will), Some(login))) = hearing.recv().await else {
        unreachable!()
    };
    assert_eq!((&*connect.client_id, connect.keep_alive, connect.clean_start), ("d1", 60, true));
    let properties = connect.properties.unwrap();
    assert_eq!(properties.session_expiry_interval, Some(90));
    assert_eq!(properties.max_packet_size, Some(256 * 1024));
    assert_eq!((&*will.topic, &*will.message, will.retain), (&b"gone"[..], &b"d1"[..], true));
    assert_eq!(login.password, "secret");
    let Some(v5::Packet::Subscribe(subscribe)) = hearing.recv().await else { unreachable!() };
    assert_eq!(subscribe.filters[0].path, "commands/#");
    for _ in 0..3 {
        let Some(v5::Packet::Publish(publish)) = hearing.recv().await else { unreachable!() };
        assert!(publish.retain && publish.topic == "t" && publish.payload == "x");
    }
}

#[tokio::test]
async fn a_source_address_of_ones_own() {
    let (from, mut coming) = unbounded_channel();
    let (at, _broker) = listen(NEW, move |stream| {
        from.send(stream.peer_addr().unwrap()).unwrap();
        async move {
            Peer::new(stream).welcome().await;
        }
    })
    .await;
    let options = MqttOptions { source: Some([127, 0, 3, 7].into()), ..MqttOptions::new("d") };
    open(at, &options).await;
    assert_eq!(coming.recv().await.unwrap().ip(), options.source.unwrap());
    let elsewhere = MqttOptions { source: Some([192, 0, 2, 1].into()), ..options };
    let opened = MqttSession::open(at, &target(at, "mqtt"), &elsewhere, &public_trust(), &short()).await;
    let error = opened.unwrap_err();
    assert_eq!(error.fault, probes::Fault::Aborted(cutover::AbortCause::Local), "{error}");
}
