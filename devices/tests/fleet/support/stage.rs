//! The stage itself.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cutover::{DeviceEvent, DeviceState, FleetTally, Observation, Personality, Side, Sides};
use devices::{FleetContext, FleetHandle, FleetPlan, Process, Shard, Shares};
use probes::{Pins, Resolver, Timeouts, Trust};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::dns::Dns;
use super::{Api, Broker};

const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 1);

/// Far longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Two brokers, a DNS server, a fleet, and the sum of its tallies.
pub(crate) struct Stage {
    pub(crate) old: Arc<Broker>,
    pub(crate) new: Arc<Broker>,
    pub(crate) old_api: Arc<Api>,
    pub(crate) new_api: Arc<Api>,
    pub(crate) handle: FleetHandle,
    pub(crate) last: FleetTally,
    pub(crate) events: BTreeMap<(DeviceEvent, Option<Side>), u32>,
    pub(crate) returned_after: Vec<f64>,
    pub(crate) verified_after: Vec<(Option<Side>, f64)>,
    dns: Dns,
    observations: mpsc::Receiver<Observation>,
    fleet: (CancellationToken, TaskTracker),
    world: (CancellationToken, TaskTracker),
}

/// One device of each personality.
pub(crate) fn each() -> Shares {
    Shares::new(Personality::ALL.map(|personality| (personality, 100.0 / 6.0))).unwrap()
}

impl Stage {
    /// A fleet of `count` with a datapoint each 200 ms on the old side, after `change` of its plan.
    pub(crate) async fn start(count: u32, change: impl FnOnce(&mut FleetPlan)) -> Self {
        Self::with_api(count, |plan, _| change(plan)).await
    }

    /// One shard of the same.
    pub(crate) async fn shard(shard: &str, count: u32, change: impl FnOnce(&mut FleetPlan)) -> Self {
        Self::of(shard.parse().unwrap(), count, |plan, _| change(plan)).await
    }

    /// The same, where the change needs to know where the API is.
    pub(crate) async fn with_api(count: u32, change: impl FnOnce(&mut FleetPlan, &str)) -> Self {
        Self::of(Shard::WHOLE, count, change).await
    }

    async fn of(shard: Shard, count: u32, change: impl FnOnce(&mut FleetPlan, &str)) -> Self {
        let world = (CancellationToken::new(), TaskTracker::new());
        let [old, new, other] = same_port().await;
        let port = old.local_addr().unwrap().port();
        let [old, new, _] = [old, new, other].map(|at| Broker::start(at, world.0.clone(), &world.1));
        let [old_at, new_at, _] = same_port().await;
        let api = format!("http://mqtt.acme.example:{}", old_at.local_addr().unwrap().port());
        let old_api = Api::start(old_at, Arc::clone(&old.received), world.0.clone(), &world.1);
        let new_api = Api::start(new_at, Arc::clone(&new.received), world.0.clone(), &world.1);
        let dns = Dns::start(OLD, world.0.clone(), &world.1).await;

        let broker = format!("mqtt://mqtt.acme.example:{port}").parse().unwrap();
        let mut plan = FleetPlan::new("lamps", count, broker).unwrap();
        plan.datapoint_every = Duration::from_millis(200);
        plan.ramp = 1000;
        change(&mut plan, &api);

        let sides = Sides::new(vec!["127.0.1.0/24".parse().unwrap()], vec!["127.0.2.0/24".parse().unwrap()]);
        let mut pins = Pins::default();
        pins.pin(Side::Old, "mqtt.acme.example", OLD.into());
        pins.pin(Side::New, "mqtt.acme.example", NEW.into());
        let (sender, observations) = mpsc::channel(1);
        let fleet = (CancellationToken::new(), TaskTracker::new());
        let timeouts = Timeouts::default().within(Duration::from_secs(2));
        let context = FleetContext {
            resolver: Resolver::connect("office", dns.at, timeouts.resolve).await.unwrap(),
            sides: Arc::new(sides.unwrap()),
            pins: Arc::new(pins),
            trust: Trust::new(&[]).unwrap(),
            timeouts,
            observations: sender,
            cancel: fleet.0.clone(),
            user_agent: "serin-test".into(),
            process: Process { shard, ..Process::default() },
        };
        let handle = devices::start(plan, context, &fleet.1).unwrap();
        let last = FleetTally {
            at: chrono::Utc::now(),
            fleet: "lamps".into(),
            devices: BTreeMap::new(),
            events: BTreeMap::new(),
            ..FleetTally::default()
        };
        let (events, returned_after, verified_after) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self {
            old,
            new,
            old_api,
            new_api,
            handle,
            last,
            events,
            returned_after,
            verified_after,
            dns,
            observations,
            fleet,
            world,
        }
    }

    /// The name now leads there.
    pub(crate) fn flip(&self, side: Side) {
        self.dns.point(Some(match side {
            Side::Old => OLD,
            Side::New => NEW,
        }));
    }

    /// The name now leads to an address of neither side.
    pub(crate) fn astray(&self) {
        self.dns.point(Some(OTHER));
    }

    /// DNS answers with an error.
    pub(crate) fn dns_fails(&self) {
        self.dns.point(None);
    }

    /// Sends the reset to the whole fleet, on both sides.
    pub(crate) fn reset(&self, id: &str) {
        let payload = format!(r#"{{"reset":"{id}"}}"#);
        self.old.publish("fleets/lamps/commands", &payload);
        self.new.publish("fleets/lamps/commands", &payload);
    }

    /// Listens to the tallies until `done`.
    pub(crate) async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !done(self) {
                self.listen().await.unwrap();
            }
        };
        if timeout(PATIENCE, waiting).await.is_err() {
            panic!("not {what}, but {:?} after {:?}", self.last, self.events);
        }
    }

    async fn listen(&mut self) -> Option<()> {
        let Observation::Fleet(tally) = self.observations.recv().await? else { panic!("no tally") };
        for (event, count) in &tally.events {
            *self.events.entry(*event).or_default() += count;
        }
        self.verified_after.extend(&tally.verified_after);
        self.returned_after.extend(tally.returned_after.iter().map(|(_, after)| after));
        self.last = tally;
        Some(())
    }

    /// How many devices stand there.
    pub(crate) fn at(&self, state: DeviceState) -> u32 {
        self.last.devices.iter().filter(|((_, at), _)| *at == state).map(|(_, count)| count).sum()
    }

    /// Whether the one device of this personality stands there.
    pub(crate) fn is(&self, personality: Personality, state: DeviceState) -> bool {
        self.last.devices.get(&(personality, state)) == Some(&1)
    }

    /// How often an event happened, on whichever side.
    pub(crate) fn count(&self, event: DeviceEvent) -> u32 {
        self.events.iter().filter(|((known, _), _)| *known == event).map(|(_, count)| count).sum()
    }

    /// How often an event happened there.
    pub(crate) fn count_on(&self, event: DeviceEvent, side: Side) -> u32 {
        self.events.get(&(event, Some(side))).copied().unwrap_or(0)
    }

    /// Ends the fleet, listens to its last words, and ends the world.
    pub(crate) async fn end(&mut self) {
        self.fleet.0.cancel();
        self.fleet.1.close();
        let waiting = async { while self.listen().await.is_some() {} };
        timeout(PATIENCE, waiting).await.unwrap();
        timeout(PATIENCE, self.fleet.1.wait()).await.unwrap();
        // The brokers still have the goodbyes to read; a session that is left open shows here.
        let leaving = async {
            while self.old.open.load(Ordering::SeqCst) + self.new.open.load(Ordering::SeqCst) > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, leaving).await.unwrap();
        self.world.0.cancel();
        self.world.1.close();
        timeout(PATIENCE, self.world.1.wait()).await.unwrap();
    }
}

/// Listeners on all three addresses, with the same port, as the two sides of a cutover have.
async fn same_port() -> [TcpListener; 3] {
    loop {
        let old = TcpListener::bind((OLD, 0)).await.unwrap();
        let port = old.local_addr().unwrap().port();
        let new = TcpListener::bind((NEW, port)).await;
        let other = TcpListener::bind((OTHER, port)).await;
        if let (Ok(new), Ok(other)) = (new, other) {
            return [old, new, other];
        }
    }
}
