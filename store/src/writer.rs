//! The thread that writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use rusqlite::Connection;

use crate::commit::commit;
use crate::desk::{Desk, Taken};
use crate::lock::Lock;
use crate::retention::tidy;
use crate::{Batch, Settings, StoreError};

/// How often what has come is committed, if nobody asks for more.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// How long a file that could not be written is left alone.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// How often what is too old leaves.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// The one who writes, with everything it needs.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) desk: Arc<Desk>,
    /// Held until the last commit.
    pub(crate) _lock: Lock,
}

impl Writer {
    /// Writes until nothing more comes.
    pub(crate) fn run(mut self) {
        let mut pause = COMMIT_EVERY;
        let mut tidied: Option<Instant> = None;
        loop {
            let Taken { batch, waiters, closing } = self.desk.take(pause);
            let well = self.write(batch);
            pause = if well { COMMIT_EVERY } else { TRY_AGAIN };
            for waiter in waiters {
                // Whoever no longer waits need not be told.
                let _ = waiter.send(well);
            }
            if closing {
                return;
            }
            if tidied.is_none_or(|at| at.elapsed() >= TIDY_EVERY) {
                tidied = Some(Instant::now());
                self.tidy();
            }
        }
    }

    /// Commits `batch`, or puts it back; says which.
    pub(crate) fn write(&mut self, batch: Batch) -> bool {
        let troubled = self.desk.health().trouble.is_some();
        if batch.is_empty() {
            return !troubled;
        }
        match commit(&mut self.connection, &batch) {
            Ok(()) => {
                if troubled {
                    tracing::warn!(path = %self.path.display(), "the store can be written again");
                }
                self.desk.well();
                true
            }
            Err(error) => {
                let why = StoreError::of(&self.path, "written", &error).to_string();
                if !troubled {
                    tracing::error!(
                        "{why}; meanwhile everything is kept in memory, and the watching goes on"
                    );
                }
                self.desk.put_back(batch, why);
                false
            }
        }
    }

    fn tidy(&mut self) {
        if let Err(error) = tidy(&mut self.connection, &self.settings, Utc::now()) {
            tracing::warn!(path = %self.path.display(), %error, "what is too old stays in the store for now");
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::{Event, History, What, open};

    fn batch(texts: &[&str]) -> Batch {
        let mut batch = Batch::default();
        for text in texts {
            let what = What::Note { by: "ann".to_owned(), text: text.repeat(9000) };
            batch.event(Event { at: Utc::now(), what });
        }
        batch
    }

    #[test]
    fn a_full_disk_keeps_everything_in_memory_until_there_is_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serin.db");
        let (connection, lock) = open::to_write(&path).unwrap();
        let desk = Arc::new(Desk::default());
        let settings = Settings::default();
        let mut writer = Writer { connection, path: path.clone(), settings, desk: desk.clone(), _lock: lock };
        // SQLite says "database or disk is full" for this as it does for a disk.
        let pages: i64 = writer.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        writer.connection.pragma_update(None, "max_page_count", pages).unwrap();
        assert!(!writer.write(batch(&["a", "b"])));
        let trouble = desk.health().trouble.unwrap();
        assert!(trouble.contains("cannot be written: database or disk is full"), "{trouble}");
        desk.leave(batch(&["c"]));
        let waiting = desk.take(Duration::ZERO).batch;
        assert!(!writer.write(waiting));

        writer.connection.pragma_update(None, "max_page_count", 100_000).unwrap();
        let waiting = desk.take(Duration::ZERO).batch;
        assert!(writer.write(waiting));
        assert_eq!(desk.health(), crate::Health::default());
        let events = History::read(&path, None, None).unwrap().events;
        let texts: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.what {
                What::Note { text, .. } => text.get(..1),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["a", "b", "c"]);
    }
}
