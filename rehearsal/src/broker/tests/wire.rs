use std::time::Duration;

use bytes::BytesMut;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{Connect, ConnectReturnCode, Packet, Publish, Subscribe};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{Served, served};

/// A test that has to wait longer than this has failed.
const TOO_LONG: Duration = Duration::from_secs(20);

fn bytes(packet: &Packet) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    packet.write(&mut bytes, usize::MAX).unwrap();
    bytes.to_vec()
}

fn connect(id: &str, keep_alive: u16) -> Vec<u8> {
    let mut connect = Connect { keep_alive, ..Connect::new(id) };
    connect.set_login("user", "right");
    bytes(&Packet::Connect(connect))
}

/// A client that was accepted, and can now do as it likes.
async fn accepted(served: &Served, id: &str, keep_alive: u16) -> TcpStream {
    let mut stream = TcpStream::connect(served.addr).await.unwrap();
    stream.write_all(&connect(id, keep_alive)).await.unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [0x20, 2, 0, 0]);
    stream
}

/// Everything that still comes until the broker closes the connection.
async fn last_words(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    // A reset is an end as well.
    let _ = timeout(TOO_LONG, stream.read_to_end(&mut heard)).await.unwrap();
    heard
}

#[tokio::test]
async fn who_is_silent_for_one_and_a_half_times_the_keep_alive_is_cut() {
    let served = served().await;
    let mut silent = accepted(&served, "silent", 1).await;
    let since = Instant::now();
    assert_eq!(last_words(&mut silent).await, b"");
    assert!(since.elapsed() >= Duration::from_millis(1_400), "{:?}", since.elapsed());
}

#[tokio::test]
async fn half_a_packet_is_not_a_sign_of_life() {
    let served = served().await;
    let mut stream = accepted(&served, "half", 1).await;
    stream.write_all(&[0x30, 100, 0, 1, b'a']).await.unwrap();
    assert_eq!(last_words(&mut stream).await, b"");
    assert_eq!(served.broker.connections(), 0);
}

#[tokio::test]
async fn a_ping_is_answered() {
    let served = served().await;
    let mut stream = accepted(&served, "pinging", 60).await;
    stream.write_all(&bytes(&Packet::PingReq)).await.unwrap();
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, bytes(&Packet::PingResp)[..]);
}

#[tokio::test]
async fn garbage_instead_of_a_connect_ends_the_connection() {
    let served = served().await;
    let garbage: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\n\r\n",
        &[0xff; 64],
        &[0x10, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x10, 0],
        &[0x10, 2, 0, 200],
        &[0xc0, 0],
    ];
    for bytes in garbage {
        let mut stream = TcpStream::connect(served.addr).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        assert_eq!(last_words(&mut stream).await, b"", "{bytes:?}");
    }
}

#[tokio::test]
async fn another_version_of_the_protocol_is_told_so() {
    let served = served().await;
    let mut stream = TcpStream::connect(served.addr).await.unwrap();
    let mut newer = connect("newer", 60);
    newer[8] = 6;
    stream.write_all(&newer).await.unwrap();
    let code = ConnectReturnCode::RefusedProtocolVersion as u8;
    assert_eq!(last_words(&mut stream).await, [0x20, 2, 0, code]);
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_connection() {
    let served = served().await;
    let publish = |topic: &str, qos| {
        let mut publish = Publish::new(topic, qos, "x");
        publish.pkid = 1;
        bytes(&Packet::Publish(publish))
    };
    let breaches = [
        ("a second CONNECT", connect("twice", 60)),
        ("QoS 2", publish("a", QoS::ExactlyOnce)),
        ("a wildcard in a topic", publish("a/#", QoS::AtLeastOnce)),
        ("an empty topic", publish("", QoS::AtMostOnce)),
        ("a topic that is not UTF-8", vec![0x30, 4, 0, 2, 0xff, 0xfe]),
        ("a topic longer than the packet", vec![0x30, 4, 0, 200, b'a', b'b']),
        (
            "a subscription without a packet id",
            bytes(&Packet::Subscribe(Subscribe::new("a", QoS::AtMostOnce))),
        ),
        ("a subscription to nothing", vec![0x82, 2, 0, 1]),
        ("an unsubscription from nothing", vec![0xa2, 2, 0, 1]),
        ("an unsubscription too short", vec![0xa2, 1, 0]),
        ("a server's packet", vec![0x20, 2, 0, 0]),
        ("reserved flags", vec![0xc1, 0]),
        ("a packet over the limit", vec![0x30, 0x81, 0x80, 0x10]),
    ];
    for (name, breach) in breaches {
        let mut stream = accepted(&served, "breaching", 60).await;
        stream.write_all(&breach).await.unwrap();
        assert_eq!(last_words(&mut stream).await, b"", "{name}");
    }
    assert_eq!(served.broker.connections(), 0);
}

#[tokio::test]
async fn a_topic_in_any_letters_harms_nobody() {
    let served = served().await;
    let mut stream = accepted(&served, "letters", 60).await;
    let mut subscribe = Subscribe::new("+/x", QoS::AtMostOnce);
    subscribe.pkid = 1;
    stream.write_all(&bytes(&Packet::Subscribe(subscribe))).await.unwrap();
    let publish = bytes(&Packet::Publish(Publish::new("é/x", QoS::AtMostOnce, "y")));
    stream.write_all(&publish).await.unwrap();
    let mut answers = vec![0; 5 + publish.len()];
    stream.read_exact(&mut answers).await.unwrap();
    assert_eq!(answers[5..], publish);
}

#[tokio::test]
async fn a_bad_filter_is_refused_in_the_answer() {
    let served = served().await;
    let mut stream = accepted(&served, "filters", 60).await;
    let mut subscribe = Subscribe::new("a/#/b", QoS::AtMostOnce);
    subscribe.add("a/#".into(), QoS::ExactlyOnce).pkid = 7;
    stream.write_all(&bytes(&Packet::Subscribe(subscribe))).await.unwrap();
    let mut answer = [0; 6];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [0x90, 4, 0, 7, 0x80, 1]);
}

#[tokio::test]
async fn who_acknowledges_nothing_gets_a_bounded_number_and_is_cut_in_the_end() {
    let served = served().await;
    let mut lazy = accepted(&served, "lazy", 0).await;
    let mut subscribe = Subscribe::new("a", QoS::AtLeastOnce);
    subscribe.pkid = 1;
    lazy.write_all(&bytes(&Packet::Subscribe(subscribe))).await.unwrap();
    let mut answer = [0; 5];
    lazy.read_exact(&mut answer).await.unwrap();
    let mut published = 0;
    while served.broker.connections() > 0 {
        served.broker.publish("a", "x".into(), false);
        published += 1;
        assert!(published < 5_000, "never cut");
        tokio::task::yield_now().await;
    }
    // At most 32 in flight, each 8 bytes: header 2, topic 3, packet id 2, payload 1.
    assert!(last_words(&mut lazy).await.len() <= 32 * 8);
}

#[tokio::test]
async fn thousands_at_once() {
    const MANY: usize = 5_000;
    let served = served().await;
    let mut streams = Vec::new();
    for number in 0..MANY {
        // In memory: so many sockets are more than a process may open on most machines.
        let (near, mut far) = tokio::io::duplex(256);
        let broker = served.broker.clone();
        tokio::spawn(async move { broker.serve(near, CancellationToken::new()).await });
        let mut subscribe = Subscribe::new("reset", QoS::AtLeastOnce);
        subscribe.pkid = 1;
        let hello = [connect(&number.to_string(), 60), bytes(&Packet::Subscribe(subscribe))].concat();
        far.write_all(&hello).await.unwrap();
        let mut answers = [0; 4 + 5];
        far.read_exact(&mut answers).await.unwrap();
        streams.push(far);
    }
    assert_eq!(served.broker.connections(), MANY);
    served.broker.publish("reset", "now".into(), false);
    for stream in &mut streams {
        let mut reset = [0; 2 + 7 + 2 + 3];
        stream.read_exact(&mut reset).await.unwrap();
        assert!(reset.ends_with(b"now"));
    }
}
