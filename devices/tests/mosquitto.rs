//! Fleets with Debian's mosquitto: both versions of MQTT, each QoS, a certificate for each device, WebSockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::{DeviceEvent, Observation, Side, Sides};
use devices::{
    Authority, FleetContext, FleetPlan, Identities, Process, SESSION_EXPIRY, Session, Slot, Template,
    WillPlan,
};
use foreign::{Server, free};
use probes::mqtt::{Event, Qos};
use probes::{MqttOptions, MqttSession, MqttVersion, Resolver, Timeouts, Trust};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, copy, copy_bidirectional};
use tokio::net::{TcpListener as Listener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Far longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// mosquitto, with a listener in plain, one with WebSockets, and one that asks for certificates.
struct Mosquitto {
    _server: Server,
    plain: SocketAddr,
    web: SocketAddr,
    secure: SocketAddr,
    ca: String,
    ca_key: String,
}

impl Mosquitto {
    fn start() -> Option<Self> {
        let command = foreign::command("mosquitto")?;
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().unwrap();
        let ca_key_pem = ca_key.serialize_pem();
        let ca = CertifiedIssuer::self_signed(params, ca_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", ca.pem());
        write("broker.pem", certificate.pem());
        write("broker.key", key.serialize_pem());
        let [plain, web, secure] = [free(), free(), free()];
        let at = folder.path().display();
        let config = format!(
            "per_listener_settings true\nlistener {} 127.0.0.1\nallow_anonymous true\nlistener {} 127.0.0.1\nprotocol websockets\n\
             allow_anonymous true\nlistener {} 127.0.0.1\ncafile {at}/ca.pem\ncertfile {at}/broker.pem\nkeyfile \
             {at}/broker.key\nrequire_certificate true\nuse_identity_as_username true\n",
            plain.port(),
            web.port(),
            secure.port()
        );
        let server = Server::configured(command, folder, &config, &[plain, web, secure]);
        Some(Self { _server: server, plain, web, secure, ca: ca.pem(), ca_key: ca_key_pem })
    }

    /// Someone who listens to everything.
    async fn ear(&self) -> MqttSession {
        let target = format!("mqtt://{}", self.plain).parse().unwrap();
        let trust = Trust::new(&[]).unwrap();
        let (options, timeouts) = (MqttOptions::new("ear"), Timeouts::default());
        let opened = MqttSession::open(self.plain, &target, &options, &trust, &timeouts).await;
        let (mut session, _) = opened.unwrap();
        session.subscribe("devices/#", Qos::ExactlyOnce).await.unwrap();
        session
    }

    /// Three devices send five datapoints each, obey a reset and come back; nothing fails. Then they are cut off.
    /// Gives what came on each topic.
    async fn day(&self, broker: &str, change: impl FnOnce(&mut FleetPlan)) -> BTreeMap<String, Vec<Bytes>> {
        let mut ear = self.ear().await;
        let mut plan = FleetPlan::new("lamps", 3, broker.parse().unwrap()).unwrap();
        plan.datapoint_every = Duration::from_millis(100);
        plan.ramp = 1000;
        change(&mut plan);
        let (mut observations, cancel, tracker) = start(plan, &self.ca).await;
        let mut counts: BTreeMap<(DeviceEvent, Option<Side>), u32> = BTreeMap::new();
        let mut heard: BTreeMap<String, Vec<Bytes>> = BTreeMap::new();
        let mut told = false;
        let day = async {
            loop {
                tokio::select! {
                    event = ear.next() => if let Event::Message(message) = event.unwrap() {
                        heard.entry(message.topic).or_default().push(message.payload);
                    },
                    observation = observations.recv() => {
                        let Some(Observation::Fleet(tally)) = observation else { panic!("no tally") };
                        for (event, count) in tally.events {
                            *counts.entry(event).or_default() += count;
                        }
                    }
                }
                let on_old = |event| counts.get(&(event, Some(Side::Old))).copied().unwrap_or(0);
                if on_old(DeviceEvent::Datapoint) >= 15 && !told {
                    told = true;
                    let reset = Bytes::from_static(br#"{"reset":"wave-1"}"#);
                    ear.publish("fleets/lamps/commands", reset, Qos::AtLeastOnce, false).await.unwrap();
                }
                if on_old(DeviceEvent::Returned) == 3 {
                    return;
                }
            }
        };
        timeout(PATIENCE, day).await.unwrap_or_else(|_| panic!("the day did not end: {counts:?}"));
        cancel.cancel();
        while observations.recv().await.is_some() {}
        tracker.wait().await;
        let failures = [DeviceEvent::ConnectFailed, DeviceEvent::Disconnected, DeviceEvent::DatapointFailed];
        assert!(counts.keys().all(|(event, _)| !failures.contains(event)), "{counts:?}");
        heard
    }
}

/// Starts a fleet: what it observes, and how it is ended.
async fn start(plan: FleetPlan, ca: &str) -> (mpsc::Receiver<Observation>, CancellationToken, TaskTracker) {
    let sides =
        Sides::new(vec!["127.0.0.0/24".parse().unwrap()], vec!["127.0.2.0/24".parse().unwrap()]).unwrap();
    let (sender, observations) = mpsc::channel(1);
    let (cancel, tracker) = (CancellationToken::new(), TaskTracker::new());
    let context = FleetContext {
        resolver: Resolver::connect("nobody", "127.0.0.1:53".parse().unwrap(), PATIENCE).await.unwrap(),
        sides: Arc::new(sides),
        pins: Arc::default(),
        trust: Trust::new(&[ca.to_owned().into_bytes()]).unwrap(),
        timeouts: Timeouts::default(),
        observations: sender,
        cancel: cancel.clone(),
        user_agent: "serin-test".into(),
        process: Process::default(),
    };
    devices::start(plan, context, &tracker).unwrap();
    tracker.close();
    (observations, cancel, tracker)
}

/// Each device's numbers came without a gap; one that a reset came across may have come twice.
fn complete(heard: &BTreeMap<String, Vec<Bytes>>) {
    let mut devices = 0;
    for (topic, payloads) in heard.iter().filter(|(topic, _)| topic.ends_with("/datapoints")) {
        devices += 1;
        let number =
            |payload: &Bytes| serde_json::from_slice::<serde_json::Value>(payload).unwrap()["seq"].as_u64();
        let mut numbers: Vec<_> = payloads.iter().map(|payload| number(payload).unwrap()).collect();
        numbers.dedup();
        assert!(
            numbers.len() >= 5 && numbers.windows(2).all(|two| two[1] == two[0] + 1),
            "{topic}: {numbers:?}"
        );
    }
    assert_eq!(devices, 3);
}

#[tokio::test]
async fn of_each_version_and_qos_over_tcp_and_web_sockets() {
    let Some(broker) = Mosquitto::start() else { return };
    let (plain, web) = (format!("mqtt://{}", broker.plain), format!("ws://{}/mqtt", broker.web));
    for version in [MqttVersion::V3_1_1, MqttVersion::V5] {
        for (url, qos) in [(&plain, Qos::AtMostOnce), (&web, Qos::AtLeastOnce), (&plain, Qos::ExactlyOnce)] {
            let heard = broker.day(url, |plan| {
                let mqtt = plan.mqtt_mut().unwrap();
                (mqtt.version, mqtt.qos) = (version, qos);
            });
            complete(&heard.await);
        }
    }
}

#[tokio::test]
async fn with_a_certificate_for_each_device_and_sessions_that_are_kept() {
    let Some(broker) = Mosquitto::start() else { return };
    let authority = Arc::new(Authority::new(&broker.ca, &broker.ca_key).unwrap());
    let url = format!("mqtts://localhost:{}", broker.secure.port());
    let heard = broker.day(&url, |plan| {
        let mqtt = plan.mqtt_mut().unwrap();
        (mqtt.version, mqtt.qos) = (MqttVersion::V5, Qos::ExactlyOnce);
        mqtt.session = Session::Persistent(SESSION_EXPIRY);
        mqtt.identities = Identities::Authority(authority);
        mqtt.will = Some(WillPlan {
            topic: "devices/{device}/status".parse().unwrap(),
            payload: Template::new("{device} is gone", &Slot::NAMES).unwrap(),
            qos: Qos::AtLeastOnce,
            retain: false,
        });
    });
    let heard = heard.await;
    complete(&heard);
    assert!(
        heard.keys().all(|topic| !topic.ends_with("/status")),
        "who says farewell has no will: {heard:?}"
    );
}

/// A way to the broker on which its answers are lost after the first `keeps` bytes of them, on the first connection only;
/// then it breaks. Gives its address.
async fn lossy(broker: SocketAddr, keeps: u64, tracker: &TaskTracker, stop: CancellationToken) -> SocketAddr {
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let passing = async move {
        for connection in 0.. {
            let (mut device, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(broker).await.unwrap();
            if connection > 0 {
                // A connection that breaks is what the test is about.
                drop(copy_bidirectional(&mut device, &mut server).await);
                continue;
            }
            let ((mut up, mut down), (answers, mut asked)) = (device.split(), server.split());
            let mut answers = answers.take(keeps);
            let back = async {
                copy(&mut answers, &mut down).await.unwrap();
                // The broker has the next message, and nobody hears of it.
                answers.into_inner().read_u8().await.unwrap();
            };
            tokio::select! { () = back => {} _ = copy(&mut up, &mut asked) => {} }
        }
    };
    tracker.spawn(async move {
        tokio::select! { () = stop.cancelled() => {} () = passing => {} }
    });
    at
}

#[tokio::test]
async fn what_is_open_at_qos_2_when_a_session_breaks_arrives_once() {
    let Some(broker) = Mosquitto::start() else { return };
    // CONNACK, two SUBACKs, PUBREC and PUBCOMP of the first message; then the PUBREC of the second is lost, or its PUBCOMP.
    for (name, lost) in [("lamps", 4 + 5 + 5 + 4 + 4), ("meters", 4 + 5 + 5 + 4 + 4 + 4)] {
        let (stop, way) = (CancellationToken::new(), TaskTracker::new());
        let at = lossy(broker.plain, lost, &way, stop.clone()).await;
        let mut ear = broker.ear().await;
        let mut plan = FleetPlan::new(name, 1, format!("mqtt://{at}").parse().unwrap()).unwrap();
        plan.datapoint_every = Duration::from_millis(100);
        let mqtt = plan.mqtt_mut().unwrap();
        (mqtt.session, mqtt.qos) = (Session::Persistent(SESSION_EXPIRY), Qos::ExactlyOnce);
        let (mut observations, cancel, tracker) = start(plan, &broker.ca).await;
        let (mut numbers, mut broken) = (Vec::new(), 0);
        let day = async {
            while numbers.len() < 20 || broken == 0 {
                tokio::select! {
                    event = ear.next() => if let Event::Message(message) = event.unwrap() {
                        let datapoint: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
                        numbers.push(datapoint["seq"].as_u64().unwrap());
                    },
                    observation = observations.recv() => {
                        let Some(Observation::Fleet(tally)) = observation else { panic!("no tally") };
                        broken += tally.events.get(&(DeviceEvent::Disconnected, Some(Side::Old))).unwrap_or(&0);
                    }
                }
            }
        };
        timeout(PATIENCE, day).await.unwrap();
        cancel.cancel();
        while observations.recv().await.is_some() {}
        tracker.wait().await;
        stop.cancel();
        way.close();
        way.wait().await;
        assert_eq!(broken, 1);
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "{lost}: {numbers:?}");
    }
}
