//! The reset instruction, on both sides' brokers: every device gets it, whichever way it went.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::Side;
use devices::{Account, FleetPlan, Login};
use probes::mqtt::{Event, Qos};
use probes::{MqttOptions, MqttSession, Pins, Timeouts, Trust};
use serde_json::json;

/// How long a side's broker has to take the instruction.
const LIMIT: Duration = Duration::from_secs(10);

/// Who sends it, and where the brokers are.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    /// Where the brokers are on each side.
    pub pins: Arc<Pins>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// The account on the brokers; `None`: the fleet's own, if it has one for all.
    pub account: Option<Account>,
}

/// What became of it on one side.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The fleet.
    pub fleet: Arc<str>,
    /// The side.
    pub side: Side,
    /// The topics on which the broker acknowledged it, or why it did not.
    pub result: Result<Vec<String>, String>,
}

impl Sender {
    /// Publishes the instruction `id` to a fleet, on both sides at once, at QoS 1.
    pub(crate) async fn send(&self, fleet: &FleetPlan, id: &str) -> [Sent; 2] {
        let one = |side| async move {
            let sent = tokio::time::timeout(LIMIT, self.publish(fleet, side, id)).await;
            let result =
                sent.unwrap_or_else(|_| Err(format!("not acknowledged within {} s", LIMIT.as_secs())));
            Sent { fleet: fleet.name.clone(), side, result }
        };
        let (old, new) = tokio::join!(one(Side::Old), one(Side::New));
        [old, new]
    }

    async fn publish(&self, fleet: &FleetPlan, side: Side, id: &str) -> Result<Vec<String>, String> {
        let host = &fleet.broker.host;
        let address = self.pins.get(side, host).or_else(|| host.parse().ok());
        let address = address.ok_or_else(|| format!("{host} is none of the names that move"))?;
        let address = SocketAddr::new(address, fleet.broker.port);
        let mut options = MqttOptions::new(format!("serin-reset-{}-{id}", side.as_str()));
        options.credentials = match (&self.account, &fleet.login) {
            (Some(account), _) | (None, Login::Account(account)) => {
                Some((account.username.clone(), account.password.clone()))
            }
            (None, Login::Anonymous | Login::Register(_)) => None,
        };
        let opened =
            MqttSession::open(address, &fleet.broker, &options, &self.trust, &Timeouts::default()).await;
        let (mut session, _) = opened.map_err(|error| error.to_string())?;
        let payload = Bytes::from(json!({ "reset": id }).to_string());
        let topics = topics(fleet);
        for topic in &topics {
            let sent = session.publish(topic, payload.clone(), Qos::AtLeastOnce, false).await;
            let packet = sent.map_err(|error| error.to_string())?;
            acknowledged(&mut session, packet).await?;
        }
        session.close().await;
        Ok(topics)
    }
}

/// Waits for the acknowledgement of one packet.
async fn acknowledged(session: &mut MqttSession, packet: Option<u16>) -> Result<(), String> {
    loop {
        match session.next().await.map_err(|error| error.to_string())? {
            Event::Acknowledged(id) if Some(id) == packet => return Ok(()),
            _ => {}
        }
    }
}

/// A topic that the whole fleet listens on, if it has one; else one for each device.
fn topics(fleet: &FleetPlan) -> Vec<String> {
    let shared = fleet.commands.iter().find(|topic| topic.fill("", "a") == topic.fill("", "b"));
    match (shared, fleet.commands.first()) {
        (Some(topic), _) => vec![topic.fill(&fleet.name, "")],
        (None, Some(topic)) => {
            (0..fleet.count).map(|index| topic.fill(&fleet.name, &fleet.device(index))).collect()
        }
        (None, None) => Vec::new(),
    }
}
