//! What is written on the old side reaches the new one: later, in order, and never back.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{Application, store::Write};

/// How many writes may be on their way. When replication is stopped for longer than that lasts, later writes are lost
/// to the new side, as they are when a real replication log overflows.
const BACKLOG: usize = 65_536;

/// The end into which the old side puts its writes.
#[derive(Debug)]
pub(crate) struct Outflow {
    queue: mpsc::Sender<(Instant, Write)>,
    lag: Duration,
}

/// The end from which [`replicate`] takes them.
pub(crate) type Inflow = mpsc::Receiver<(Instant, Write)>;

impl Outflow {
    /// A way for writes that takes them `lag` each.
    pub(crate) fn new(lag: Duration) -> (Self, Inflow) {
        let (queue, inflow) = mpsc::channel(BACKLOG);
        (Self { queue, lag }, inflow)
    }

    /// Sends a write on its way, without waiting: a write on the old side must never hang on the new one.
    pub(super) fn push(&self, write: Write) {
        if let Err(mpsc::error::TrySendError::Full(_)) =
            self.queue.try_send((Instant::now() + self.lag, write))
        {
            tracing::warn!(
                "replication has {BACKLOG} writes waiting: a write on the old side is lost to the new one"
            );
        }
    }
}

/// Carries writes to the application `to`, while `running` says so, until the way's other end is gone.
pub(crate) async fn replicate(mut inflow: Inflow, to: Arc<Application>, mut running: watch::Receiver<bool>) {
    while let Some((due, write)) = inflow.recv().await {
        sleep_until(due).await;
        if running.wait_for(|running| *running).await.is_err() {
            return;
        }
        to.absorb(write);
    }
}
