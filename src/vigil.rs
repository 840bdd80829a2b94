//! The watch over those who must live as long as the canary does.

use std::fmt::Display;
use std::sync::Arc;
use std::thread::panicking;

use tokio::sync::watch;

/// Knows the first of them that broke off. Cheap to clone; all clones know the same.
#[derive(Debug, Clone)]
pub(crate) struct Vigil(watch::Sender<Option<Arc<str>>>);

/// Says, when it is dropped before its end, that somebody broke off.
struct Alive<W: Display> {
    who: W,
    vigil: Option<Vigil>,
}

impl Vigil {
    /// A vigil over nobody yet.
    pub(crate) fn new() -> Self {
        Self(watch::channel(None).0)
    }

    /// `task`, watched from now on: when it panics or is dropped before its end, `who` has broken off.
    pub(crate) fn over<W, F>(&self, who: W, task: F) -> impl Future<Output = F::Output> + Send + use<W, F>
    where
        W: Display + Send,
        F: Future + Send,
    {
        let alive = Alive { who, vigil: Some(self.clone()) };
        async move {
            let ended = task.await;
            alive.ends();
            ended
        }
    }

    /// Takes note that something is broken. What broke first counts: the rest may follow from it.
    pub(crate) fn broken(&self, why: impl Display) {
        self.0.send_if_modified(|broken| {
            let first = broken.is_none();
            if first {
                *broken = Some(why.to_string().into());
            }
            first
        });
    }

    /// Tells what is broken, once it is.
    pub(crate) fn told(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.0.subscribe()
    }

    /// What is broken, if anything.
    pub(crate) fn known(&self) -> Option<Arc<str>> {
        self.0.borrow().clone()
    }

    /// Waits until something is.
    pub(crate) async fn wait(&self) -> Arc<str> {
        let mut told = self.told();
        match told.wait_for(Option::is_some).await.map(|broken| broken.clone()) {
            Ok(Some(why)) => why,
            // It has no end while `self` is there.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

impl<W: Display> Alive<W> {
    /// The end came as it should.
    fn ends(mut self) {
        self.vigil = None;
    }
}

impl<W: Display> Drop for Alive<W> {
    fn drop(&mut self) {
        if let Some(vigil) = &self.vigil {
            let how = if panicking() { "broke off: a panic, see the log" } else { "broke off" };
            vigil.broken(format_args!("{} {how}", self.who));
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_is_well_and_one_that_does_not_is_known_at_once() {
        let vigil = Vigil::new();
        assert_eq!(tokio::spawn(vigil.over("the first", async { 7 })).await.unwrap(), 7);
        assert_eq!(vigil.known(), None);
        let broken = tokio::spawn(vigil.over("the second", async { assert!("".len() > 1, "as it must") }));
        assert_eq!(&*vigil.wait().await, "the second broke off: a panic, see the log");
        assert!(broken.await.unwrap_err().is_panic());
        vigil.broken("the third follows");
        assert_eq!(vigil.known().as_deref(), Some("the second broke off: a panic, see the log"));
    }

    #[tokio::test]
    async fn a_task_that_is_taken_away_broke_off_though_it_never_began() {
        let vigil = Vigil::new();
        tokio::spawn(vigil.over("it", std::future::pending::<()>())).abort();
        assert_eq!(&*vigil.wait().await, "it broke off");
    }
}
