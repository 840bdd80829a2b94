//! MQTT sessions against a scripted broker that speaks the codec, or does not.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cutover::FailureKind;
use probes::mqtt::{Event, Qos, Will};
use probes::{Fault, MqttOptions, MqttSession, MqttTarget, ProbeError, Timeouts};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{
    ConnAck, ConnectReturnCode, Packet, PingResp, PubAck, Publish, SubscribeReasonCode,
};
use tokio::io::AsyncWriteExt;

use crate::broker::{broker, secure};
use crate::support::{Ca, public_trust, short};

pub(crate) fn target(at: SocketAddr, scheme: &str) -> MqttTarget {
    format!("{scheme}://mqtt.acme.example:{}", at.port()).parse().unwrap()
}

async fn open_with(at: SocketAddr, options: &MqttOptions) -> Result<MqttSession, ProbeError> {
    let opened = MqttSession::open(at, &target(at, "mqtt"), options, &public_trust(), &short()).await;
    opened.map(|(session, _)| session)
}

async fn open(at: SocketAddr) -> Result<MqttSession, ProbeError> {
    open_with(at, &MqttOptions::new("thermostats-000001")).await
}

#[track_caller]
pub(crate) fn is(error: &ProbeError, kind: FailureKind, words: &str) {
    assert_eq!(error.fault, Fault::Failed(kind), "{error}");
    assert!(error.message.contains(words), "{error}");
    assert!(error.message.starts_with("mqtt.acme.example (127.0.2.1:"), "{error}");
    assert!(error.peer.is_some());
}

/// A QoS 1 message to the client.
fn message(topic: &str, id: u16, payload: &str) -> Packet {
    let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
    publish.pkid = id;
    Packet::Publish(publish)
}

#[tokio::test]
async fn a_session_introduces_itself_publishes_subscribes_and_says_farewell() {
    let (heard, mut hearing) = tokio::sync::mpsc::unbounded_channel();
    let (at, _broker) = broker(move |mut peer| {
        let heard = heard.clone();
        async move {
            heard.send(peer.welcome().await).unwrap();
            peer.grant(SubscribeReasonCode::Success(QoS::AtLeastOnce)).await;
            while let Some(packet) = peer.hear().await {
                if let Packet::Publish(publish) = &packet {
                    peer.say(Packet::PubAck(PubAck::new(publish.pkid))).await;
                    peer.say(message("devices/d1/commands", 9, "reset")).await;
                }
                heard.send(packet).unwrap();
            }
        }
    })
    .await;
    let mut options = MqttOptions::new("d1");
    options.credentials = Some(("d1".to_owned(), "secret".to_owned()));
    options.will = Some(Will {
        topic: "devices/d1/gone".to_owned(),
        payload: Bytes::from_static(b"gone"),
        qos: Qos::AtLeastOnce,
        retain: true,
    });
    let opened = MqttSession::open(at, &target(at, "mqtt"), &options, &public_trust(), &short()).await;
    let (mut session, parts) = opened.unwrap();
    assert!(parts.connect.is_some() && parts.tls.is_none() && parts.wait.is_some());
    assert!(parts.connect.unwrap() + parts.wait.unwrap() <= parts.total);
    assert_eq!(session.peer(), at);

    session.subscribe("devices/d1/commands", Qos::AtLeastOnce).await.unwrap();
    let id =
        session.publish("devices/d1/datapoints", Bytes::from_static(b"21.5"), Qos::AtLeastOnce, false).await;
    let id = id.unwrap().unwrap();
    assert_eq!(session.next().await.unwrap(), Event::Acknowledged(id));
    let Event::Message(command) = session.next().await.unwrap() else { unreachable!() };
    assert_eq!((&*command.topic, &command.payload[..]), ("devices/d1/commands", &b"reset"[..]));
    session.close().await;

    let Some(Packet::Connect(connect)) = hearing.recv().await else { unreachable!() };
    assert_eq!((&*connect.client_id, connect.keep_alive, connect.clean_session), ("d1", 60, true));
    assert_eq!(connect.login.unwrap().password, "secret");
    assert_eq!(connect.last_will.unwrap().topic, "devices/d1/gone");
    assert!(matches!(hearing.recv().await, Some(Packet::Publish(_))));
    assert_eq!(
        hearing.recv().await,
        Some(Packet::PubAck(PubAck::new(9))),
        "what came with QoS 1 is acknowledged"
    );
    assert_eq!(hearing.recv().await, Some(Packet::Disconnect));
}

#[tokio::test]
async fn a_refusal_says_its_meaning() {
    for (code, words) in [
        (ConnectReturnCode::RefusedProtocolVersion, "1, it does not speak this version of MQTT"),
        (ConnectReturnCode::BadClientId, "2, the client id is not allowed"),
        (ConnectReturnCode::ServiceUnavailable, "3, it is not available"),
        (ConnectReturnCode::BadUserNamePassword, "4, wrong user name or password"),
        (ConnectReturnCode::NotAuthorized, "5, not authorized"),
    ] {
        let (at, _broker) = broker(move |mut peer| async move {
            peer.hear().await;
            peer.say(Packet::ConnAck(ConnAck::new(code, false))).await;
        })
        .await;
        is(&open(at).await.unwrap_err(), FailureKind::Status, words);
    }
}

#[tokio::test]
async fn a_broker_that_stays_silent_or_hangs_up() {
    let (at, _broker) = broker(|mut peer| async move { while peer.hear().await.is_some() {} }).await;
    let error = open(at).await.unwrap_err();
    is(&error, FailureKind::Timeout, "no CONNACK within 400ms");
    assert!(error.parts.connect.is_some() && error.parts.total >= Duration::from_millis(400));

    let (at, _broker) = broker(|mut peer| async move { drop(peer.hear().await) }).await;
    is(&open(at).await.unwrap_err(), FailureKind::Reset, "closed the connection");

    let (at, broker) = broker(|_| async {}).await;
    broker.end().await;
    is(&open(at).await.unwrap_err(), FailureKind::Refused, "refused");
}

#[tokio::test]
async fn what_is_no_mqtt() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &[0x20, 2, 0, 77],
        &[0x20, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[0x20, 1, 0],
        &[0xd0, 0],
        &[0x00, 0x00],
    ] {
        let (at, _broker) = broker(move |mut peer| async move {
            peer.hear().await;
            peer.stream.write_all(answer).await.unwrap();
            peer.hear().await;
        })
        .await;
        is(&open(at).await.unwrap_err(), FailureKind::Protocol, "");
    }
}

#[tokio::test]
async fn a_session_that_goes_wrong_later() {
    let huge = [&[0x30, 0xff, 0xff, 0xff, 0x7f][..], &[b'a'; 64]].concat();
    for (bytes, kind, words) in [
        (huge, FailureKind::Protocol, "268435455 bytes, and 262144 are accepted"),
        (vec![0x30, 10, 0, 3, b'a'], FailureKind::Reset, "in the middle"),
        (vec![0x36, 7, 0, 1, b'a', 0, 1, b'x', b'y'], FailureKind::Protocol, "its QoS is 3"),
        (vec![0x32, 7, 0, 1, b'a', 0, 0, b'x', b'y'], FailureKind::Protocol, "no MQTT packet"),
        (vec![0x30, 4, 0, 2, 0xff, 0xfe], FailureKind::Protocol, "no MQTT packet"),
        (vec![0x30, 3, 0, 9, b'a'], FailureKind::Protocol, "no MQTT packet"),
        (vec![0xe0, 0], FailureKind::Protocol, "no broker sends (the packet begins with 0xe0)"),
        (vec![0x20, 2, 0, 0], FailureKind::Protocol, "nobody asked for"),
        (vec![], FailureKind::Reset, "closed the connection"),
    ] {
        let (at, _broker) = broker(move |mut peer| {
            let bytes = bytes.clone();
            async move {
                peer.welcome().await;
                drop(peer.stream.write_all(&bytes).await);
            }
        })
        .await;
        is(&open(at).await.unwrap().next().await.unwrap_err(), kind, words);
    }
}

#[tokio::test]
async fn garbage_of_any_kind_ends_the_session_and_nothing_else() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        let garbage: Vec<u8> = (0..rand::random_range(1..200)).map(|_| rand::random()).collect();
        drop(peer.stream.write_all(&garbage).await);
    })
    .await;
    for _ in 0..300 {
        let mut session = open(at).await.unwrap();
        // Some garbage makes packets; in the end the connection is closed at the latest.
        while session.next().await.is_ok() {}
    }
}

#[tokio::test]
async fn a_subscription_is_refused_or_not_answered() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        peer.grant(SubscribeReasonCode::Failure).await;
        while peer.hear().await.is_some() {}
    })
    .await;
    let mut session = open(at).await.unwrap();
    let error = session.subscribe("secret/#", Qos::AtLeastOnce).await.unwrap_err();
    is(&error, FailureKind::Status, "refused the subscription to `secret/#`");
    let error = session.subscribe("other", Qos::AtLeastOnce).await.unwrap_err();
    is(&error, FailureKind::Timeout, "no answer to the subscription to `other` within 400ms");

    // A peer that never stops talking does not put the limit off.
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        let answers = [0x62, 2, 0, 1].repeat(4096);
        while peer.stream.write_all(&answers).await.is_ok() {}
    })
    .await;
    let mut session = open(at).await.unwrap();
    let error = session.subscribe("commands", Qos::AtLeastOnce).await.unwrap_err();
    is(&error, FailureKind::Timeout, "no answer to the subscription to `commands`");
    for wrong in ["", "a#", "a/#/b"] {
        let error = session.subscribe(wrong, Qos::AtMostOnce).await.unwrap_err();
        assert_eq!(error.fault, Fault::Aborted(cutover::AbortCause::Script), "{error}");
    }
}

#[tokio::test]
async fn messages_before_the_answer_to_a_subscription_are_not_lost() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        peer.say(message("served-by", 1, "new")).await;
        peer.say(message("served-by", 2, "old")).await;
        peer.grant(SubscribeReasonCode::Success(QoS::AtMostOnce)).await;
        while peer.hear().await.is_some() {}
    })
    .await;
    let mut session = open(at).await.unwrap();
    session.subscribe("served-by", Qos::AtLeastOnce).await.unwrap();
    for expected in ["new", "old"] {
        let Event::Message(message) = session.next().await.unwrap() else { unreachable!() };
        assert_eq!(message.payload, expected);
    }
}

#[tokio::test]
async fn a_session_is_kept_alive_until_the_peer_no_longer_answers() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        for _ in 0..2 {
            assert_eq!(peer.hear().await, Some(Packet::PingReq));
            let mut wire = BytesMut::new();
            PingResp.write(&mut wire).unwrap();
            peer.stream.write_all(&wire).await.unwrap();
        }
        assert_eq!(peer.hear().await, Some(Packet::PingReq));
        while peer.hear().await.is_some() {}
    })
    .await;
    let options = MqttOptions { keep_alive: Duration::from_millis(100), ..MqttOptions::new("d") };
    let mut session = open_with(at, &options).await.unwrap();
    let started = tokio::time::Instant::now();
    is(&session.next().await.unwrap_err(), FailureKind::Timeout, "no answer to a ping within the keep-alive");
    assert!(started.elapsed() >= Duration::from_millis(400), "three pings, and a keep-alive for the last");
}

#[tokio::test]
async fn a_question_is_asked_again_only_once_it_was_answered_and_all_before_the_answer_heard() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        assert_eq!(peer.hear().await, Some(Packet::PingReq));
        peer.say(message("t", 1, "before")).await;
        let mut wire = BytesMut::new();
        PingResp.write(&mut wire).unwrap();
        peer.stream.write_all(&wire).await.unwrap();
        peer.say(message("t", 2, "after")).await;
        while peer.hear().await.is_some() {}
    })
    .await;
    let mut session = open(at).await.unwrap();
    assert!(session.ask() && !session.ask());
    for (expected, answered) in [("before", false), ("after", true)] {
        let Event::Message(message) = session.next().await.unwrap() else { unreachable!() };
        assert_eq!((&message.payload[..], session.ask()), (expected.as_bytes(), answered));
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_loses_and_splits_nothing() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        // Each packet comes byte by byte, so that a call is often given up in the middle of one.
        for number in 0..20_u16 {
            let mut wire = BytesMut::new();
            message("t", number + 1, &number.to_string()).write(&mut wire, 1024).unwrap();
            for byte in wire {
                peer.stream.write_all(&[byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
        let mut datapoints = 0;
        while let Some(packet) = peer.hear().await {
            if let Packet::Publish(publish) = packet {
                assert_eq!(publish.payload.len(), 30_000);
                datapoints += 1;
                peer.say(Packet::PubAck(PubAck::new(publish.pkid))).await;
            }
        }
        assert_eq!(datapoints, 20);
    })
    .await;
    let mut session = open(at).await.unwrap();
    let (mut messages, mut acknowledged, mut sent) = (0_u16, 0, 0);
    let payload = Bytes::from(vec![b'x'; 30_000]);
    while messages < 20 || acknowledged < 20 {
        tokio::select! {
            event = session.next() => match event.unwrap() {
                Event::Message(message) => {
                    assert_eq!(message.payload, messages.to_string());
                    messages += 1;
                }
                Event::Acknowledged(_) => acknowledged += 1,
            },
            () = tokio::task::yield_now() => {}
        }
        if sent < 20 {
            tokio::select! {
                id = session.publish("d", payload.clone(), Qos::AtLeastOnce, false) => {
                    id.unwrap();
                    sent += 1;
                }
                () = tokio::task::yield_now() => {}
            }
        }
    }
    session.close().await;
}

#[tokio::test]
async fn a_peer_that_takes_nothing() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        std::future::pending::<()>().await;
    })
    .await;
    let mut session = open(at).await.unwrap();
    let payload = Bytes::from(vec![0; 1 << 20]);
    let error = loop {
        if let Err(error) = session.publish("d", payload.clone(), Qos::AtMostOnce, false).await {
            break error;
        }
    };
    is(&error, FailureKind::Timeout, "the peer has taken nothing for 400ms");
}

#[tokio::test]
async fn tls_is_checked_against_the_name_wherever_the_address_leads() {
    let ca = Ca::new();
    for (name, expected) in [("mqtt.acme.example", Ok(())), ("other.example", Err(FailureKind::Tls))] {
        let (at, _broker) = secure(ca.server(name, 2100, &[])).await;
        let options = MqttOptions::new("d");
        let opened =
            MqttSession::open(at, &target(at, "mqtts"), &options, &ca.trust(), &Timeouts::default()).await;
        match (opened, expected) {
            (Ok((session, parts)), Ok(())) => {
                assert!(parts.tls.is_some());
                assert_eq!(session.certificate().unwrap().names, [name]);
                session.close().await;
            }
            (Err(error), Err(kind)) => is(&error, kind, "is for other.example, not for"),
            (opened, _) => assert!(opened.is_err(), "{name}"),
        }
    }
}

#[tokio::test]
async fn an_idle_session_is_small() {
    let (at, _broker) = broker(|mut peer| async move {
        peer.welcome().await;
        while peer.hear().await.is_some() {}
    })
    .await;
    let mut session = open(at).await.unwrap();
    let session_size = size_of_val(&session);
    let next_size = size_of_val(&session.next());
    println!("a session is {session_size} bytes, waiting for its next event {next_size} bytes");
    assert!(session_size <= 512 && next_size <= 512, "{session_size} and {next_size}");
}
