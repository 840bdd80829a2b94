//! The real devices of the field, heard as anybody may hear them.

use std::time::Duration;

use rehearsal::Side;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use tokio::time::timeout;

use crate::support::{SOON, Scene};

/// Hears what a device says on one side's broker.
struct Ear(EventLoop);

impl Ear {
    async fn on(scene: &Scene, side: Side, device: &str) -> Self {
        let (at, operator) = (scene.mqtt(side), scene.world.places().operator.clone());
        let mut options = MqttOptions::new(format!("ear-{device}"), at.ip().to_string(), at.port());
        options.set_credentials(operator.username, operator.password);
        let (client, mut events) = AsyncClient::new(options, 10);
        client.subscribe(format!("devices/{device}/datapoints"), QoS::AtLeastOnce).await.unwrap();
        while !matches!(events.poll().await.unwrap(), Event::Incoming(Packet::SubAck(_))) {}
        Self(events)
    }

    async fn hears(&mut self) -> serde_json::Value {
        loop {
            if let Event::Incoming(Packet::Publish(said)) =
                timeout(SOON, self.0.poll()).await.unwrap().unwrap()
            {
                return serde_json::from_slice(&said.payload).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_real_device_moves_at_a_reset_and_can_be_silenced_on_the_new_side() {
    let scene = Scene::start().await;
    let [lobby, van] = scene.world.places().canaries.clone();
    for device in [&lobby, &van] {
        let mut old = Ear::on(&scene, Side::Old, device).await;
        let (one, next) = (old.hears().await, old.hears().await);
        assert!(next["seq"].as_u64() > one["seq"].as_u64() && next["at"].is_string(), "{next}");
    }
    scene.world.flip(Side::New);
    let mut ears = [Ear::on(&scene, Side::New, &lobby).await, Ear::on(&scene, Side::New, &van).await];
    // Its resolver keeps the old answer for a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for side in [Side::Old, Side::New] {
        scene.world.publish(side, "fleets/any/commands", r#"{"reset": "wave-1"}"#);
    }
    for ear in &mut ears {
        ear.hears().await;
    }
    scene.inject("canary-silent");
    while timeout(Duration::from_secs(2), ears[0].0.poll()).await.is_ok() {}
    ears[1].hears().await;
    scene.world.heal();
    ears[0].hears().await;
}
