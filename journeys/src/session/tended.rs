//! Sessions that go on between the steps: looked after while no step uses them.

use std::panic::resume_unwind;

use probes::ProbeError;
use tokio::select;
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

/// Sessions of one kind that a run keeps.
pub(super) const MOST_EACH: usize = 64;

/// A session of which the peer wants to hear something between the steps, too.
pub(super) trait Tend: Send + 'static {
    /// Hears the next thing that comes, answers it if it wants to be answered, and keeps what a step may await. May be
    /// cancelled at any time.
    fn hear(&mut self) -> impl Future<Output = Result<(), ProbeError>> + Send;

    /// Whether more can be kept.
    fn has_room(&self) -> bool;

    /// Why it was lost while nobody used it, which the next to use it is told.
    fn loss(&mut self) -> &mut Option<ProbeError>;

    /// Whether it can no longer be used.
    fn is_over(&self) -> bool;

    /// Says farewell.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// Sessions by where they lead: one that a step uses, and others that are looked after meanwhile, by a task each. The
/// tasks end with this.
#[derive(Debug)]
pub(super) struct Tended<P, T> {
    /// Boxed: most runs have none.
    used: Option<Box<(P, T)>>,
    resting: Vec<(P, Resting<T>)>,
}

/// A session that no step uses.
#[derive(Debug)]
struct Resting<T> {
    /// Dropped to have the session back.
    until: Option<oneshot::Sender<()>>,
    task: AbortOnDropHandle<T>,
}

impl<P: PartialEq, T: Tend> Tended<P, T> {
    pub(super) const fn new() -> Self {
        Self { used: None, resting: Vec::new() }
    }

    /// The session that leads there, if there is one that can still be used.
    pub(super) async fn take(&mut self, place: &P) -> Option<T> {
        self.rest();
        let index = self.resting.iter().position(|(known, _)| known == place)?;
        // It stays where it is until it is back: this may be cancelled.
        let session = self.resting[index].1.back().await;
        self.resting.remove(index);
        session
    }

    /// Keeps a session, for its use.
    pub(super) fn put(&mut self, place: P, session: T) -> &mut T {
        self.rest();
        &mut self.used.insert(Box::new((place, session))).1
    }

    /// The step is over: what it used is looked after until the next one that does. A place that changes all the time
    /// leaves no crowd behind.
    pub(super) fn rest(&mut self) {
        let Some(used) = self.used.take().filter(|used| !used.1.is_over()) else { return };
        let (place, session) = *used;
        if self.resting.len() >= MOST_EACH {
            self.resting.remove(0);
        }
        self.resting.push((place, Resting::new(session)));
    }

    /// Says farewell to all of them.
    pub(super) async fn close(mut self) {
        self.rest();
        for (_, mut resting) in self.resting {
            let Some(mut session) = resting.back().await else { continue };
            if session.loss().is_none() {
                session.close().await;
            }
        }
    }
}

impl<T: Tend> Resting<T> {
    fn new(mut session: T) -> Self {
        let (until, used) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            select! {
                biased;
                _ = used => {}
                () = tend(&mut session) => {}
            }
            session
        });
        Self { until: Some(until), task: AbortOnDropHandle::new(task) }
    }

    /// The session; `None` when everything is being shut down.
    async fn back(&mut self) -> Option<T> {
        self.until = None;
        match (&mut self.task).await {
            Ok(session) => Some(session),
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => None,
        }
    }
}

/// Hears what comes, until nothing more can be kept: from then on TCP holds the peer, as it did while nobody listened. A
/// ping behind that is not answered, which is the lesser evil: what is thrown away unseen would be missed by the step
/// that awaits it.
async fn tend(session: &mut impl Tend) {
    while session.loss().is_none() && session.has_room() {
        if let Err(error) = session.hear().await {
            *session.loss() = Some(error);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::task::yield_now;

    use super::*;

    const OVER: u32 = u32::MAX;

    const ROOM: u32 = 9;

    /// Counts how often one was looked after.
    struct Session(Arc<AtomicU32>, Option<ProbeError>);

    /// Counts how much of it was heard.
    struct Chatter(Arc<AtomicU32>, Option<ProbeError>);

    impl Tend for Chatter {
        async fn hear(&mut self) -> Result<(), ProbeError> {
            if self.0.fetch_add(1, Ordering::Relaxed) >= ROOM {
                pending::<()>().await;
            }
            Ok(())
        }

        fn has_room(&self) -> bool {
            self.0.load(Ordering::Relaxed) < ROOM
        }

        fn loss(&mut self) -> &mut Option<ProbeError> {
            &mut self.1
        }

        fn is_over(&self) -> bool {
            false
        }

        async fn close(self) {}
    }

    impl Tend for Session {
        async fn hear(&mut self) -> Result<(), ProbeError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            pending().await
        }

        fn has_room(&self) -> bool {
            true
        }

        fn loss(&mut self) -> &mut Option<ProbeError> {
            &mut self.1
        }

        fn is_over(&self) -> bool {
            self.0.load(Ordering::Relaxed) == OVER
        }

        async fn close(self) {}
    }

    #[tokio::test]
    async fn what_no_step_uses_is_looked_after_and_ends_with_its_run() {
        let count = Arc::new(AtomicU32::new(0));
        let tended = || count.load(Ordering::Relaxed);
        let mut sessions = Tended::new();
        sessions.put('a', Session(count.clone(), None));
        yield_now().await;
        assert_eq!(tended(), 0, "it is in use");
        sessions.rest();
        yield_now().await;
        assert_eq!(tended(), 1);
        assert!(sessions.take(&'b').await.is_none());
        let session = sessions.take(&'a').await.unwrap();
        assert!(sessions.take(&'a').await.is_none());
        sessions.put('a', session);
        // A step that was cut short never said that it is over.
        sessions.put('b', Session(count.clone(), None));
        yield_now().await;
        assert_eq!(tended(), 2);
        drop(sessions);
        while Arc::strong_count(&count) > 1 {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn nothing_more_is_heard_than_can_be_kept() {
        let count = Arc::new(AtomicU32::new(0));
        let mut sessions = Tended::new();
        sessions.put('a', Chatter(count.clone(), None));
        for _ in 0..2 {
            sessions.rest();
            yield_now().await;
            assert_eq!(count.load(Ordering::Relaxed), ROOM);
            let session = sessions.take(&'a').await.unwrap();
            sessions.put('a', session);
        }
    }

    #[test]
    fn a_run_without_any_pays_a_few_empty_bytes() {
        assert!(size_of::<Tended<char, [u8; 4096]>>() <= 32);
    }

    #[tokio::test]
    async fn what_is_over_is_kept_no_longer() {
        let count = Arc::new(AtomicU32::new(OVER));
        let mut sessions = Tended::new();
        sessions.put('a', Session(count.clone(), None));
        assert!(sessions.take(&'a').await.is_none());
        assert_eq!(Arc::strong_count(&count), 1);
        sessions.close().await;
    }
}
