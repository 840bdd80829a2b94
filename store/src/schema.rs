//! The tables, and which version of them a file has.

use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;

/// The version of the tables below. One that is raised comes with the steps from the one before, in [`prepare`].
const VERSION: u32 = 2;
/// Marks the file as ours (`PRAGMA application_id`): "Seri".
const APPLICATION: i32 = 0x5365_7269;

const TABLES: &str = "
CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL) STRICT;
CREATE INDEX events_at ON events (at);
CREATE TABLE samples (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
CREATE INDEX samples_at ON samples (at);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, notice TEXT NOT NULL, channel TEXT NOT NULL, at INTEGER NOT NULL, fate TEXT NOT NULL,
    data TEXT NOT NULL, UNIQUE (notice, channel)
) STRICT;
CREATE TABLE state (key TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
";
/// What came with version 2.
const LEDGER: &str = "
CREATE TABLE ledger (run TEXT PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_at ON ledger (at);
";

/// Makes the tables in a new file; checks those of an old one.
pub(crate) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let of = |error: &rusqlite::Error| StoreError::of(path, "opened", error);
    if is_new(connection).map_err(|error| of(&error))? {
        return create(connection).map_err(|error| of(&error));
    }
    let found = check(connection, path)?;
    let sound: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| of(&error))?;
    if sound != "ok" {
        return Err(StoreError::Damaged { path: path.to_owned(), why: sound });
    }
    if found < VERSION { raise(connection).map_err(|error| of(&error)) } else { Ok(()) }
}

/// Checks that the file is ours and of a version that is known; says which.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let number = |pragma: &str| {
        let found = connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
        found.map_err(|error| StoreError::of(path, "opened", &error))
    };
    let (application, version) = (number("application_id")?, number("user_version")?);
    let path = path.to_owned();
    if application != i64::from(APPLICATION) {
        return Err(StoreError::Foreign { path });
    }
    let found = u32::try_from(version).unwrap_or(u32::MAX);
    if found > VERSION {
        return Err(StoreError::Newer { path, found, known: VERSION });
    }
    if found == 0 {
        return Err(StoreError::Damaged { path, why: "it has no schema".to_owned() });
    }
    Ok(found)
}

/// From version 1 to the present one.
fn raise(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(LEDGER)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn is_new(connection: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(tables == 0 && application == 0)
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    // What is deleted is given back to the disk bit by bit; it must be said before the first table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(LEDGER)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
