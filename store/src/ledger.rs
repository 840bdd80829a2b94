//! What runs have made and not yet taken away again.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, Transaction, params};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::commit::millis;
use crate::desk::Desk;
use crate::lock::Lock;
use crate::{Batch, StoreError, open};

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The run that it is about.
    pub run: String,
    /// When that began.
    pub at: DateTime<Utc>,
    /// What is known of it, in a form that only its writer knows.
    pub data: Value,
}

/// The way of runs to the ledger; cheap to clone. Without a store nothing is written, and nobody waits.
#[derive(Debug, Clone)]
pub struct Ledger(pub(crate) Option<Arc<Desk>>);

impl Ledger {
    /// Writes a line, in the place of an earlier one of its run. Comes back when it is safely in the file, or with
    /// `false` when that failed.
    pub async fn write(&self, leaf: Leaf) -> bool {
        let Some(desk) = &self.0 else { return true };
        let mut batch = Batch::default();
        batch.write_leaf(leaf);
        let (tell, told) = oneshot::channel();
        desk.leave(batch);
        desk.ask(tell);
        told.await.unwrap_or(false)
    }

    /// Strikes out the line of a run, at once, and without waiting for it.
    pub fn strike(&self, run: &str) {
        let Some(desk) = &self.0 else { return };
        let mut batch = Batch::default();
        batch.strike_leaf(run.to_owned());
        desk.leave(batch);
        desk.ask(oneshot::channel().0);
    }
}

/// Lines that are kept; beyond them the oldest leave.
pub(crate) const MOST: i64 = 10_000;

pub(crate) fn commit(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut write =
        transaction.prepare_cached("INSERT OR REPLACE INTO ledger (run, at, data) VALUES (?1, ?2, ?3)")?;
    let mut strike = transaction.prepare_cached("DELETE FROM ledger WHERE run = ?1")?;
    for (run, leaf) in &batch.ledger {
        match leaf {
            Some(leaf) => write.execute(params![run, millis(&leaf.at), leaf.data.to_string()])?,
            None => strike.execute([run])?,
        };
    }
    Ok(())
}

/// The lines of the store at `path`, the oldest first, and whether somebody has it open: then some may be of runs that
/// are under way.
///
/// # Errors
/// When there is no such file, or it cannot be read.
pub fn leftovers(path: &Path) -> Result<(Vec<Leaf>, bool), StoreError> {
    let connection = connect(path)?;
    let lines = read(&connection).map_err(|error| StoreError::of(path, "read", &error))?;
    Ok((lines, matches!(Lock::take(path), Err(StoreError::InUse { .. }))))
}

/// Strikes out the line of a run in the store at `path`, also while somebody else has it open.
///
/// # Errors
/// When it cannot be written.
pub fn strike(path: &Path, run: &str) -> Result<(), StoreError> {
    let struck = connect(path)?.execute("DELETE FROM ledger WHERE run = ?1", [run]);
    struck.map(drop).map_err(|error| StoreError::of(path, "written", &error))
}

/// The one who reads here writes, too; the log of one that was killed can only be read by somebody who may.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    open::checked(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn read(connection: &Connection) -> rusqlite::Result<Vec<Leaf>> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version < 2 {
        // Written before there was a ledger.
        return Ok(Vec::new());
    }
    let mut rows = connection.prepare("SELECT run, at, data FROM ledger ORDER BY at, run")?;
    let lines = rows.query_map([], |row| {
        let at = DateTime::from_timestamp_millis(row.get(1)?).unwrap_or_default();
        // What is no JSON is shown as nothing, and can be struck out all the same.
        let data = serde_json::from_str(&row.get::<_, String>(2)?).unwrap_or_default();
        Ok(Leaf { run: row.get(0)?, at, data })
    })?;
    lines.collect()
}
