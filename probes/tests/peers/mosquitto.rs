//! mosquitto: both versions, TCP, WebSockets and client certificates.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use cutover::FailureKind;
use foreign::{Server, free};
use probes::mqtt::{Event, MqttVersion, Qos, Will};
use probes::{Fault, MqttOptions, Trust};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::broker::{echo, message, next, open, publish, try_open};

const BOTH: [MqttVersion; 2] = [MqttVersion::V3_1_1, MqttVersion::V5];
const URL: &str = "mqtt://127.0.0.1:PORT";

/// mosquitto with one plain listener, and more lines in its configuration.
async fn mosquitto(more: &str) -> Option<(Server, SocketAddr)> {
    let program = foreign::command("mosquitto")?;
    let at = free();
    let config = format!("listener {} 127.0.0.1\nallow_anonymous true\n{more}\n", at.port());
    Some((Server::configured(program, TempDir::new().unwrap(), &config, &[at]), at))
}

fn options(version: MqttVersion, id: &str) -> MqttOptions {
    MqttOptions { version, ..MqttOptions::new(id) }
}

/// A session that outlives its connections.
fn persistent(version: MqttVersion, id: &str) -> MqttOptions {
    let session_expiry = Duration::from_secs(60);
    MqttOptions { clean_session: false, session_expiry, ..options(version, id) }
}

#[tokio::test]
async fn messages_of_every_qos_both_ways() {
    let Some((_broker, at)) = mosquitto("").await else { return };
    for version in BOTH {
        echo(&mut open(at, URL, &options(version, "echo")).await, Qos::ExactlyOnce).await;
    }
    let anonymous = open(at, URL, &options(MqttVersion::V5, "")).await;
    assert!(anonymous.assigned_client_id().is_some_and(|id| !id.is_empty()));
}

#[tokio::test]
async fn many_messages_at_once_within_what_the_broker_takes() {
    let Some((_broker, at)) = mosquitto("").await else { return };
    for version in BOTH {
        let mut session = open(at, URL, &options(version, "many")).await;
        session.subscribe("many", Qos::AtLeastOnce).await.unwrap();
        // mosquitto takes 20 at a time, and says so with MQTT 5. Not QoS 2: mosquitto 2.0.11 hands out 20 of so many at
        // once and then no more, to any client.
        for number in 0..200 {
            publish(&mut session, "many", &number.to_string(), Qos::AtLeastOnce).await;
        }
        let (mut heard, mut acknowledged) = (0, 0);
        while heard < 200 || acknowledged < 200 {
            match next(&mut session).await {
                Event::Message(message) => {
                    assert_eq!(message.payload, heard.to_string());
                    heard += 1;
                }
                Event::Acknowledged(_) => acknowledged += 1,
            }
        }
    }
}

#[tokio::test]
async fn a_session_outlives_its_connection() {
    let Some((_broker, at)) = mosquitto("").await else { return };
    for version in BOTH {
        let name = format!("{version:?}");
        let mut device = open(at, URL, &persistent(version, &name)).await;
        assert!(!device.resumed());
        device.subscribe(&name, Qos::ExactlyOnce).await.unwrap();
        // Sent, and lost before anything is acknowledged: whether the broker has them nobody knows.
        for payload in ["one", "two"] {
            publish(&mut device, &format!("{name}/data"), payload, Qos::ExactlyOnce).await;
        }
        let unfinished = device.unfinished();
        let ids: Vec<u16> = unfinished.ids().collect();
        assert_eq!(ids.len(), 2);
        drop(device);

        let mut operator = open(at, URL, &options(version, "operator")).await;
        operator.subscribe(&format!("{name}/data"), Qos::ExactlyOnce).await.unwrap();
        for qos in [Qos::AtLeastOnce, Qos::ExactlyOnce] {
            let id = publish(&mut operator, &name, "reset", qos).await.unwrap();
            // A message of the device's may come first, if the broker had it from PUBREL on.
            while next(&mut operator).await != Event::Acknowledged(id) {}
        }

        let mut device = open(at, URL, &persistent(version, &name)).await;
        assert!(device.resumed());
        device.resume(unfinished).await.unwrap();
        let (mut commands, mut acknowledged) = (vec![], vec![]);
        while commands.len() < 2 || acknowledged.len() < 2 {
            match next(&mut device).await {
                Event::Message(message) => commands.push(message.payload),
                Event::Acknowledged(id) => acknowledged.push(id),
            }
        }
        assert_eq!((commands, acknowledged), (vec![Bytes::from("reset"); 2], ids));
        for payload in ["one", "two"] {
            assert_eq!(message(&mut operator).await.payload, payload, "each once, in their order");
        }
        assert!(tokio::time::timeout(Duration::from_millis(200), operator.next()).await.is_err());
        device.close().await;
    }
}

#[tokio::test]
async fn the_will_of_one_that_is_lost_and_of_none_that_says_farewell() {
    let Some((_broker, at)) = mosquitto("").await else { return };
    for version in BOTH {
        let mut watch = open(at, URL, &options(version, "watch")).await;
        watch.subscribe("gone/+", Qos::AtLeastOnce).await.unwrap();
        let with_will = |id: &str| {
            let (topic, payload) = (format!("gone/{id}"), Bytes::from(id.to_owned()));
            let will = Will { topic, payload, qos: Qos::AtLeastOnce, retain: false };
            MqttOptions { will: Some(will), ..options(version, id) }
        };
        open(at, URL, &with_will("polite")).await.close().await;
        drop(open(at, URL, &with_will("lost")).await);
        assert_eq!(message(&mut watch).await.topic, "gone/lost");
    }
}

#[tokio::test]
async fn one_that_says_nothing_for_its_keep_alive_is_dropped() {
    let Some((_broker, at)) = mosquitto("").await else { return };
    for version in BOTH {
        let mut watch = open(at, URL, &options(version, "watch")).await;
        watch.subscribe("gone", Qos::AtLeastOnce).await.unwrap();
        let will =
            Will { topic: "gone".to_owned(), payload: Bytes::new(), qos: Qos::AtLeastOnce, retain: false };
        let keep_alive = Duration::from_secs(1);
        let options = MqttOptions { keep_alive, will: Some(will), ..options(version, "sleeper") };
        let mut sleeper = open(at, URL, &options).await;
        assert_eq!(message(&mut watch).await.topic, "gone");
        let error = sleeper.next().await.unwrap_err();
        assert_eq!(error.fault, Fault::Failed(FailureKind::Reset), "{error}");
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_in_words_with_mqtt_5() {
    let Some((_broker, at)) = mosquitto("message_size_limit 10").await else { return };
    let mut session = open(at, URL, &options(MqttVersion::V5, "large")).await;
    publish(&mut session, "t", "more than ten bytes", Qos::AtLeastOnce).await;
    let error = session.next().await.unwrap_err();
    assert_eq!(error.fault, Fault::Failed(FailureKind::Status), "{error}");
    assert!(error.message.contains("0x95, the packet is larger than it takes"), "{error}");
}

#[tokio::test]
async fn wrong_credentials_are_refused_in_words() {
    let accounts = TempDir::new().unwrap();
    let file = accounts.path().join("accounts");
    std::fs::write(&file, "").unwrap();
    // Later lines win.
    let more = format!("allow_anonymous false\npassword_file {}", file.display());
    let Some((_broker, at)) = mosquitto(&more).await else { return };
    for version in BOTH {
        let credentials = Some(("nobody".to_owned(), "wrong".to_owned()));
        let options = MqttOptions { credentials, ..options(version, "d") };
        let error = try_open(at, URL, &options, &Trust::new(&[]).unwrap()).await.unwrap_err();
        assert_eq!(error.fault, Fault::Failed(FailureKind::Status), "{error}");
        assert!(error.message.contains("not authorized"), "{error}");
    }
}

#[tokio::test]
async fn web_sockets() {
    let web = free();
    let more = format!("listener {} 127.0.0.1\nprotocol websockets", web.port());
    let Some((_broker, _)) = mosquitto(&more).await else { return };
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    while tokio::net::TcpStream::connect(web).await.is_err() {
        assert!(tokio::time::Instant::now() < until, "mosquitto has no WebSockets");
    }
    for version in BOTH {
        let mut session = open(web, "ws://127.0.0.1:PORT/mqtt", &options(version, "web")).await;
        echo(&mut session, Qos::ExactlyOnce).await;
        session.close().await;
    }
}

#[tokio::test]
async fn client_certificates() {
    let Some(program) = foreign::command("mosquitto") else { return };
    let folder = TempDir::new().unwrap();
    let (plain, strict) = (free(), free());
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "the CA of a test");
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let signed = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        (params.signed_by(&key, &ca).unwrap().pem(), key.serialize_pem())
    };
    let (chain, key) = signed("localhost");
    for (file, text) in [("ca.pem", ca.pem()), ("chain.pem", chain), ("key.pem", key)] {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let at = folder.path().display();
    // Started as root it would become a user who cannot read its key.
    let config = format!(
        "user root\nper_listener_settings true\nlistener {} 127.0.0.1\nallow_anonymous true\nlistener {} 127.0.0.1\n\
         cafile {at}/ca.pem\ncertfile {at}/chain.pem\nkeyfile {at}/key.pem\nrequire_certificate true\n\
         use_identity_as_username true\n",
        plain.port(),
        strict.port(),
    );
    let trust = Trust::new(&[ca.pem().into_bytes()]).unwrap();
    let _broker = Server::configured(program, folder, &config, &[plain, strict]);
    let url = "mqtts://localhost:PORT";
    for version in BOTH {
        let (chain, key) = signed("thermostats-000001");
        let identity = trust.with_identity(chain.as_bytes(), key.as_bytes()).unwrap();
        let mut session = try_open(strict, url, &options(version, "tls"), &identity).await.unwrap();
        echo(&mut session, Qos::ExactlyOnce).await;
        let error = try_open(strict, url, &options(version, "tls"), &trust).await.unwrap_err();
        assert_eq!(error.fault, Fault::Failed(FailureKind::Tls), "{error}");
    }
}
