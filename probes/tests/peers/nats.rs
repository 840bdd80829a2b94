//! nats-server with MQTT on: 3.1.1 only, a broker of quite another make.

use cutover::FailureKind;
use foreign::{Server, free};
use probes::mqtt::{Event, MqttVersion, Qos};
use probes::{Fault, MqttOptions, Trust};
use tempfile::TempDir;

use crate::broker::{echo, next, open, publish, try_open};

const URL: &str = "mqtt://127.0.0.1:PORT";

async fn nats() -> Option<(Server, std::net::SocketAddr)> {
    let program = foreign::command("nats-server")?;
    let (at, own) = (free(), free());
    let folder = TempDir::new().unwrap();
    let config = format!(
        "server_name: test\nlisten: \"{own}\"\njetstream {{ store_dir: \"{}\" }}\nmqtt {{ listen: \"{at}\" }}\n",
        folder.path().display()
    );
    Some((Server::configured(program, folder, &config, &[own, at]), at))
}

#[tokio::test]
async fn messages_both_ways_and_a_session_that_outlives_its_connection() {
    let Some((_broker, at)) = nats().await else { return };
    // The version of Debian's bookworm knows QoS 0 and 1.
    echo(&mut open(at, URL, &MqttOptions::new("echo")).await, Qos::AtLeastOnce).await;

    let persistent = MqttOptions { clean_session: false, ..MqttOptions::new("device") };
    let mut device = open(at, URL, &persistent).await;
    assert!(!device.resumed());
    device.subscribe("commands", Qos::AtLeastOnce).await.unwrap();
    publish(&mut device, "data", "one", Qos::AtLeastOnce).await;
    let unfinished = device.unfinished();
    let ids: Vec<u16> = unfinished.ids().collect();
    device.close().await;

    let mut operator = open(at, URL, &MqttOptions::new("operator")).await;
    let id = publish(&mut operator, "commands", "reset", Qos::AtLeastOnce).await.unwrap();
    assert_eq!(next(&mut operator).await, Event::Acknowledged(id));

    let mut device = open(at, URL, &persistent).await;
    assert!(device.resumed());
    device.resume(unfinished).await.unwrap();
    let (mut commands, mut acknowledged) = (vec![], vec![]);
    while commands.is_empty() || acknowledged.is_empty() {
        match next(&mut device).await {
            Event::Message(message) => commands.push(message.payload),
            Event::Acknowledged(id) => acknowledged.push(id),
        }
    }
    assert_eq!((&*commands, acknowledged), (&[bytes::Bytes::from("reset")][..], ids));
}

#[tokio::test]
async fn mqtt_5_is_refused_in_words() {
    let Some((_broker, at)) = nats().await else { return };
    let options = MqttOptions { version: MqttVersion::V5, ..MqttOptions::new("d") };
    let error = try_open(at, URL, &options, &Trust::new(&[]).unwrap()).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Failed(FailureKind::Status | FailureKind::Reset)), "{error}");
}
