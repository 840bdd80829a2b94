//! mosquitto: both versions, every QoS, and messages that are passed over.

use std::net::SocketAddr;

use cutover::{FailureKind, Outcome};
use foreign::{Server, free};
use tempfile::TempDir;

use crate::support::{certified, context, passes, run};

fn mosquitto() -> Option<(Server, SocketAddr)> {
    let command = foreign::command("mosquitto")?;
    let at = free();
    let settings = format!("listener {} 127.0.0.1\nallow_anonymous true\nmax_qos 2\n", at.port());
    Some((Server::configured(command, TempDir::new().unwrap(), &settings, &[at]), at))
}

/// A session that listens, and one that speaks; `PROTOCOL` and `QOS` are filled in.
const TALK: &str = r#"
journey: j
vars: { topic: "devices/PROTOCOL-QOS" }
steps:
  - name: leave a message
    mqtt: publish {{ topic }}/left
    broker: mqtt://{{ at }}
    protocol: PROTOCOL
    qos: QOS
    retain: true
    json: { n: 0 }
    expect: [duration < 10s]
  - name: take it
    mqtt: await {{ topic }}/#
    broker: mqtt://{{ at }}
    client-id: listener-PROTOCOL-QOS
    protocol: PROTOCOL
    qos: QOS
    expect: json $.n == 0
  - name: one
    mqtt: publish {{ topic }}/a
    broker: mqtt://{{ at }}
    protocol: PROTOCOL
    qos: QOS
    json: { n: 1 }
  - name: two
    mqtt: publish {{ topic }}/b
    broker: mqtt://{{ at }}
    protocol: PROTOCOL
    qos: QOS
    json: { n: 2 }
  - name: the second is wanted
    mqtt: await {{ topic }}/#
    broker: mqtt://{{ at }}
    client-id: listener-PROTOCOL-QOS
    protocol: PROTOCOL
    qos: QOS
    where:
      - json $.n == 2
      - topic ends-with /b
    expect: bytes == 7
  - name: the first was passed over
    mqtt: await {{ topic }}/#
    broker: mqtt://{{ at }}
    client-id: listener-PROTOCOL-QOS
    protocol: PROTOCOL
    qos: QOS
    expect: json $.n == 1
"#;

#[tokio::test]
async fn both_versions_and_every_qos() {
    let Some((_broker, at)) = mosquitto() else { return };
    let context = context(at, &[]).await;
    for protocol in ["3.1.1", "5"] {
        for qos in ["0", "1", "2"] {
            passes(&context, &TALK.replace("PROTOCOL", protocol).replace("QOS", qos)).await;
        }
    }
}

#[tokio::test]
async fn a_message_that_is_not_the_one_is_told() {
    let Some((_broker, at)) = mosquitto() else { return };
    let context = context(at, &[]).await;
    let yaml = r#"
journey: j
steps:
  - name: leave a message
    mqtt: publish devices/1
    broker: mqtt://{{ at }}
    retain: true
    json: { n: 0 }
  - name: another
    mqtt: await devices/+
    broker: mqtt://{{ at }}
    where: json $.n == 7
    timeout: 300ms
"#;
    let run = run(&context, yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "another".to_owned(), kind: FailureKind::Timeout });
    let told = "no message on `devices/+` that is wanted within 300ms; one was passed over: expected json $.n == 7, got 0";
    assert!(run.detail.ends_with(told), "{}", run.detail);
}

#[tokio::test]
async fn the_brokers_certificate_is_asked_over_tcp_and_over_a_websocket() {
    let Some(command) = foreign::command("mosquitto") else { return };
    let (at, web, folder) = (free(), free(), TempDir::new().unwrap());
    let ca = certified(folder.path());
    let listener = |at: SocketAddr, kind: &str| {
        let (port, folder) = (at.port(), folder.path().display());
        format!(
            "listener {port} 127.0.0.1\nprotocol {kind}\ncertfile {folder}/chain.pem\nkeyfile {folder}/key.pem\n"
        )
    };
    // Started as root it would become a user who cannot read its key.
    let (mqtt, websockets) = (listener(at, "mqtt"), listener(web, "websockets"));
    let settings = format!("user root\nallow_anonymous true\n{mqtt}{websockets}");
    let _broker = Server::configured(command, folder, &settings, &[at, web]);
    let context = context(at, &[ca]).await;
    for broker in [format!("mqtts://{at}"), format!("wss://{web}/mqtt")] {
        let yaml = format!(
            r#"
journey: j
steps:
  - name: leave a message
    mqtt: publish devices/1
    broker: {broker}
    retain: true
    json: {{ n: 0 }}
    expect: [certificate.days-left > 14, certificate.names contains cache.acme.example]
  - name: take it
    mqtt: await devices/+
    broker: {broker}
    expect: [certificate.issuer contains "the CA of a test", certificate.names count == 2]
"#
        );
        passes(&context, &yaml).await;
    }
}
