//! The world, held by whoever started it.

use std::sync::Arc;

use bytes::Bytes;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{Mails, Places, Plan, WorldError, build::build, stage::Stage};
use crate::{
    faults::{Fault, Mark, Timed},
    side::Side,
};

/// A running world. Ends when it is dropped, in the background, or with [`World::shutdown`], when nothing of it is left.
pub struct World {
    handle: Handle,
    _end: DropGuard,
}

/// What the world and its control have in common.
#[derive(Clone)]
pub(super) struct Handle {
    pub(super) stage: Arc<Stage>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl World {
    /// Binds everything, and then starts it.
    ///
    /// # Errors
    /// When the plan makes no world, when a port is taken, or when `ca.pem` cannot be written. Nothing runs then.
    pub async fn start(plan: Plan) -> Result<Self, WorldError> {
        let handle = build(plan)?;
        let end = handle.stop.clone().drop_guard();
        Ok(Self { handle, _end: end })
    }

    /// Where everything is.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.handle.stage.places
    }

    /// Moves every name to that side's address, in one step: no query falls between.
    pub fn flip(&self, side: Side) {
        self.handle.stage.flip(side);
    }

    /// Says that a mark has been reached, from which faults are timed. Only the first time counts.
    pub fn mark(&self, mark: Mark) {
        self.handle.stage.mark(mark);
    }

    /// Lets something go wrong, now. A second fault of the same kind takes the place of the first.
    pub fn inject(&self, fault: Fault) {
        self.handle.stage.inject(fault);
    }

    /// Lets something go wrong at a moment.
    pub fn schedule(&self, fault: Timed<Fault>) {
        self.handle.schedule(fault);
    }

    /// Ends every fault that is at work. Those whose moment is still to come do come.
    pub fn heal(&self) {
        self.handle.stage.heal();
    }

    /// The mails that have arrived, the oldest first, at most the last hundred.
    #[must_use]
    pub fn mails(&self) -> Mails {
        self.handle.stage.mails.clone()
    }

    /// Publishes a message on a side's broker, as the broker's own; it is not retained.
    pub fn publish(&self, side: Side, topic: &str, payload: impl Into<Bytes>) {
        self.handle.stage.publish(side, topic, payload.into());
    }

    /// Ends every task and closes every socket.
    pub async fn shutdown(self) {
        let Handle { stage, tasks, stop } = &self.handle;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        // The mail sink runs tasks of its own; its channel closes with the last of them.
        let mut mails = stage.mails.clone();
        while mails.changed().await.is_ok() {}
    }
}

impl Handle {
    /// Spawns a task that ends with the world.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }

    pub(super) fn schedule(&self, Timed { what, at }: Timed<Fault>) {
        let stage = self.stage.clone();
        self.spawn(async move {
            stage.marks.moment(at).await;
            stage.inject(what);
        });
    }
}
