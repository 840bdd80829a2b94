//! How those who act live: what holds their tasks, what ends them, and who is told when one breaks off.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, interval, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::vigil::Vigil;

/// How often a fleet's tasks are counted.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// The life that all who act share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    /// Ends it.
    pub cancel: CancellationToken,
    tracker: TaskTracker,
    vigil: Vigil,
}

impl Life {
    /// A life that nobody lives yet; who breaks off is told to `vigil`.
    pub(crate) fn new(vigil: Vigil) -> Self {
        Self { cancel: CancellationToken::new(), tracker: TaskTracker::new(), vigil }
    }

    /// Starts a task that must live until it ends by itself.
    pub(crate) fn spawn(
        &self,
        who: impl Display + Send + 'static,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.tracker.spawn(self.vigil.over(who, task));
    }

    /// Watches over the `tasks` of a fleet, which all live until the end: one that is missing before has broken off.
    pub(crate) fn keep(&self, fleet: &Arc<str>, tasks: TaskTracker) {
        tasks.close();
        let (all, life, who) = (tasks.len(), self.clone(), format!("the fleet `{fleet}`"));
        let kept = who.clone();
        self.spawn(who, async move {
            let mut counts = interval(COUNT_EVERY);
            while life.cancel.run_until_cancelled(counts.tick()).await.is_some() {
                if tasks.len() < all && !life.cancel.is_cancelled() {
                    life.vigil.broken(format_args!("{kept} broke off: a panic, see the log"));
                    break;
                }
            }
            tasks.wait().await;
        });
    }

    /// Ends them all, and waits until they have ended, or until `by`.
    pub(crate) async fn end(self, by: Instant) {
        self.cancel.cancel();
        self.tracker.close();
        if timeout_at(by, self.tracker.wait()).await.is_err() {
            tracing::warn!(
                left = self.tracker.len(),
                "not all that was under way has ended: it is left behind"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_fleet_that_lost_a_task_is_broken_and_one_that_ends_is_not() {
        let vigil = Vigil::new();
        let life = Life::new(vigil.clone());
        let fleet = |broken: CancellationToken| {
            let tasks = TaskTracker::new();
            for end in [life.cancel.clone(), broken] {
                tasks.spawn(end.cancelled_owned());
            }
            tasks
        };
        life.keep(&"lamps".into(), fleet(life.cancel.clone()));
        let panics = CancellationToken::new();
        life.keep(&"meters".into(), fleet(panics.clone()));
        tokio::time::sleep(COUNT_EVERY * 3).await;
        assert_eq!(vigil.known(), None);
        panics.cancel();
        assert_eq!(&*vigil.wait().await, "the fleet `meters` broke off: a panic, see the log");
        let vigil = Vigil::new();
        let life = Life { vigil: vigil.clone(), ..life };
        life.end(Instant::now() + COUNT_EVERY).await;
        assert_eq!(vigil.known(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_end_is_left_behind() {
        let life = Life::new(Vigil::new());
        life.spawn("it", std::future::pending());
        let by = Instant::now() + COUNT_EVERY;
        life.end(by).await;
        assert_eq!(Instant::now(), by);
    }
}
