//! The life of one device: one task, which waits for the first thing to happen and deals with it.

use std::fmt::Display;
use std::future::pending;
use std::sync::Arc;

use cutover::{DeviceEvent, Reached};
use probes::{ProbeError, Trust};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::left::Leftovers;
use super::line::Heard;
use super::link::Link;
use super::personality::{Action, Event, Mind};
use super::reset::Obeyed;
use super::work::{self, Done, Place, Work};
use crate::board::Standing;
use crate::data::Reading;
use crate::fleet::{Fleet, belongs};
use crate::pass::Pass;
use crate::plan::Login;

/// One device. It has its main session, where DNS says, and, if it is split, another one beside it; and it does one
/// piece of work at a time while these go on.
pub(crate) struct Device {
    pub(super) fleet: Arc<Fleet>,
    pub(super) index: u32,
    pub(super) mind: Mind,
    /// What it was given when it registered.
    pub(super) pass: Option<Box<Pass>>,
    /// The fleet's trust with the device's own certificate, once it has one.
    pub(super) identity: Option<Trust>,
    pub(super) main: Link,
    pub(super) beside: Option<Box<Link>>,
    /// What it has not settled with brokers that keep its session.
    pub(super) left: Leftovers,
    pub(super) work: Option<Work>,
    /// Between lookups that lead to nothing.
    pub(super) looks: Backoff,
    /// Since when it has had no session at all.
    pub(super) without: Option<Instant>,
    pub(super) datapoint_at: Instant,
    /// The datapoint that it sends. The next one follows when this one was acknowledged on any session.
    pub(super) reading: Reading,
    /// How often this one was sent, or will be without being asked; and the one before it.
    pub(super) sends: u8,
    pub(super) sends_before: u8,
    pub(super) acknowledged: bool,
    pub(super) obeyed: Obeyed,
    /// When the reset that it received is to be obeyed.
    pub(super) obey_at: Option<Instant>,
    /// Whether it has dropped its sessions for it, and takes its time.
    pub(super) restarting: bool,
    /// When it received the reset from which it has not yet returned.
    pub(super) reset_at: Option<Instant>,
    /// How often it came or went by the fleet's shape (it begins away), and when it does so next.
    pub(super) turns: u16,
    pub(super) turn_at: Option<Instant>,
}

/// What a device waits for.
enum Happening {
    Cancelled,
    Split(f64),
    Done(Done),
    Heard(Place, Result<Heard, ProbeError>),
    Time,
}

impl Device {
    /// A device that starts when its turn comes.
    pub(crate) fn new(fleet: Arc<Fleet>, index: u32, turn: Instant) -> Self {
        let personality = fleet.board.personality(index);
        let turn_at = fleet.turn(index, 0);
        Self {
            fleet,
            index,
            mind: Mind::new(personality),
            pass: None,
            identity: None,
            main: Link::new(turn),
            beside: None,
            left: Leftovers::default(),
            work: None,
            looks: Backoff::default(),
            without: Some(turn),
            datapoint_at: turn,
            reading: Reading::NONE,
            sends: 0,
            sends_before: 0,
            acknowledged: false,
            obeyed: Obeyed::default(),
            obey_at: None,
            restarting: false,
            reset_at: None,
            turns: 0,
            turn_at,
        }
    }

    /// Lives until the fleet ends. `splits` tells the share of the fleet that is to behave as `both`.
    pub(crate) async fn live(mut self, mut splits: watch::Receiver<f64>) {
        // A device that starts late heeds what was told before.
        splits.mark_changed();
        loop {
            // What is rare and large lives in a box while it lasts: a device at rest is to be small.
            if self.next_due().is_some_and(|due| due <= Instant::now()) {
                Box::pin(self.do_what_is_due(Instant::now())).await;
            }
            let happening = self.wait(&mut splits).await;
            let now = Instant::now();
            match happening {
                Happening::Cancelled => break,
                Happening::Split(share) if belongs(self.index, share) => {
                    let action = self.mind.split(now);
                    // Who is not there, or is on its way back from a reset, does so when it is there again.
                    if !self.is_away() && self.obey_at.is_none() {
                        Box::pin(self.act(action, now)).await;
                    }
                }
                Happening::Split(_) | Happening::Time => {}
                Happening::Done(done) => Box::pin(self.done(done, now)).await,
                Happening::Heard(place, Ok(heard)) => self.heard(place, &heard, now),
                Happening::Heard(place, Err(error)) => self.broke(place, &error, now),
            }
        }
        Box::pin(self.leave(Instant::now())).await;
    }

    /// Waits for the first thing to happen. Safe to cancel.
    async fn wait(&mut self, splits: &mut watch::Receiver<f64>) -> Happening {
        let wake = self.next_due();
        let Self { fleet, main, beside, work, .. } = self;
        tokio::select! {
            () = fleet.context.cancel.cancelled() => Happening::Cancelled,
            // When the handle is gone nobody can tell the fleet anything any more, and this arm rests.
            Ok(()) = splits.changed() => Happening::Split(*splits.borrow_and_update()),
            done = async { match work { Some(work) => work.await, None => pending().await } } => {
                *work = None;
                Happening::Done(done)
            }
            heard = main.next() => Happening::Heard(Place::Main, heard),
            heard = async { match beside { Some(link) => link.next().await, None => pending().await } } => {
                Happening::Heard(Place::Beside, heard)
            }
            () = async { match wake { Some(wake) => sleep_until(wake).await, None => pending().await } } => {
                Happening::Time
            }
        }
    }

    /// The next time at which [`do_what_is_due`](Self::do_what_is_due) has something to do.
    fn next_due(&self) -> Option<Instant> {
        if self.is_away() {
            return self.turn_at;
        }
        let links = [Some(&self.main), self.beside.as_deref()];
        let deadlines = links.iter().flatten().map(|link| link.deadline()).chain([self.left.deadline()]);
        let deadline = deadlines.flatten().min();
        let at_rest = self.obey_at.is_none();
        let datapoint = (at_rest && self.without.is_none()).then_some(self.datapoint_at);
        let idle = at_rest && self.work.is_none();
        let retry =
            links.iter().flatten().filter(|link| idle && link.address().is_none()).map(|link| link.retry_at);
        let look = self.mind.look_at().filter(|_| idle);
        [self.obey_at, deadline, datapoint, retry.min(), look, self.turn_at].into_iter().flatten().min()
    }

    async fn do_what_is_due(&mut self, now: Instant) {
        if self.turn_at.is_some_and(|at| at <= now) {
            self.turn(now).await;
        }
        if self.is_away() {
            return;
        }
        for place in [Place::Main, Place::Beside] {
            if let Some(reached) = self.link(place).and_then(|link| link.overdue(now)) {
                self.fleet.board.happened(DeviceEvent::DatapointFailed, reached.side());
            }
        }
        while let Some(reached) = self.left.overdue(now) {
            self.fleet.board.happened(DeviceEvent::DatapointFailed, reached.side());
        }
        if self.obey_at.is_some_and(|at| at <= now) {
            self.obey(now).await;
        }
        if self.obey_at.is_some() {
            return;
        }
        if self.without.is_none() && self.datapoint_at <= now {
            self.datapoint(now).await;
        }
        if self.work.is_none() && self.main.wants(now) {
            match &self.fleet.plan.login {
                Login::Register(url) if self.pass.is_none() => {
                    self.work = Some(work::register(Arc::clone(&self.fleet), self.index, url.clone()));
                }
                _ => self.decide(Event::Reconnect, now).await,
            }
        }
        if self.work.is_none() && self.mind.look_at().is_some_and(|at| at <= now) {
            self.decide(Event::Due, now).await;
        }
        if self.work.is_none()
            && self.beside.as_ref().is_some_and(|link| link.wants(now))
            && let Some(address) = self.mind.beside()
        {
            self.open(Place::Beside, address);
        }
    }

    /// Whether the fleet's shape leaves it out for now.
    const fn is_away(&self) -> bool {
        self.turns.is_multiple_of(2)
    }

    /// Comes or goes, as the fleet's shape has it. What it still had to do to obey a reset it does when it is there again;
    /// the time of its absence is not the time that it took to return.
    async fn turn(&mut self, now: Instant) {
        self.turns += 1;
        self.turn_at = self.fleet.turn(self.index, self.turns);
        self.fleet.board.present(self.index, !self.is_away());
        if self.is_away() {
            self.leave(now).await;
            self.fleet.board.stand(self.index, Standing::Away);
        } else {
            self.without = Some(now);
            self.reset_at = self.reset_at.map(|_| now);
            self.stand(now);
        }
    }

    pub(super) async fn decide(&mut self, event: Event<'_>, now: Instant) {
        let action = self.mind.step(event, now, dice());
        self.act(action, now).await;
    }

    pub(super) async fn act(&mut self, action: Action, now: Instant) {
        match action {
            Action::Keep => {}
            Action::Resolve => self.work = Some(work::resolve(Arc::clone(&self.fleet), self.index)),
            Action::Settle => self.settle(now).await,
        }
    }

    pub(super) fn link(&mut self, place: Place) -> Option<&mut Link> {
        match place {
            Place::Main => Some(&mut self.main),
            Place::Beside => self.beside.as_deref_mut(),
        }
    }

    pub(super) fn happened_on(&mut self, place: Place, event: DeviceEvent) {
        let side = self.link(place).and_then(|link| link.reached()).and_then(Reached::side);
        self.fleet.board.happened(event, side);
    }

    /// At the level of details: what thousands of devices meet is told by the tallies.
    pub(super) fn log(&self, what: &str, why: &dyn Display) {
        tracing::debug!(device = %self.fleet.plan.device(self.index), %why, "{what}");
    }
}

/// Drawn evenly from `[0, 1)`.
pub(super) fn dice() -> f64 {
    rand::random()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use probes::{Aim, Pins, Resolver, Timeouts, Trust};
    use tokio::sync::{Semaphore, mpsc};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::board::Board;
    use crate::{FleetContext, FleetPlan, Process, Shard};

    #[tokio::test]
    async fn the_task_of_a_device_is_small() {
        let sides =
            cutover::Sides::new(vec!["127.0.1.0/24".parse().unwrap()], vec!["127.0.2.0/24".parse().unwrap()]);
        let sides = Arc::new(sides.unwrap());
        let at = "127.0.0.1:53".parse().unwrap();
        let resolver = Resolver::connect("office", at, Duration::from_secs(1)).await.unwrap();
        let plan = FleetPlan::new("lamps", 1, "mqtt://127.0.1.1".parse().unwrap()).unwrap();
        let context = FleetContext {
            resolver: resolver.clone(),
            sides: Arc::clone(&sides),
            pins: Arc::default(),
            trust: Trust::new(&[]).unwrap(),
            timeouts: Timeouts::default(),
            observations: mpsc::channel(1).0,
            cancel: CancellationToken::new(),
            user_agent: "serin-test".into(),
            process: Process::default(),
        };
        let fleet = Fleet {
            board: Arc::new(Board::new(&plan.shares.assign(1), Shard::WHOLE, Instant::now())),
            aim: Aim::new(cutover::Route::Live, sides, Arc::new(Pins::default()), resolver),
            registrations: Semaphore::new(1),
            claims: None,
            pace: None,
            started: Instant::now(),
            first_seq: 1,
            plan,
            context,
        };
        let device = Device::new(Arc::new(fleet), 0, Instant::now());
        let (itself, session) = (size_of_val(&device), size_of::<probes::MqttSession>());
        let task = size_of_val(&device.live(watch::channel(0.0).1));
        println!("a device: {itself} bytes, its task {task}, a session {session} on the heap");
        assert!(task + session < 4096, "a device's task takes {task} bytes");
    }
}
