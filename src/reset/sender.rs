//! The reset instruction, on both sides' brokers: every device gets it, whichever way it went.

use std::collections::HashSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::{Side, Sides};
use devices::{Account, FleetPlan, Login};
use probes::mqtt::{Event, Qos};
use probes::{MqttOptions, MqttSession, Pins, Timeouts, Trust};
use tokio::time::{Instant, timeout_at};

use crate::config::Config;

/// How long a broker may acknowledge nothing before it is given up. It is no limit on the whole: a topic for each of
/// many devices takes its time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages that are sent before the first of them must be acknowledged: one at a time, each would cost a round trip.
const WINDOW: usize = 64;

/// Who sends it, and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    /// Where the brokers and APIs are on each side.
    pub pins: Arc<Pins>,
    /// Which addresses are on which side.
    pub sides: Arc<Sides>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// The account that sends it; `None`: the fleet's own, if it has one for all.
    pub account: Option<Account>,
}

/// What became of it on one side.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The fleet.
    pub fleet: Arc<str>,
    /// The side.
    pub side: Side,
    /// What the side took over, or why it did not.
    pub result: Result<Taken, String>,
}

/// What a side took over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The broker acknowledged it on this topic.
    Topic(String),
    /// The broker acknowledged it on so many topics.
    Topics(usize),
    /// The API was told by so many requests.
    Requests(usize),
}

impl Sender {
    /// The sender that a configuration describes.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            pins: config.cutover.pins.clone(),
            sides: config.cutover.sides.clone(),
            trust: config.trust.clone(),
            account: config.operator.clone(),
        }
    }

    /// Sends the instruction `id` to the devices of a fleet with these indices (`None`: to all), on both sides at once:
    /// at QoS 1 on its broker, and by HTTP if the fleet is told that way.
    pub(crate) async fn send(&self, fleet: &FleetPlan, id: &str, whom: Option<&[u32]>) -> Vec<Sent> {
        let one = |side| async move {
            let mut results = Vec::new();
            if fleet.mqtt().is_some() {
                results.push(self.publish(fleet, side, id, whom).await);
            }
            if let Some(request) = &fleet.reset.http {
                results.push(self.tell(fleet, request, side, id, whom).await.map(Taken::Requests));
            }
            if results.is_empty() {
                results.push(Err("it has no broker, and no `reset: { http: POST URL }`".to_owned()));
            }
            results
        };
        let (old, new) = tokio::join!(one(Side::Old), one(Side::New));
        let sent = |side| move |result| Sent { fleet: fleet.name.clone(), side, result };
        old.into_iter().map(sent(Side::Old)).chain(new.into_iter().map(sent(Side::New))).collect()
    }

    async fn publish(
        &self,
        fleet: &FleetPlan,
        side: Side,
        id: &str,
        whom: Option<&[u32]>,
    ) -> Result<Taken, String> {
        let Some(broker) = fleet.mqtt().map(|mqtt| &mqtt.broker) else { return Ok(Taken::Topics(0)) };
        let host = &broker.host;
        let topics = topics(fleet, whom)?;
        let address = self.pins.get(side, host).or_else(|| host.parse().ok());
        let address = address.ok_or_else(|| format!("{host} is none of the names that move"))?;
        let address = SocketAddr::new(address, broker.port);
        let mut options = MqttOptions::new(format!("serin-reset-{}-{id}", side.as_str()));
        options.credentials = match (&self.account, &fleet.login) {
            (Some(account), _) | (None, Login::Account(account)) => {
                Some((account.username.clone(), account.password.clone()))
            }
            (None, _) => None,
        };
        let opened = MqttSession::open(address, broker, &options, &self.trust, &Timeouts::default()).await;
        let (mut session, _) = opened.map_err(|error| error.to_string())?;
        let payload = Bytes::from(fleet.reset.instruction.write(id));
        broadcast(&mut session, &topics, &payload, PATIENCE).await?;
        session.close().await;
        Ok(match <[String; 1]>::try_from(topics) {
            Ok([topic]) => Taken::Topic(topic),
            Err(topics) => Taken::Topics(topics.len()),
        })
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}: ", self.fleet, self.side)?;
        match &self.result {
            Ok(Taken::Topic(topic)) => write!(f, "sent on {topic}"),
            Ok(Taken::Topics(topics)) => write!(f, "sent on {topics} topics"),
            Ok(Taken::Requests(requests)) => write!(f, "told by {requests} requests"),
            Err(why) => write!(f, "NOT sent: {why}"),
        }
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

/// The topic of all for all, if there is one; else one for each device. Patterns with a wildcard are to listen on only.
fn topics(fleet: &FleetPlan, whom: Option<&[u32]>) -> Result<Vec<String>, String> {
    let own = |index: u32| fleet.topic_of(&fleet.device(index));
    let topics: Option<Vec<_>> = match (whom, fleet.topic_of_all()) {
        (None, Some(topic)) => Some(vec![topic]),
        (None, None) => (0..fleet.count).map(own).collect(),
        (Some(indices), _) => indices.iter().copied().map(own).collect(),
    };
    topics.ok_or_else(|| {
        "a device has no command topic of its own: add one with {device} to `commands:`, or to `reset: { topic: .. }`"
            .to_owned()
    })
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
        let mut plan = FleetPlan::new("lamps", count, broker).unwrap();
        plan.mqtt_mut().unwrap().commands = commands.iter().map(|topic| topic.parse().unwrap()).collect();
        plan
    }

    async fn session(listener: &TcpListener) -> MqttSession {
        let at = listener.local_addr().unwrap();
        let target = format!("mqtt://{at}").parse().unwrap();
        let (options, trust) = (MqttOptions::new("reset".to_owned()), Trust::new(&[]).unwrap());
        MqttSession::open(at, &target, &options, &trust, &Timeouts::default()).await.unwrap().0
    }

    #[test]
    fn the_topic_of_all_is_for_all_and_some_are_told_each_on_its_own() {
        let usual = fleet(3, &["devices/{device}/commands", "fleets/{fleet}/commands"]);
        assert_eq!(topics(&usual, None).unwrap(), ["fleets/lamps/commands"]);
        assert_eq!(topics(&usual, Some(&[2])).unwrap(), ["devices/lamps-000002/commands"]);
        let each = topics(&fleet(2, &["fleets/+/commands", "all/#", "devices/{device}/commands"]), None);
        assert_eq!(each.unwrap(), ["devices/lamps-000000/commands", "devices/lamps-000001/commands"]);
        let none = topics(&fleet(2, &["fleets/{fleet}/commands"]), Some(&[0])).unwrap_err();
        assert!(none.starts_with("a device has no command topic of its own: add one"), "{none}");
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
        let topics = topics(&fleet(300, &["devices/{device}/commands"]), None).unwrap();
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
            let topics = topics(&fleet(5, &["devices/{device}/commands"]), None).unwrap();
            broadcast(&mut session, &topics, &Bytes::from_static(b"x"), Duration::from_millis(200)).await
        };
        let (error, ()) = tokio::join!(sending, peer);
        assert_eq!(error.unwrap_err(), "nothing acknowledged for 200ms; 2 of 5 topics have it");
    }
}
