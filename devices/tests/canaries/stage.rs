//! Two brokers, the watch over canaries on them, and the network between.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cutover::{CanaryLink, CanarySeen, Hearing, Observation, RealCanary, Side};
use devices::{Account, CanaryContext, CanaryPlan, WatchPlan};
use probes::{Pins, Timeouts, Trust};
use rehearsal::broker::Broker;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::io::{DuplexStream, copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 41, 1);
pub(crate) const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 42, 1);
/// Far longer than anything takes that comes at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A broker on each side, and an ear for what the watch says.
pub(crate) struct Stage {
    pub(crate) port: u16,
    pub(crate) brokers: [Option<Broker>; 2],
    pub(crate) observations: mpsc::Receiver<Observation>,
    /// Ends the watch.
    pub(crate) watch: CancellationToken,
    /// Whether the network carries nothing, and says so to nobody.
    pub(crate) mute: watch::Sender<bool>,
    stop: CancellationToken,
    tasks: TaskTracker,
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

pub(crate) fn plan(name: &str, port: u16, topic: &str) -> CanaryPlan {
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
    pub(crate) async fn start(up: &[Side], plans: impl FnOnce(u16) -> Vec<CanaryPlan>) -> Self {
        let listeners = both().await;
        let port = listeners[0].local_addr().unwrap().port();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (mute, muted) = watch::channel(false);
        let mut brokers = [None, None];
        for (side, listener) in Side::BOTH.into_iter().zip(listeners) {
            if up.contains(&side) {
                brokers[side as usize] = Some(serve(listener, &muted, &stop, &tasks));
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
        Self { port, brokers, observations, watch, mute, stop, tasks }
    }

    pub(crate) async fn next(&mut self) -> Observation {
        timeout(PATIENCE, self.observations.recv()).await.unwrap().unwrap()
    }

    /// The next word of a link, but that it listens still.
    pub(crate) async fn link(&mut self) -> CanaryLink {
        loop {
            match self.next().await {
                Observation::CanaryLink(link) if listens_still(&link) => {}
                Observation::CanaryLink(link) => return link,
                other => panic!("no word of a link, but {other:?}"),
            }
        }
    }

    pub(crate) async fn seen(&mut self) -> CanarySeen {
        loop {
            match self.next().await {
                Observation::CanaryLink(link) if listens_still(&link) => {}
                Observation::Canary(seen) => return seen,
                other => panic!("no canary, but {other:?}"),
            }
        }
    }

    /// Waits until both sides can be heard.
    pub(crate) async fn listens(&mut self) {
        let mut heard = BTreeSet::new();
        while heard.len() < 2 {
            let link = self.link().await;
            assert_eq!(trouble(&link), None);
            heard.insert(link.side as usize);
        }
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        timeout(PATIENCE, self.tasks.wait()).await.unwrap();
    }
}

/// Why nothing can be heard.
pub(crate) fn trouble(link: &CanaryLink) -> Option<&str> {
    match &link.hearing {
        Hearing::All { .. } => None,
        Hearing::Nothing { why } => Some(why),
    }
}

/// Whether this is no news, but a proof that it listens.
fn listens_still(link: &CanaryLink) -> bool {
    matches!(link.hearing, Hearing::All { since } if since < link.at)
}

/// Lets whoever connects to a listener have a broker, which admits the operator and the canaries.
fn serve(
    listener: TcpListener,
    muted: &watch::Receiver<bool>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> Broker {
    let (inbound, mut taken) = mpsc::channel(64);
    let broker =
        Broker::new(|user, password| matches!(user, "operator" | "device") && password == "pw", inbound);
    let (serving, stop, connections) = (broker.clone(), stop.clone(), tasks.clone());
    let muted = muted.clone();
    tasks.spawn(async move {
        let accepting = async {
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (broker, cut) = (serving.clone(), stop.clone());
                        let (stream, _) = accepted.unwrap();
                        let (near, far) = duplex(1 << 16);
                        connections.spawn(relay(stream, near, muted.clone(), stop.clone()));
                        connections.spawn(async move { broker.serve(far, cut).await });
                    }
                    Some(_) = taken.recv() => {}
                }
            }
        };
        stop.run_until_cancelled(accepting).await;
    });
    broker
}

/// Carries what either end says to the other one, until it is muted: then it carries nothing more, and leaves the
/// connection open.
async fn relay(
    mut stream: TcpStream,
    mut broker: DuplexStream,
    mut muted: watch::Receiver<bool>,
    stop: CancellationToken,
) {
    let carried = tokio::select! {
        // Nothing that has come by then is carried on.
        biased;
        () = stop.cancelled() => return,
        _ = muted.wait_for(|muted| *muted) => false,
        _ = copy_bidirectional(&mut stream, &mut broker) => true,
    };
    if !carried {
        stop.cancelled().await;
    }
}

/// A canary says these things on one side, one after the other, each acknowledged.
pub(crate) async fn publish(at: SocketAddr, said: &[(&str, &str)], retain: bool) {
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
