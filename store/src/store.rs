//! The store as the recorder has it.

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::desk::Desk;
use crate::open;
use crate::writer::Writer;
use crate::{Batch, Ledger, Saved, Settings, StoreError};

/// The store as its only owner has it: everything is handed over at once, and nothing here waits for the disk.
#[derive(Debug)]
pub struct Store(Option<Open>);

#[derive(Debug)]
struct Open {
    desk: Arc<Desk>,
    ended: oneshot::Receiver<()>,
    thread: JoinHandle<()>,
}

/// How the store fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why nothing can be written at present; `None` while all is well.
    pub trouble: Option<String>,
    /// Records given up because they could not be written in time.
    pub dropped: u64,
}

impl Store {
    /// No store: nothing outlives the canary.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Opens the file at `path`, made if need be, and starts its writer. Gives what an earlier life left, too.
    ///
    /// # Errors
    /// When it is damaged, foreign, of a newer version, in use, or cannot be written; the message says what to do.
    pub fn open(path: &Path, settings: Settings) -> Result<(Self, Saved), StoreError> {
        let (connection, lock) = open::to_write(path)?;
        let saved = Saved::read(&connection).map_err(|error| StoreError::of(path, "read", &error))?;
        let desk = Arc::new(Desk::default());
        let (end, ended) = oneshot::channel();
        let writer = Writer { connection, path: path.to_owned(), settings, desk: desk.clone(), _lock: lock };
        let work = move || {
            writer.run();
            // Nobody may be waiting for the end.
            let _ = end.send(());
        };
        let thread = Builder::new().name("store".to_owned()).spawn(work);
        let thread = thread.map_err(|error| StoreError::io(path, "opened", &error))?;
        Ok((Self(Some(Open { desk, ended, thread })), saved))
    }

    /// Hands over what belongs together. It never waits; what cannot be written in time is given up within the bounds
    /// of [`Batch`], and counted.
    pub fn write(&self, batch: Batch) {
        if let Some(open) = &self.0
            && !batch.is_empty()
        {
            open.desk.leave(batch);
        }
    }

    /// Comes true when everything handed over so far is safely in the file, which is written at once; or false, when
    /// that failed. Without a store it is true at once: there is nothing to wait for.
    pub fn committed(&self) -> impl Future<Output = bool> + Send + use<> {
        let told = self.0.as_ref().map(|open| {
            let (tell, told) = oneshot::channel();
            open.desk.ask(tell);
            told
        });
        async move {
            match told {
                Some(told) => told.await.unwrap_or(false),
                None => true,
            }
        }
    }

    /// The way to the ledger.
    pub fn ledger(&self) -> Ledger {
        Ledger(self.0.as_ref().map(|open| open.desk.clone()))
    }

    /// How it fares; `None` without a store.
    pub fn health(&self) -> Option<Health> {
        self.0.as_ref().map(|open| open.desk.health())
    }

    /// Whether the writer is no more, though nobody has closed the store: it panicked, and nothing is written any longer.
    pub fn broke_off(&self) -> bool {
        self.0.as_ref().is_some_and(|open| open.thread.is_finished())
    }

    /// Writes what is left and ends the writer, within `limit`; says whether all of it is in the file.
    pub async fn close(mut self, limit: Duration) -> bool {
        let Some(open) = &mut self.0 else { return true };
        open.desk.close();
        let ended = tokio::time::timeout(limit, &mut open.ended).await;
        matches!(ended, Ok(Ok(()))) && open.desk.health().trouble.is_none()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(open) = &self.0 {
            open.desk.close();
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_writer_that_is_no_more_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(&folder.path().join("serin.db"), Settings::default()).unwrap();
        assert!(!store.broke_off() && !Store::none().broke_off());
        assert!(store.close(Duration::from_secs(60)).await);

        let thread = std::thread::spawn(|| {});
        while !thread.is_finished() {
            std::thread::yield_now();
        }
        let (desk, (_, ended)) = (Arc::new(Desk::default()), oneshot::channel());
        assert!(Store(Some(Open { desk, ended, thread })).broke_off());
    }
}
