//! Where notices wait for their delivery, a queue and a task for each channel.
//!
//! Notices of one channel leave in their order: the end of an alert never overtakes its beginning. A dead server
//! keeps only its own channel waiting; whoever posts a notice never waits at all.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{DeliveryResult, DeliveryView};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::channel::{Attempt, Channel};
use crate::notice::Notice;

/// How many notices may wait for one channel. Alerts are few: more than this is a fault of ours.
const QUEUE: usize = 64;

/// What became of one attempt to deliver one notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The channel's name.
    pub channel: Arc<str>,
    /// The notice's id.
    pub notice: String,
    /// The notice's subject.
    pub subject: String,
    /// What became of it.
    pub result: DeliveryResult,
    /// When.
    pub at: DateTime<Utc>,
    /// The number of the attempt, from 1; 0 if none was made.
    pub attempt: u32,
    /// The channel's words.
    pub detail: String,
}

/// A notice that one channel still has to deliver: what a store gives back after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The channel's name.
    pub channel: Arc<str>,
    /// The notice.
    pub notice: Notice,
}

/// The queues and their tasks. The default one has no channel.
#[derive(Debug, Default)]
pub struct Outbox {
    queues: Vec<(Arc<str>, mpsc::Sender<Notice>)>,
    workers: JoinSet<Vec<Delivery>>,
    closing: CancellationToken,
    stop: CancellationToken,
}

struct Worker {
    channel: Channel,
    backoff: Backoff,
    report: mpsc::Sender<Delivery>,
    closing: CancellationToken,
    stop: CancellationToken,
    /// Whether the wait in progress when the outbox was closed was already cut short.
    hurried: bool,
}

impl Outbox {
    /// Starts a task for each channel, with what was left `pending` by an earlier life. Each attempt is told to
    /// `report`; what is pending for a channel that is no more is told there as undelivered.
    pub fn start(
        channels: Vec<Channel>,
        pending: Vec<Pending>,
        backoff: Backoff,
        report: &mpsc::Sender<Delivery>,
    ) -> Self {
        let (closing, stop) = (CancellationToken::new(), CancellationToken::new());
        let (mut queues, mut workers) = (Vec::new(), JoinSet::new());
        let mut pending = pending;
        for channel in channels {
            let (sender, inbox) = mpsc::channel(QUEUE);
            let name = Arc::clone(channel.name());
            let (mine, others) = pending.into_iter().partition(|left| left.channel == name);
            pending = others;
            let backlog: Vec<Pending> = mine;
            let backlog = backlog.into_iter().map(|left| left.notice).collect();
            queues.push((name, sender));
            let (report, closing, stop) = (report.clone(), closing.clone(), stop.clone());
            let worker = Worker { channel, backoff, report, closing, stop, hurried: false };
            workers.spawn(worker.run(backlog, inbox));
        }
        for Pending { channel, notice } in pending {
            let why = "the channel is no longer configured".to_owned();
            let delivery = undelivered(&channel, &notice, 0, why);
            if report.try_send(delivery).is_err() {
                tracing::warn!("nobody took note of an undelivered notice");
            }
        }
        Self { queues, workers, closing, stop }
    }

    /// The names of the channels, in their order.
    pub fn channels(&self) -> impl Iterator<Item = &Arc<str>> {
        self.queues.iter().map(|(name, _)| name)
    }

    /// Queues `notice` for every channel, at once. What comes back are the channels whose queue was full, as
    /// deliveries to take note of; they will not be reported otherwise.
    #[must_use]
    pub fn post(&self, notice: &Notice) -> Vec<Delivery> {
        let full = |(name, queue): &(Arc<str>, mpsc::Sender<Notice>)| {
            let error = queue.try_send(notice.clone()).err()?;
            let why = match error {
                mpsc::error::TrySendError::Full(_) => format!("{QUEUE} notices are waiting already"),
                mpsc::error::TrySendError::Closed(_) => "its task ended".to_owned(),
            };
            Some(undelivered(name, notice, 0, why))
        };
        self.queues.iter().filter_map(full).collect()
    }

    /// Delivers what is queued, for `limit` at most, and gives back what is left. A wait between attempts is cut
    /// short, so that each channel gets one more attempt at least.
    pub async fn close(mut self, limit: Duration) -> Vec<Delivery> {
        self.queues.clear();
        self.closing.cancel();
        let mut left = Vec::new();
        if timeout(limit, collect(&mut self.workers, &mut left)).await.is_err() {
            self.stop.cancel();
            collect(&mut self.workers, &mut left).await;
        }
        left
    }
}

async fn collect(workers: &mut JoinSet<Vec<Delivery>>, left: &mut Vec<Delivery>) {
    while let Some(ended) = workers.join_next().await {
        match ended {
            Ok(more) => left.extend(more),
            Err(error) => tracing::error!(%error, "a channel's task broke off"),
        }
    }
}

impl Worker {
    /// Works until the queue is closed and empty, or the stop; says what is left then.
    async fn run(
        mut self,
        mut backlog: VecDeque<Notice>,
        mut inbox: mpsc::Receiver<Notice>,
    ) -> Vec<Delivery> {
        let stop = self.stop.clone();
        let mut left = Vec::new();
        loop {
            let next = match backlog.pop_front() {
                Some(notice) => Some(notice),
                None => inbox.recv().await,
            };
            let Some(notice) = next else { return left };
            let mut attempt = 0;
            let stopped = tokio::select! {
                biased;
                () = stop.cancelled() => true,
                () = self.deliver(&notice, &mut attempt) => false,
            };
            if stopped {
                let why = "stopped before it could be delivered".to_owned();
                left.push(undelivered(self.channel.name(), &notice, attempt, why));
            }
        }
    }

    /// Tries until the notice is sent, rejected or given up, and reports each attempt.
    async fn deliver(&mut self, notice: &Notice, attempt: &mut u32) {
        let began = Instant::now();
        loop {
            *attempt += 1;
            let (result, detail) = match self.channel.send(notice).await {
                Attempt::Sent(words) => (DeliveryResult::Sent, words),
                Attempt::Rejected(why) => (DeliveryResult::Rejected, why),
                Attempt::Retry(why) if began.elapsed() >= self.backoff.give_up => {
                    (DeliveryResult::Undelivered, format!("given up: {why}"))
                }
                Attempt::Retry(why) => (DeliveryResult::Retry, why),
            };
            self.tell(delivery(self.channel.name(), notice, result, *attempt, detail)).await;
            if result != DeliveryResult::Retry {
                return;
            }
            let wait = self.backoff.wait(*attempt, rand::random());
            tokio::select! {
                () = sleep(wait) => {}
                () = self.closing.cancelled(), if !self.hurried => self.hurried = true,
            }
        }
    }

    async fn tell(&self, delivery: Delivery) {
        let Delivery { channel, result, attempt, detail, notice, .. } = &delivery;
        match result {
            DeliveryResult::Sent => tracing::info!(%channel, %notice, attempt, %detail, "notice sent"),
            DeliveryResult::Retry => {
                tracing::warn!(%channel, %notice, attempt, %detail, "notice not sent, will be tried again");
            }
            DeliveryResult::Rejected | DeliveryResult::Undelivered => {
                tracing::error!(%channel, %notice, attempt, %detail, "notice not delivered");
            }
        }
        if self.report.send(delivery).await.is_err() {
            tracing::debug!("nobody listens for deliveries any more");
        }
    }
}

fn delivery(
    channel: &Arc<str>,
    notice: &Notice,
    result: DeliveryResult,
    attempt: u32,
    detail: String,
) -> Delivery {
    let (channel, subject) = (Arc::clone(channel), notice.subject.clone());
    Delivery { channel, notice: notice.id.clone(), subject, result, at: Utc::now(), attempt, detail }
}

fn undelivered(channel: &Arc<str>, notice: &Notice, attempt: u32, why: String) -> Delivery {
    delivery(channel, notice, DeliveryResult::Undelivered, attempt, why)
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let Delivery { channel, result, at, subject, detail, .. } = delivery;
        Self { channel, result, at, subject, detail }
    }
}
