//! The way of observations to the recorder.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cutover::Observation;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// Sends observations into the bounded channel, and counts how often it had to wait. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    channel: mpsc::Sender<Observation>,
    waits: Arc<AtomicU64>,
}

impl Reporter {
    /// Reports into `channel`; `waits` counts the waiting.
    pub(crate) fn new(channel: mpsc::Sender<Observation>, waits: Arc<AtomicU64>) -> Self {
        Self { channel, waits }
    }

    /// Reports. When the channel is full the actor waits: nothing is dropped.
    pub(crate) async fn report(&self, observation: Observation) {
        let observation = match self.channel.try_send(observation) {
            Ok(()) => return,
            Err(TrySendError::Full(observation) | TrySendError::Closed(observation)) => observation,
        };
        self.waits.fetch_add(1, Ordering::Relaxed);
        if self.channel.send(observation).await.is_err() {
            tracing::debug!("the recorder has ended: an observation came too late");
        }
    }

    /// The channel itself, for actors that have their own way of waiting.
    pub(crate) fn channel(&self) -> mpsc::Sender<Observation> {
        self.channel.clone()
    }
}
