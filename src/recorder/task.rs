//! The task around the state: its channels and its clock.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use alerts::{Delivery, Notice, Outbox};
use chrono::Utc;
use cutover::{NoteView, Observation, Phase, PhaseError, Snapshot};
use dashboards::{Command, Metrics};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::journal::{self, Journal};
use super::letters::Letters;
use super::memory::Memory;
use super::state::{State, Watch};
use crate::deadline::Deadline;
use crate::schedule::Paces;
use crate::vigil::Vigil;

/// How often a new picture is published.
const PUBLISH_EVERY: Duration = Duration::from_millis(500);

/// Observations folded in one go.
const BATCH: usize = 256;

/// How long the answer to a command may wait for the disk.
const LONGEST_COMMIT: Duration = Duration::from_secs(2);

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
    /// By when a drain must be over, once there is one.
    pub drain: watch::Receiver<Option<Deadline>>,
}

/// What goes out.
#[derive(Debug)]
pub(crate) struct Outlets {
    /// The picture.
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    /// The phase, for those who tag with it.
    pub phase: watch::Sender<Phase>,
    /// How hard each journey is to be run.
    pub paces: watch::Sender<Paces>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// Where notices go.
    pub outbox: Outbox,
    /// What outlives the recorder.
    pub journal: Journal,
    /// Who is told when the store's writer breaks off.
    pub vigil: Vigil,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The last picture.
    pub last: Arc<Snapshot>,
    /// Notices that could not be delivered any more.
    pub undelivered: Vec<Delivery>,
    /// Whether some who act had not ended in time: what was under way with them is lost.
    pub cut_short: bool,
}

/// The recorder's task.
#[derive(Debug)]
pub(crate) struct Recorder {
    state: State,
    inbox: Inbox,
    outlets: Outlets,
    letters: Letters,
}

impl Recorder {
    /// A recorder that has seen nothing yet, and goes on from what an earlier life left in `memory`.
    pub(crate) fn new(watch: Watch, memory: Memory, inbox: Inbox, outlets: Outlets) -> Self {
        let (now, resumed) = (Utc::now(), memory.phase().is_some());
        let state = State::new(watch, memory, outlets.metrics.clone(), inbox.waits.clone(), now);
        outlets.journal.started(state.name(), state.phases(), resumed, now);
        Self { state, inbox, outlets, letters: Letters::default() }
    }

    /// Works until every actor has ended, or should have, and everything that they said is folded.
    pub(crate) async fn run(mut self) -> Ended {
        let mut ticks = interval(PUBLISH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        let mut overdue = pin!(overdue(self.inbox.drain.clone()));
        let cut_short = loop {
            tokio::select! {
                count = self.inbox.observations.recv_many(&mut batch, BATCH) => match count {
                    0 => break false,
                    _ => self.fold(&mut batch),
                },
                () = &mut overdue => break true,
                Some(command) = self.inbox.commands.recv() => self.obey(command),
                Some(delivery) = self.inbox.deliveries.recv() => self.delivered(delivery, false),
                Some(notices) = self.letters.next(), if !self.letters.is_empty() => self.post(&notices),
                _ = ticks.tick() => self.publish(),
            }
        };
        self.inbox.observations.close();
        while self.inbox.observations.recv_many(&mut batch, BATCH).await > 0 {
            self.fold(&mut batch);
        }
        self.publish();
        while let Some(notices) = self.letters.next().await {
            self.post(&notices);
        }
        self.end(cut_short).await
    }

    /// Delivers what can still be delivered, and writes down the end.
    async fn end(mut self, cut_short: bool) -> Ended {
        // The actors may have ended without anybody asking them to.
        let deadline = self.inbox.drain.borrow().unwrap_or_else(Deadline::of_drain);
        let limit = deadline.deliveries().saturating_duration_since(Instant::now());
        let undelivered = std::mem::take(&mut self.outlets.outbox).close(limit).await;
        while let Ok(delivery) = self.inbox.deliveries.try_recv() {
            self.delivered(delivery, false);
        }
        undelivered.iter().cloned().for_each(|delivery| self.delivered(delivery, true));
        let last = Arc::new(self.state.snapshot(0, Utc::now()));
        self.outlets.snapshots.send_replace(last.clone());
        self.outlets.journal.end(&last, &self.state.evidence(), deadline.records()).await;
        Ended { last, undelivered, cut_short }
    }

    fn fold(&mut self, batch: &mut Vec<Observation>) {
        let now = Utc::now();
        for observation in batch.drain(..) {
            self.outlets.journal.observe(&observation);
            self.state.fold(&observation, now);
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Phase { to, by, reply } => self.change_phase(to, &by, reply),
            Command::Note { by, text } => self.note(by, &text),
            Command::CheckIn(seen) => self.fold(&mut vec![Observation::Canary(seen)]),
        }
    }

    fn note(&mut self, by: String, text: &str) {
        let note = NoteView { at: Utc::now(), by, text: journal::cut(text) };
        self.state.note(note.clone());
        self.outlets.journal.note(note, self.state.notes());
    }

    fn change_phase(&mut self, to: Phase, by: &str, reply: oneshot::Sender<Result<Phase, PhaseError>>) {
        let from = self.state.phases().phase();
        let done = self.state.advance(to, by.to_owned(), Utc::now());
        if done.is_ok() {
            tracing::info!(%from, %to, %by, "phase changed");
            self.outlets.journal.phase(self.state.phases(), &self.state.evidence());
            self.outlets.phase.send_replace(to);
            self.publish();
        }
        let committed = self.outlets.journal.committed();
        // Whoever was told of a change may rely on it, also after a crash; the recorder does not wait for that.
        tokio::spawn(async move {
            // What failed was said by the store: the change holds all the same.
            let _ = timeout(LONGEST_COMMIT, committed).await;
            if reply.send(done).is_err() {
                tracing::debug!("whoever asked for phase {to} did not wait for the answer");
            }
        });
    }

    fn delivered(&mut self, delivery: Delivery, stopped: bool) {
        self.outlets.journal.delivered(&delivery, stopped);
        self.state.delivered(delivery);
    }

    fn post(&mut self, notices: &[Notice]) {
        for notice in notices {
            let full = self.outlets.outbox.post(notice);
            full.into_iter().for_each(|delivery| self.delivered(delivery, false));
        }
    }

    /// Judges, alerts, and shows the result.
    fn publish(&mut self) {
        let now = Utc::now();
        let depth = self.inbox.observations.len();
        self.state.store(self.outlets.journal.view());
        if self.outlets.journal.broke_off() {
            self.outlets.vigil.broken("the store's writer broke off: a panic, see the log");
        }
        let mut snapshot = self.state.snapshot(depth, now);
        let notices = self.state.alert(&snapshot, now);
        if !notices.is_empty() {
            let Outlets { journal, outbox, .. } = &self.outlets;
            let channels: Vec<_> = outbox.channels().cloned().collect();
            journal.notices(&notices, &channels, &self.state.alerts(), &self.state.evidence());
            self.letters.hold(notices, journal.committed());
            snapshot = self.state.snapshot(depth, now);
        }
        self.outlets.journal.look(&snapshot, || self.state.evidence());
        self.outlets.snapshots.send_replace(Arc::new(snapshot));
        let paces = self.state.paces();
        self.outlets.paces.send_if_modified(|present| {
            let differs = **present != paces;
            if differs {
                tracing::info!(?paces, "sampling harder where it smells");
                *present = Arc::new(paces);
            }
            differs
        });
    }
}

/// Comes true when a drain should have ended all who act.
async fn overdue(mut drain: watch::Receiver<Option<Deadline>>) {
    let asked = drain.wait_for(Option::is_some).await.map(|deadline| *deadline);
    match asked {
        Ok(Some(deadline)) => sleep_until(deadline.actors()).await,
        // Nobody can ask any more: whoever acts ends by itself, or never.
        Ok(None) | Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
