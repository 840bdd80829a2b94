//! One real device.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use chrono::{SecondsFormat, Utc};
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet, QoS};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::lookup::lookup;

/// How often it says something.
const EVERY: Duration = Duration::from_millis(500);
/// Before it tries again.
const PAUSE: Duration = Duration::from_millis(300);
/// How long the answer of a resolver may take.
const ANSWER: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Messages that may wait to be sent.
const WAITING: usize = 10;

/// A real device.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    /// Its id, which is its user name as well.
    pub(crate) device: String,
    pub(crate) password: String,
    /// Whom it asks where the broker is.
    pub(crate) resolver: SocketAddr,
    /// The broker's name, and its port.
    pub(crate) broker: (String, u16),
    /// Where it says nothing while it is told to be silent: the new side's address.
    pub(crate) silent_at: Ipv4Addr,
    pub(crate) silent: watch::Receiver<bool>,
}

/// What it is told. What else there may be in a command is not for it.
#[derive(Deserialize)]
struct Command {
    reset: Option<String>,
}

impl Canary {
    /// Lives for ever.
    pub(crate) async fn live(self) {
        let (mut seq, mut obeyed) = (0, None);
        loop {
            match timeout(ANSWER, lookup(self.resolver, &self.broker.0)).await {
                Ok(Ok(Some(address))) => {
                    if let Err(error) = self.session(address, &mut seq, &mut obeyed).await {
                        tracing::debug!(device = self.device, %error, "a real device lost its session");
                        sleep(PAUSE).await;
                    }
                }
                _ => sleep(PAUSE).await,
            }
        }
    }

    /// One session, until it is told to reset.
    async fn session(
        &self,
        address: Ipv4Addr,
        seq: &mut u64,
        obeyed: &mut Option<String>,
    ) -> Result<(), ConnectionError> {
        let mut options = MqttOptions::new(&self.device, address.to_string(), self.broker.1);
        options.set_credentials(&self.device, &self.password).set_keep_alive(KEEP_ALIVE);
        let (client, mut events) = AsyncClient::new(options, WAITING);
        tokio::select! {
            told = self.listen(&client, &mut events, obeyed) => told?,
            () = self.speak(&client, address, seq) => {}
        }
        // The farewell is sent with the next turns of the loop, and the broker then ends the connection.
        if client.try_disconnect().is_ok() {
            while timeout(PAUSE, events.poll()).await.is_ok_and(|event| event.is_ok()) {}
        }
        Ok(())
    }

    /// Ends when it is told to reset as it was not told before.
    async fn listen(
        &self,
        client: &AsyncClient,
        events: &mut EventLoop,
        obeyed: &mut Option<String>,
    ) -> Result<(), ConnectionError> {
        loop {
            match events.poll().await? {
                Event::Incoming(Packet::ConnAck(_)) => {
                    let own = format!("devices/{}/commands", self.device);
                    for topic in [own.as_str(), "fleets/+/commands"] {
                        // There is room for two in a queue that has just been made.
                        let _ = client.try_subscribe(topic, QoS::AtLeastOnce);
                    }
                }
                Event::Incoming(Packet::Publish(command)) => {
                    let command = serde_json::from_slice(&command.payload);
                    if let Ok(Command { reset: Some(id) }) = command
                        && obeyed.as_ref() != Some(&id)
                    {
                        *obeyed = Some(id);
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
    }

    async fn speak(&self, client: &AsyncClient, address: Ipv4Addr, seq: &mut u64) {
        let topic = format!("devices/{}/datapoints", self.device);
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if *self.silent.borrow() && address == self.silent_at {
                continue;
            }
            *seq += 1;
            let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
            let datapoint = json!({ "seq": *seq, "value": 21.5, "at": at }).to_string();
            // While there is no connection they wait, and then there are too many of them.
            let _ = client.try_publish(&topic, QoS::AtLeastOnce, false, datapoint);
        }
    }
}
