//! The task around the state: its channels and its clock.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use alerts::{Delivery, Outbox};
use chrono::Utc;
use cutover::{Observation, Phase, Snapshot};
use dashboards::{Command, Metrics};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::state::{State, Watch};

/// How often a new picture is published.
const PUBLISH_EVERY: Duration = Duration::from_millis(500);

/// Observations folded in one go.
const BATCH: usize = 256;

/// How long the outbox may still deliver after the last observation.
const LAST_DELIVERIES: Duration = Duration::from_secs(3);

/// What comes in.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// From those who act. The recorder ends when all of them have.
    pub observations: mpsc::Receiver<Observation>,
    /// From the API and the rehearsal.
    pub commands: mpsc::Receiver<Command>,
    /// From the outbox.
    pub deliveries: mpsc::Receiver<Delivery>,
    /// How often an actor had to wait.
    pub waits: Arc<AtomicU64>,
}

/// What goes out.
#[derive(Debug)]
pub(crate) struct Outlets {
    /// The picture.
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    /// The phase, for those who tag with it.
    pub phase: watch::Sender<Phase>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// Where notices go.
    pub outbox: Outbox,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The last picture.
    pub last: Arc<Snapshot>,
    /// Notices that could not be delivered any more.
    pub undelivered: Vec<Delivery>,
}

/// The recorder's task.
#[derive(Debug)]
pub(crate) struct Recorder {
    state: State,
    inbox: Inbox,
    outlets: Outlets,
}

impl Recorder {
    /// A recorder that has seen nothing yet.
    pub(crate) fn new(watch: Watch, inbox: Inbox, outlets: Outlets) -> Self {
        let state = State::new(watch, outlets.metrics.clone(), inbox.waits.clone(), Utc::now());
        Self { state, inbox, outlets }
    }

    /// Works until every actor has ended and everything that they said is folded.
    pub(crate) async fn run(mut self) -> Ended {
        let mut ticks = interval(PUBLISH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                count = self.inbox.observations.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        break;
                    }
                    let now = Utc::now();
                    batch.drain(..).for_each(|observation| self.state.fold(&observation, now));
                }
                Some(command) = self.inbox.commands.recv() => self.obey(command),
                Some(delivery) = self.inbox.deliveries.recv() => self.state.delivered(delivery),
                _ = ticks.tick() => self.publish(),
            }
        }
        self.publish();
        let Outlets { snapshots, outbox, .. } = self.outlets;
        let undelivered = outbox.close(LAST_DELIVERIES).await;
        while let Ok(delivery) = self.inbox.deliveries.try_recv() {
            self.state.delivered(delivery);
        }
        undelivered.iter().cloned().for_each(|delivery| self.state.delivered(delivery));
        let last = Arc::new(self.state.snapshot(0, Utc::now()));
        snapshots.send_replace(last.clone());
        Ended { last, undelivered }
    }

    fn obey(&mut self, command: Command) {
        let Command::Phase { to, by, reply } = command;
        let from = self.state.phase();
        let done = self.state.advance(to, by.clone(), Utc::now());
        if done.is_ok() {
            tracing::info!(%from, %to, %by, "phase changed");
            self.outlets.phase.send_replace(to);
            self.publish();
        }
        if reply.send(done).is_err() {
            tracing::debug!("whoever asked for phase {to} did not wait for the answer");
        }
    }

    /// Judges, alerts, and shows the result.
    fn publish(&mut self) {
        let now = Utc::now();
        let depth = self.inbox.observations.len();
        let mut snapshot = self.state.snapshot(depth, now);
        let notices = self.state.alert(&snapshot, now);
        if !notices.is_empty() {
            for notice in notices {
                self.outlets.outbox.post(&notice).into_iter().for_each(|full| self.state.delivered(full));
            }
            snapshot = self.state.snapshot(depth, now);
        }
        self.outlets.snapshots.send_replace(Arc::new(snapshot));
    }
}
