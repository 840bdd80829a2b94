//! The reset instruction, on both sides' brokers: every device gets it, whichever way it went.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::Side;
use devices::{Account, FleetPlan, Login};
use probes::mqtt::{Event, Qos};
use probes::{MqttOptions, MqttSession, Pins, Timeouts, Trust};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

/// How long a broker may acknowledge nothing before it is given up. It is no limit on the whole: a topic for each of
/// many devices takes its time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages that are sent before the first of them must be acknowledged: one at a time, each would cost a round trip.
const WINDOW: usize = 64;

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
            Sent { fleet: fleet.name.clone(), side, result: self.publish(fleet, side, id).await }
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
        broadcast(&mut session, &topics, &payload, PATIENCE).await?;
        session.close().await;
        Ok(topics)
    }
}

/// Publishes `payload` on every topic at QoS 1. When it breaks off, the error says how far it came.
async fn broadcast(
    session: &mut MqttSession,
    topics: &[String],
    payload: &Bytes,
    patience: Duration,
) -> Result<(), String> {
    let mut open = HashSet::new();
    let mut waiting = topics.iter();
    let mut progress = Instant::now();
    loop {
        let done = topics.len() - waiting.len() - open.len();
        let broken = |why: &str| match topics.len() {
            1 => why.to_owned(),
            all => format!("{why}; {done} of {all} topics have it"),
        };
        while open.len() < WINDOW
            && let Some(topic) = waiting.next()
        {
            let sent = session.publish(topic, payload.clone(), Qos::AtLeastOnce, false).await;
            open.extend(sent.map_err(|error| broken(&error.to_string()))?);
        }
        if open.is_empty() {
            return Ok(());
        }
        match timeout_at(progress + patience, session.next()).await {
            Ok(Ok(Event::Acknowledged(id))) if open.remove(&id) => progress = Instant::now(),
            // A broker that says something else all the time has acknowledged nothing either.
            Ok(Ok(_)) if progress.elapsed() < patience => {}
            Ok(Err(error)) => return Err(broken(&error.to_string())),
            Ok(Ok(_)) | Err(_) => {
                return Err(broken(&format!(
                    "nothing acknowledged for {}",
                    humantime::format_duration(patience)
                )));
            }
        }
    }
}

/// A topic that the whole fleet listens on, if it has one; else one for each device. Patterns with a wildcard are to
/// listen on only.
fn topics(fleet: &FleetPlan) -> Vec<String> {
    let mut single = fleet.commands.iter().filter(|topic| (*topic).clone().single().is_ok());
    let first = single.clone().next();
    match (single.find(|topic| topic.fill("", "a") == topic.fill("", "b")), first) {
        (Some(topic), _) => vec![topic.fill(&fleet.name, "")],
        (None, Some(topic)) => {
            (0..fleet.count).map(|index| topic.fill(&fleet.name, &fleet.device(index))).collect()
        }
        (None, None) => Vec::new(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeSet;

    use rehearsal::broker::Broker;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    use super::*;

    fn fleet(count: u32, commands: &[&str]) -> FleetPlan {
        let broker = "mqtt://mqtt.acme.example".parse().unwrap();
        let commands = commands.iter().map(|topic| topic.parse().unwrap()).collect();
        FleetPlan { commands, ..FleetPlan::new("lamps", count, broker).unwrap() }
    }

    async fn session(listener: &TcpListener) -> MqttSession {
        let at = listener.local_addr().unwrap();
        let target = format!("mqtt://{at}").parse().unwrap();
        let (options, trust) = (MqttOptions::new("reset".to_owned()), Trust::new(&[]).unwrap());
        MqttSession::open(at, &target, &options, &trust, &Timeouts::default()).await.unwrap().0
    }

    #[test]
    fn the_topic_of_all_comes_first_and_a_wildcard_is_none_to_send_on() {
        let all = topics(&fleet(3, &["devices/{device}/commands", "fleets/{fleet}/commands"]));
        assert_eq!(all, ["fleets/lamps/commands"]);
        let each = topics(&fleet(2, &["fleets/+/commands", "all/#", "devices/{device}/commands"]));
        assert_eq!(each, ["devices/lamps-000000/commands", "devices/lamps-000001/commands"]);
        assert!(topics(&fleet(2, &["fleets/+/commands"])).is_empty());
    }

    #[tokio::test]
    async fn each_device_has_it_though_they_are_more_than_a_window() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (sender, mut inbound) = mpsc::channel(1_000);
        let broker = Broker::new(|_, _| true, sender);
        let serving = async {
            let (stream, _) = listener.accept().await.unwrap();
            broker.serve(stream, CancellationToken::new()).await;
        };
        let topics = topics(&fleet(300, &["devices/{device}/commands"]));
        let sending = async {
            let mut session = session(&listener).await;
            broadcast(&mut session, &topics, &Bytes::from_static(b"x"), PATIENCE).await.unwrap();
            session.close().await;
        };
        tokio::join!(serving, sending);
        inbound.close();
        let mut seen = BTreeSet::new();
        while let Some(message) = inbound.recv().await {
            seen.insert(message.topic.to_string());
        }
        assert_eq!(seen, topics.into_iter().collect());
    }

    #[tokio::test]
    async fn a_broker_that_stops_is_given_up_and_how_far_it_came_is_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            // CONNACK, and PUBACKs for the first two packets; then it only reads.
            stream.write_all(b"\x20\x02\x00\x00\x40\x02\x00\x01\x40\x02\x00\x02").await.unwrap();
            let mut scratch = [0; 1024];
            while stream.read(&mut scratch).await.is_ok_and(|read| read > 0) {}
        };
        let sending = async {
            let mut session = session(&listener).await;
            let topics = topics(&fleet(5, &["devices/{device}/commands"]));
            broadcast(&mut session, &topics, &Bytes::from_static(b"x"), Duration::from_millis(200)).await
        };
        let (error, ()) = tokio::join!(sending, peer);
        assert_eq!(error.unwrap_err(), "nothing acknowledged for 200ms; 2 of 5 topics have it");
    }
}
