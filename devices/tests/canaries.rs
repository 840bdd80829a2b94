//! The watch over real canaries on real sockets; the canaries are rumqttc's own clients.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use cutover::{CanaryLink, CanarySeen, Observation, RealCanary, Side};
use devices::{Account, CanaryContext, CanaryPlan, WatchPlan};
use probes::{Pins, Timeouts, Trust};
use rehearsal::broker::Broker;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 41, 1);
const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 42, 1);
/// Far longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// A broker on each side, and an ear for what the watch says.
struct Stage {
    port: u16,
    brokers: [Option<Broker>; 2],
    observations: mpsc::Receiver<Observation>,
    stop: CancellationToken,
    tasks: TaskTracker,
    watch: CancellationToken,
}

/// Listeners at one port of both addresses.
async fn both() -> [TcpListener; 2] {
    loop {
        let old = TcpListener::bind((OLD, 0)).await.unwrap();
        let port = old.local_addr().unwrap().port();
        if let Ok(new) = TcpListener::bind((NEW, port)).await {
            return [old, new];
        }
    }
}

fn plan(name: &str, port: u16, topic: &str) -> CanaryPlan {
    let (every, grace) = (Duration::from_secs(60), Duration::from_secs(30));
    let canary = RealCanary { name: name.into(), every, grace, subscribed: true };
    let account = Some(Account { username: "operator".to_owned(), password: "pw".to_owned() });
    let watch = WatchPlan {
        broker: format!("mqtt://mqtt.acme.example:{port}").parse().unwrap(),
        topic: topic.parse().unwrap(),
        id: (!topic.contains("{device}")).then(|| "json $.id".parse().unwrap()),
        at: Some("json $.at".parse().unwrap()),
        account,
    };
    CanaryPlan { canary, device: format!("t-{name}").into(), watch: Some(watch) }
}

impl Stage {
    /// The watch over `plans`, with the brokers that are up.
    async fn start(up: &[Side], plans: impl FnOnce(u16) -> Vec<CanaryPlan>) -> Self {
        let listeners = both().await;
        let port = listeners[0].local_addr().unwrap().port();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mut brokers = [None, None];
        for (side, listener) in Side::BOTH.into_iter().zip(listeners) {
            if up.contains(&side) {
                brokers[side as usize] = Some(serve(listener, &stop, &tasks));
            }
        }
        let (sender, observations) = mpsc::channel(4);
        let watch = stop.child_token();
        let mut pins = Pins::default();
        pins.pin(Side::Old, "mqtt.acme.example", OLD.into());
        pins.pin(Side::New, "mqtt.acme.example", NEW.into());
        let context = CanaryContext {
            pins: Arc::new(pins),
            trust: Trust::new(&[]).unwrap(),
            timeouts: Timeouts::default().within(Duration::from_secs(2)),
            observations: sender,
            cancel: watch.clone(),
        };
        for listener in devices::listeners(&plans(port)) {
            tasks.spawn(listener.listen(context.clone()));
        }
        Self { port, brokers, observations, stop, tasks, watch }
    }

    async fn next(&mut self) -> Observation {
        timeout(PATIENCE, self.observations.recv()).await.unwrap().unwrap()
    }

    async fn link(&mut self) -> CanaryLink {
        match self.next().await {
            Observation::CanaryLink(link) => link,
            other => panic!("no word of a link, but {other:?}"),
        }
    }

    async fn seen(&mut self) -> CanarySeen {
        match self.next().await {
            Observation::Canary(seen) => seen,
            other => panic!("no canary, but {other:?}"),
        }
    }

    /// Waits until both sides can be heard.
    async fn listens(&mut self) {
        let mut heard = BTreeSet::new();
        while heard.len() < 2 {
            let link = self.link().await;
            assert_eq!(link.trouble, None);
            heard.insert(link.side as usize);
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        timeout(PATIENCE, self.tasks.wait()).await.unwrap();
    }
}

/// Lets whoever connects to a listener have a broker, which admits the operator and the canaries.
fn serve(listener: TcpListener, stop: &CancellationToken, tasks: &TaskTracker) -> Broker {
    let (inbound, mut taken) = mpsc::channel(64);
    let broker =
        Broker::new(|user, password| matches!(user, "operator" | "device") && password == "pw", inbound);
    let (serving, stop, connections) = (broker.clone(), stop.clone(), tasks.clone());
    tasks.spawn(async move {
        let accepting = async {
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (broker, cut) = (serving.clone(), stop.clone());
                        let (stream, _) = accepted.unwrap();
                        connections.spawn(async move { broker.serve(stream, cut).await });
                    }
                    Some(_) = taken.recv() => {}
                }
            }
        };
        stop.run_until_cancelled(accepting).await;
    });
    broker
}

/// A canary says these things on one side, one after the other, each acknowledged.
async fn publish(at: SocketAddr, said: &[(&str, &str)], retain: bool) {
    let mut options = MqttOptions::new("canary", at.ip().to_string(), at.port());
    options.set_credentials("device", "pw").set_max_packet_size(1 << 20, 1 << 20);
    let (client, mut events) = AsyncClient::new(options, 10);
    for (topic, payload) in said {
        client.publish(*topic, QoS::AtLeastOnce, retain, *payload).await.unwrap();
    }
    let mut acknowledged = 0;
    while acknowledged < said.len() {
        let event = timeout(PATIENCE, events.poll()).await.unwrap().unwrap();
        acknowledged += usize::from(matches!(event, Event::Incoming(Packet::PubAck(_))));
    }
}

#[tokio::test]
async fn a_canary_is_heard_on_the_side_on_which_it_is_with_the_time_that_it_tells() {
    let mut stage =
        Stage::start(&Side::BOTH, |port| vec![plan("lobby", port, "devices/{device}/datapoints")]).await;
    stage.listens().await;
    for (side, address) in Side::BOTH.into_iter().zip([OLD, NEW]) {
        let at = SocketAddr::new(address.into(), stage.port);
        publish(
            at,
            &[
                ("devices/t-other/datapoints", "{}"),
                ("devices/t-lobby/datapoints", r#"{"value": 1, "at": "2027-01-15T08:00:00Z"}"#),
            ],
            false,
        )
        .await;
        let seen = stage.seen().await;
        assert_eq!((&*seen.canary, seen.side), ("lobby", Some(side)));
        assert_eq!(seen.told_at, DateTime::from_timestamp(1_800_000_000, 0));
    }
    stage.end().await;
}

#[tokio::test]
async fn canaries_on_a_shared_topic_are_told_apart_and_what_is_unreadable_is_nobody_s() {
    let plans = |port| vec![plan("lobby", port, "devices/+/datapoints"), plan("van", port, "devices/#")];
    let mut stage = Stage::start(&Side::BOTH, plans).await;
    stage.listens().await;
    let at = SocketAddr::new(NEW.into(), stage.port);
    let large = format!(r#"{{"id": "t-lobby", "filler": "{}"}}"#, "x".repeat(70_000));
    let said = [
        ("devices/1/datapoints", "not json"),
        ("devices/1/datapoints", r#"{"id": "t-none"}"#),
        ("devices/1/datapoints", &large),
        ("devices/1/datapoints", r#"{"id": "t-van", "at": "soon"}"#),
        ("devices/2/datapoints", r#"{"id": "t-lobby"}"#),
    ];
    publish(at, &said, false).await;
    let heard = [stage.seen().await, stage.seen().await].map(|seen| (seen.canary.to_string(), seen.told_at));
    assert_eq!(heard, [("van".to_owned(), None), ("lobby".to_owned(), None)]);
    stage.end().await;
}

#[tokio::test]
async fn a_message_that_the_broker_had_kept_is_no_sign_of_life() {
    let mut stage =
        Stage::start(&Side::BOTH, |port| vec![plan("lobby", port, "devices/{device}/datapoints")]).await;
    stage.listens().await;
    let at = SocketAddr::new(OLD.into(), stage.port);
    publish(at, &[("devices/t-lobby/datapoints", "{}")], true).await;
    assert_eq!(stage.seen().await.side, Some(Side::Old), "as it comes it is one");
    // Cut, the watch comes back and is given the kept message first.
    let broker = stage.brokers[0].clone().unwrap();
    broker.set_drop(Some(Duration::ZERO));
    let link = stage.link().await;
    assert_eq!((link.side, &*link.canaries), (Side::Old, &["lobby".into()][..]));
    let why = link.trouble.unwrap();
    assert!(why.contains("mqtt.acme.example"), "{why}");
    broker.set_drop(None);
    loop {
        if stage.link().await.trouble.is_none() {
            break;
        }
    }
    publish(at, &[("devices/t-lobby/datapoints", r#"{"at": 1800000000}"#)], false).await;
    assert!(stage.seen().await.told_at.is_some(), "the first that is heard is the new one");
    stage.end().await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_or_refuses_is_told_and_no_silence() {
    let refused = |port| {
        let mut plan = plan("lobby", port, "devices/{device}/datapoints");
        plan.watch.as_mut().unwrap().account.as_mut().unwrap().password = "wrong".to_owned();
        vec![plan]
    };
    let mut stage = Stage::start(&[Side::Old], refused).await;
    let mut said = [None, None];
    while said.iter().any(Option::is_none) {
        let link = stage.link().await;
        said[link.side as usize] = Some(link.trouble.unwrap());
    }
    let [old, new] = said.map(Option::unwrap);
    assert!(old.contains("refused the session") && new.contains("refused"), "{old}; {new}");
    stage.end().await;
}

#[tokio::test]
async fn a_flood_is_told_as_one_sign_of_life_in_a_tenth_of_a_second_and_the_watch_ends_when_it_is_told() {
    let mut stage =
        Stage::start(&Side::BOTH, |port| vec![plan("lobby", port, "devices/{device}/datapoints")]).await;
    stage.listens().await;
    let broker = stage.brokers[1].clone().unwrap();
    for _ in 0..500 {
        broker.publish("devices/t-lobby/datapoints", "{}".into(), false);
    }
    stage.seen().await;
    let mut more = 0;
    stage.watch.cancel();
    while timeout(PATIENCE, stage.observations.recv()).await.unwrap().is_some() {
        more += 1;
    }
    assert!(more < 100, "{more}");
    stage.end().await;
}
