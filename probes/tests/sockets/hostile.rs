//! MQTT sessions against brokers that break off, lie, or mean harm: each time the right kind of failure, soon, and no
//! memory that grows.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use cutover::FailureKind::{Protocol, Reset, Status, Timeout};
use probes::mqtt::{MqttVersion, Qos};
use probes::{MqttOptions, MqttSession, ProbeError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::mqtt::{is, target};
use crate::support::{NEW, Task, listen, public_trust, short};

const BOTH: [MqttVersion; 2] = [MqttVersion::V3_1_1, MqttVersion::V5];

/// What a broker does: each piece is said after the client has said something, and then it hangs up or falls silent.
#[derive(Clone)]
struct Script {
    says: Vec<Vec<u8>>,
    stays: bool,
}

/// A broker that follows a script on each connection, whatever it hears.
async fn scripted(script: Script) -> (SocketAddr, Task) {
    listen(NEW, move |mut stream| {
        let script = script.clone();
        async move {
            let mut heard = [0; 4096];
            for piece in script.says {
                if stream.read(&mut heard).await.unwrap_or_default() == 0 {
                    return;
                }
                drop(stream.write_all(&piece).await);
            }
            while script.stays && stream.read(&mut heard).await.unwrap_or_default() > 0 {}
        }
    })
    .await
}

fn options(version: MqttVersion) -> MqttOptions {
    MqttOptions { version, keep_alive: Duration::from_millis(200), ..MqttOptions::new("d") }
}

async fn open(at: SocketAddr, options: &MqttOptions) -> Result<MqttSession, ProbeError> {
    let opened = MqttSession::open(at, &target(at, "mqtt"), options, &public_trust(), &short()).await;
    opened.map(|(session, _)| session)
}

fn accepted(version: MqttVersion) -> Vec<u8> {
    match version {
        MqttVersion::V3_1_1 => vec![0x20, 2, 0, 0],
        MqttVersion::V5 => vec![0x20, 3, 0, 0, 0],
    }
}

/// How opening fails at a broker that answers CONNECT with `answer`.
async fn refusal(version: MqttVersion, answer: &[u8], stays: bool) -> ProbeError {
    let (at, _broker) = scripted(Script { says: vec![answer.to_vec()], stays }).await;
    open(at, &options(version)).await.unwrap_err()
}

/// How a session ends whose broker accepts it and at once says `bytes`.
async fn end(version: MqttVersion, bytes: &[u8], stays: bool) -> ProbeError {
    let says = vec![[&accepted(version)[..], bytes].concat()];
    let (at, _broker) = scripted(Script { says, stays }).await;
    let mut session = open(at, &options(version)).await.unwrap();
    loop {
        if let Err(error) = session.next().await {
            assert!(session.is_over(), "{error}");
            return error;
        }
    }
}

#[tokio::test]
async fn every_way_to_refuse_mqtt_5_has_its_words() {
    for (code, words) in [
        (0x80, "0x80, it does not say why"),
        (0x84, "0x84, it does not speak this version of MQTT"),
        (0x85, "0x85, the client id is not allowed"),
        (0x86, "0x86, wrong user name or password"),
        (0x87, "0x87, not authorized"),
        (0x88, "0x88, it is not available"),
        (0x89, "0x89, it is busy"),
        (0x8a, "0x8a, this client is banned"),
        (0x97, "0x97, a quota is exceeded"),
        (0x9d, "0x9d, the server has moved"),
        (0x9f, "0x9f, connections come too fast"),
    ] {
        let error = refusal(MqttVersion::V5, &[0x20, 3, 0, code, 0], false).await;
        is(&error, Status, &format!("the broker refused the session: {words}"));
    }
    let elsewhere = [0x20, 14, 0, 0x9c, 11, 31, 0, 3, b'o', b'f', b'f', 28, 0, 2, b'b', b'2'];
    is(&refusal(MqttVersion::V5, &elsewhere, false).await, Status, "for now (\"off\") (it names b2)");
    // One that knows the older version only says so in its way.
    is(&refusal(MqttVersion::V5, &[0x20, 2, 0, 1], false).await, Status, "1, it does not speak this version");
}

#[tokio::test]
async fn answers_to_connect_that_are_none() {
    for (version, answer) in [
        (MqttVersion::V3_1_1, &[0x20, 2, 0, 6][..]),
        (MqttVersion::V3_1_1, &[0x20, 2, 1, 0]),
        (MqttVersion::V3_1_1, &[0x20, 3, 0, 0, 0]),
        (MqttVersion::V3_1_1, &[0xe0, 0]),
        (MqttVersion::V3_1_1, &[0x20, 0x80, 0x80, 0x80, 0x80]),
        (MqttVersion::V5, &[0x20, 2, 0, 0]),
        (MqttVersion::V5, &[0x20, 3, 0, 0x01, 0]),
        (MqttVersion::V5, &[0x20, 3, 0, 0xff, 0]),
        (MqttVersion::V5, &[0x20, 3, 1, 0, 0]),
        (MqttVersion::V5, &[0x20, 6, 0, 0, 3, 33, 0, 0]),
        (MqttVersion::V5, &[0x20, 9, 0, 0, 6, 33, 0, 1, 33, 0, 1]),
        (MqttVersion::V5, &[0x20, 5, 0, 0, 2, 35, 0]),
        (MqttVersion::V5, &[0x20, 5, 0, 0, 200, 1, 1]),
        (MqttVersion::V5, &[0xf0, 2, 0x18, 0]),
    ] {
        let error = refusal(version, answer, true).await;
        is(&error, Protocol, "");
    }
}

#[tokio::test]
async fn silence_and_broken_off_answers() {
    for version in BOTH {
        is(&refusal(version, &[], true).await, Timeout, "no CONNACK within 400ms");
        is(&refusal(version, &[0x20], true).await, Timeout, "no CONNACK within 400ms");
        is(&refusal(version, &[0x20, 3, 0], false).await, Reset, "in the middle");
        is(&end(version, &[0x30, 100, 0], false).await, Reset, "in the middle");
        is(&end(version, &[], false).await, Reset, "closed the connection");
        // Half open: the connection is there, and no ping is ever answered; half a packet is no answer either.
        is(&end(version, &[], true).await, Timeout, "no answer to a ping");
        is(&end(version, &[0x30, 100, 0], true).await, Timeout, "no answer to a ping");
    }
}

#[tokio::test]
async fn packets_out_of_their_order() {
    for (bytes, words) in [
        (&[0x40, 2, 0, 7][..], "acknowledged what was not sent (packet id 7)"),
        (&[0x50, 2, 0, 7], "acknowledged what was not sent"),
        (&[0x70, 2, 0, 7], "acknowledged what was not sent"),
        (&[0x90, 3, 0, 7, 0], "SUBACK that nobody asked for"),
        (&[0xb0, 2, 0, 7], "UNSUBACK that nobody asked for"),
        (&[0xd0, 0], "PINGRESP that nobody asked for"),
        (&[0x20, 2, 0, 0], "CONNACK that nobody asked for"),
        (&[0x10, 0], "what no broker sends"),
        (&[0x82, 0], "what no broker sends"),
        (&[0xc0, 0], "what no broker sends"),
    ] {
        is(&end(MqttVersion::V3_1_1, bytes, true).await, Protocol, words);
    }
    is(&end(MqttVersion::V5, &[0x20, 3, 0, 0, 0], true).await, Protocol, "CONNACK that nobody asked for");
    is(&end(MqttVersion::V5, &[0xf0, 0], true).await, Protocol, "AUTH that nobody asked for");
    is(&end(MqttVersion::V5, &[0x30, 7, 0, 1, b't', 3, 35, 0, 1], true).await, Protocol, "topic alias");
}

#[tokio::test]
async fn a_broker_of_mqtt_5_says_why_it_ends_the_session() {
    for (code, kind, words) in [
        (0x8b, Reset, "0x8b, it is shutting down"),
        (0x8e, Reset, "0x8e, another connection with the same client id"),
        (0x81, Protocol, "0x81, what we sent was malformed"),
        (0x93, Protocol, "0x93, more messages are open than it takes"),
        (0x8d, Timeout, "0x8d, it heard nothing from us"),
        (0x87, Status, "0x87, not authorized"),
        (0x97, Status, "0x97, a quota is exceeded"),
        (0xee, Status, "0xee, a reason that has no meaning"),
    ] {
        is(&end(MqttVersion::V5, &[0xe0, 1, code], false).await, kind, words);
    }
    let said = [0xe0, 8, 0x8b, 6, 31, 0, 3, b'b', b'y', b'e'];
    is(&end(MqttVersion::V5, &said, false).await, Reset, "it is shutting down (\"bye\")");
}

/// A flood of `packet`, as fast as it is taken.
async fn flood(version: MqttVersion, packet: &'static [u8]) -> (SocketAddr, Task) {
    listen(NEW, move |mut stream| async move {
        let mut heard = [0; 4096];
        assert_ne!(stream.read(&mut heard).await.unwrap(), 0);
        stream.write_all(&accepted(version)).await.unwrap();
        let flood = packet.repeat(65_536 / packet.len());
        while stream.write_all(&flood).await.is_ok() {}
    })
    .await
}

#[tokio::test]
async fn a_flood_is_neither_hoarded_nor_endless() {
    // Answers that the peer does not read: no more is read once enough of them wait.
    let (at, _broker) = flood(MqttVersion::V3_1_1, &[0x32, 6, 0, 1, b't', 0, 1, b'x']).await;
    let mut session = open(at, &options(MqttVersion::V3_1_1)).await.unwrap();
    let error = loop {
        if let Err(error) = session.next().await {
            break error;
        }
    };
    is(&error, Timeout, "no answer to a ping");

    // Messages in place of the answer to a subscription.
    let (at, _broker) = flood(MqttVersion::V5, &[0x30, 5, 0, 1, b't', 0, b'x']).await;
    let mut session = open(at, &options(MqttVersion::V5)).await.unwrap();
    let error = session.subscribe("t", Qos::AtMostOnce).await.unwrap_err();
    is(&error, Protocol, "too many messages in place of the answer");

    // Messages of QoS 2 that are never released.
    let (at, _broker) = listen(NEW, |mut stream| async move {
        let mut heard = [0; 4096];
        assert_ne!(stream.read(&mut heard).await.unwrap(), 0);
        stream.write_all(&[0x20, 2, 0, 0]).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let saying = async {
            for id in 1..=u16::MAX {
                let [high, low] = id.to_be_bytes();
                if writer.write_all(&[0x34, 5, 0, 1, b't', high, low]).await.is_err() {
                    break;
                }
            }
        };
        let hearing = async { while reader.read(&mut heard).await.unwrap_or_default() > 0 {} };
        tokio::join!(saying, hearing);
    })
    .await;
    let mut session = open(at, &options(MqttVersion::V3_1_1)).await.unwrap();
    let mut messages = 0;
    let error = loop {
        match session.next().await {
            Ok(_) => messages += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(messages, 1024);
    is(&error, Protocol, "more than 1024 messages of QoS 2 open");
}

#[tokio::test]
async fn messages_that_are_never_acknowledged_have_an_end() {
    let (at, _broker) = scripted(Script { says: vec![vec![0x20, 6, 0, 0, 3, 33, 0, 2]], stays: true }).await;
    let mut session = open(at, &options(MqttVersion::V5)).await.unwrap();
    for _ in 0..2 {
        session.publish("t", Bytes::new(), Qos::AtLeastOnce, false).await.unwrap();
    }
    let error = session.publish("t", Bytes::new(), Qos::ExactlyOnce, false).await.unwrap_err();
    is(&error, Timeout, "2 messages are open, and none was acknowledged within 400ms");
    // QoS 0 needs no room.
    assert_eq!(session.publish("t", Bytes::new(), Qos::AtMostOnce, false).await, Ok(None));
}

#[tokio::test]
async fn what_a_broker_of_mqtt_5_does_not_take_is_not_sent() {
    // Maximum QoS 1, no retain, packets of 40 bytes, a keep-alive of 3 s, and an id of its choice.
    let limits = [36, 1, 37, 0, 39, 0, 0, 0, 40, 19, 0, 3, 18, 0, 2, b'i', b'd'];
    let answer = [&[0x20, 20, 0, 0, 17], &limits[..]].concat();
    let (at, _broker) = scripted(Script { says: vec![answer], stays: true }).await;
    let mut session = open(at, &options(MqttVersion::V5)).await.unwrap();
    assert_eq!(session.assigned_client_id(), Some("id"));
    for (payload, qos, retain, words) in [
        (0, Qos::ExactlyOnce, false, "takes QoS 1 at most"),
        (0, Qos::AtLeastOnce, true, "does not keep messages"),
        (40, Qos::AtMostOnce, false, "takes packets of 40 bytes, and this one has 46"),
    ] {
        let error = session.publish("t", Bytes::from(vec![b'x'; payload]), qos, retain).await.unwrap_err();
        is(&error, Status, words);
    }
    session.publish("t", Bytes::from(vec![b'x'; 34]), Qos::AtMostOnce, false).await.unwrap();
    // Our own keep-alive of 200 ms would have ended it by now.
    let waited = tokio::time::timeout(Duration::from_millis(800), session.next()).await;
    assert!(waited.is_err(), "{waited:?}");
}

#[tokio::test]
async fn a_message_that_is_refused() {
    for (qos, refusal) in [(Qos::AtLeastOnce, 0x40), (Qos::ExactlyOnce, 0x50)] {
        let says = vec![accepted(MqttVersion::V5), vec![refusal, 3, 0, 1, 0x87]];
        let (at, _broker) = scripted(Script { says, stays: true }).await;
        let mut session = open(at, &options(MqttVersion::V5)).await.unwrap();
        let id = session.publish("t", Bytes::new(), qos, false).await.unwrap().unwrap();
        assert!(session.awaits(id));
        is(&session.next().await.unwrap_err(), Status, "refused a message: 0x87, not authorized");
        assert!(!session.awaits(id) && !session.is_over());
    }
    let says = vec![accepted(MqttVersion::V5), vec![0x90, 9, 0, 1, 5, 31, 0, 2, b'n', b'o', 0x9e]];
    let (at, _broker) = scripted(Script { says, stays: true }).await;
    let mut session = open(at, &options(MqttVersion::V5)).await.unwrap();
    let error = session.subscribe("$share/a/b", Qos::AtLeastOnce).await.unwrap_err();
    is(&error, Status, "(SUBACK 0x9e: it does not support shared subscriptions)");
    assert!(!session.is_over());
}
