//! Opening the file, for the one who writes and for those who read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::lock::{Lock, beside};
use crate::schema;

/// How long another program's lock on the file is waited for.
const BUSY: Duration = Duration::from_secs(1);

/// What SQLite keeps beside a file.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Opens the file for writing, made if need be, checked and in WAL mode. Nobody else may write to it meanwhile.
pub(crate) fn to_write(path: &Path) -> Result<(Connection, Lock), StoreError> {
    let lock = Lock::take(path)?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open(path, flags)?;
    schema::prepare(&mut connection, path)?;
    set_up(&connection).map_err(|error| StoreError::of(path, "written", &error))?;
    Ok((connection, lock))
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // Readers, such as a report on a running canary, never keep the writer waiting. Where the file system cannot do
    // it, SQLite stays with its older way, and that is as safe.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // A commit that was told of outlives a power cut as well.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Proves that the file can be written: a read-only one opens without complaint.
    connection.execute_batch("BEGIN IMMEDIATE; UPDATE state SET data = data WHERE key = ''; COMMIT;")
}

/// Opens the file for reading only.
pub(crate) fn to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    checked(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Opens the file in that way, if it is ours.
pub(crate) fn checked(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = open(path, flags)?;
    schema::check(&connection, path)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let opened = Connection::open_with_flags(path, flags)
        .and_then(|connection| connection.busy_timeout(BUSY).map(|()| connection));
    opened.map_err(|error| StoreError::of(path, "opened", &error))
}

/// Moves the store at `path` aside, under a name with the time `now` in it; nothing is lost. `None`: there was none.
///
/// # Errors
/// When somebody writes to it, or it cannot be renamed.
pub fn set_aside(path: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let _lock = Lock::take(path)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map_or_else(String::new, |text| format!(".{}", text.to_string_lossy()));
    let stamp = now.format("%Y%m%dT%H%M%S%.3fZ");
    let aside = path.with_file_name(format!("{stem}-{stamp}{extension}"));
    let failed = |error: std::io::Error| StoreError::io(path, "moved aside", &error);
    // The companions first: a store whose log is elsewhere would have lost its last commits.
    for suffix in COMPANIONS {
        let companion = beside(path, suffix);
        if companion.exists() {
            std::fs::rename(&companion, beside(&aside, suffix)).map_err(failed)?;
        }
    }
    std::fs::rename(path, &aside).map_err(failed)?;
    Ok(Some(aside))
}
