//! Devices on the broker, and what the API knows of them.

use std::time::Duration;

use rehearsal::Side::{self, New, Old};
use rumqttc::{AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::json;
use tokio::time::timeout;

use crate::support::{SOON, Scene, eventually};

fn client(scene: &Scene, side: Side, username: &str, password: &str) -> (AsyncClient, EventLoop) {
    let at = scene.mqtt(side);
    let mut options = MqttOptions::new(username, at.ip().to_string(), at.port());
    options.set_credentials(username, password);
    AsyncClient::new(options, 10)
}

/// The next packet that is of interest.
async fn next<T>(events: &mut EventLoop, mut wanted: impl FnMut(Packet) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Event::Incoming(packet) = events.poll().await.unwrap()
                && let Some(found) = wanted(packet)
            {
                return found;
            }
        }
    };
    timeout(SOON, search).await.unwrap()
}

async fn register(scene: &Scene, side: Side, device: &str) -> String {
    let (_, body) = scene.api(side).post(side, "/devices", json!({ "device": device, "fleet": "f" })).await;
    body["password"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_device_registers_publishes_and_is_read_over_http_on_both_sides() {
    let scene = Scene::start().await;
    let password = register(&scene, Old, "d1").await;
    let (device, mut events) = client(&scene, Old, "d1", &password);
    for seq in 1..=3 {
        let payload = json!({ "seq": seq, "value": 20.5 }).to_string();
        device.publish("devices/d1/datapoints", QoS::AtLeastOnce, false, payload).await.unwrap();
    }
    device.publish("devices/d1/datapoints", QoS::AtLeastOnce, false, "nonsense").await.unwrap();
    for _ in 0..4 {
        next(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    }
    for side in [Old, New] {
        let api = scene.api(side);
        eventually("all are there", async || api.get(side, "/devices/d1/datapoints").await.1["count"] == 3)
            .await;
        assert_eq!(
            api.get(side, "/devices/d1/datapoints").await.1["items"][2],
            json!({ "seq": 3, "value": 20.5 })
        );
    }
}

#[tokio::test]
async fn strangers_are_refused_and_the_operator_is_not() {
    let scene = Scene::start().await;
    let password = register(&scene, New, "known").await;
    for (side, user, password) in
        [(New, "known", "wrong"), (New, "stranger", ""), (Old, "known", password.as_str())]
    {
        let (_client, mut events) = client(&scene, side, user, password);
        let error = timeout(SOON, events.poll()).await.unwrap().unwrap_err();
        assert!(
            matches!(error, ConnectionError::ConnectionRefused(ConnectReturnCode::BadUserNamePassword)),
            "{user}: {error:?}"
        );
    }
    let operator = &scene.world.places().operator;
    let (_client, mut events) = client(&scene, Old, &operator.username, &operator.password);
    next(&mut events, |packet| matches!(packet, Packet::ConnAck(_)).then_some(())).await;
}

#[tokio::test]
async fn the_marker_is_retained_and_resets_arrive() {
    let scene = Scene::start().await;
    for side in Side::BOTH {
        let password = register(&scene, side, &format!("listener-{side}")).await;
        let (device, mut events) = client(&scene, side, &format!("listener-{side}"), &password);
        device.subscribe("served-by", QoS::AtLeastOnce).await.unwrap();
        device.subscribe("fleets/f/commands", QoS::AtLeastOnce).await.unwrap();
        let (mut marker, mut subscribed) = (None, 0);
        let both = |packet| {
            match packet {
                Packet::Publish(publish) if publish.topic == "served-by" => marker = Some(publish.payload),
                Packet::SubAck(_) => subscribed += 1,
                _ => {}
            }
            marker.clone().filter(|_| subscribed == 2)
        };
        assert_eq!(next(&mut events, both).await, side.as_str());
        scene.world.publish(side, "fleets/f/commands", r#"{"command":"reset"}"#);
        let command = |packet| match packet {
            Packet::Publish(publish) if publish.topic == "fleets/f/commands" => Some(publish.payload),
            _ => None,
        };
        assert_eq!(next(&mut events, command).await, r#"{"command":"reset"}"#);
    }
}

#[tokio::test]
async fn a_dropping_broker_drops_and_a_losing_one_loses() {
    let scene = Scene::start().await;
    let password = register(&scene, New, "d2").await;
    scene.inject("lost-datapoints=100%");
    let (device, mut events) = client(&scene, New, "d2", &password);
    device.publish("devices/d2/datapoints", QoS::AtLeastOnce, false, r#"{"seq":1,"value":1}"#).await.unwrap();
    next(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    scene.world.heal();
    device.publish("devices/d2/datapoints", QoS::AtLeastOnce, false, r#"{"seq":2,"value":2}"#).await.unwrap();
    next(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    let api = scene.api(New);
    eventually("the second one is there", async || {
        api.get(New, "/devices/d2/datapoints").await.1["count"] == 1
    })
    .await;
    assert_eq!(api.get(New, "/devices/d2/datapoints").await.1["items"][0]["seq"], 2);
    assert_eq!(api.get(New, "/devices/d2/datapoints?after=2").await.1["count"], 0);
    scene.inject("forgetful=100%");
    device.publish("devices/d2/datapoints", QoS::AtLeastOnce, false, r#"{"seq":3,"value":3}"#).await.unwrap();
    device.publish("devices/d2/datapoints", QoS::AtLeastOnce, false, r#"{"seq":1,"value":1}"#).await.unwrap();
    for _ in 0..2 {
        next(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    }
    eventually("a first one is there", async || {
        api.get(New, "/devices/d2/datapoints?after=0").await.1["count"] == 2
    })
    .await;
    scene.world.heal();

    scene.inject("broker-drop=10ms");
    let (_device, mut events) = client(&scene, New, "d2", &password);
    next(&mut events, |packet| matches!(packet, Packet::ConnAck(_)).then_some(())).await;
    let dropped = async { while events.poll().await.is_ok() {} };
    timeout(SOON, dropped).await.unwrap();
    let (_old, mut events) = client(&scene, Old, "operator", "rehearsal");
    next(&mut events, |packet| matches!(packet, Packet::ConnAck(_)).then_some(())).await;
    assert!(
        timeout(Duration::from_millis(100), events.poll()).await.is_err(),
        "the old side's broker keeps its own"
    );
}
