//! What is too old, or too much, leaves.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use crate::commit::{PENDING, millis};
use crate::{Settings, ledger};

/// The part of the samples that leaves at once when there is too much.
const PART: i64 = 10;
/// Pages given back to the disk in one go, so that no transaction grows long.
const PAGES: i64 = 20_000;

/// Removes what is older than is kept; then, while the file is too large, the oldest samples, and if there are none
/// left, the oldest events. What is still to be delivered stays.
pub(crate) fn tidy(
    connection: &mut Connection,
    settings: &Settings,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let keep = TimeDelta::from_std(settings.keep).unwrap_or(TimeDelta::MAX);
    let before = now.checked_sub_signed(keep).unwrap_or_default();
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM samples WHERE at < ?1", [millis(&before)])?;
    transaction.execute("DELETE FROM events WHERE at < ?1", [millis(&before)])?;
    transaction.execute("DELETE FROM outbox WHERE at < ?1 AND fate <> ?2", (millis(&before), PENDING))?;
    transaction.execute("DELETE FROM ledger WHERE at < ?1", [millis(&before)])?;
    let beyond =
        "DELETE FROM ledger WHERE run IN (SELECT run FROM ledger ORDER BY at DESC LIMIT -1 OFFSET ?1)";
    transaction.execute(beyond, [ledger::MOST])?;
    transaction.commit()?;
    for table in ["samples", "events"] {
        while in_use(connection)? > settings.at_most && shrink(connection, table)? > 0 {}
    }
    let mut give_back = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = give_back.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// The bytes that hold something.
fn in_use(connection: &Connection) -> rusqlite::Result<u64> {
    let number =
        |pragma: &str| connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let pages = number("page_count")? - number("freelist_count")?;
    Ok(u64::try_from(pages * number("page_size")?).unwrap_or(0))
}

fn shrink(connection: &Connection, table: &str) -> rusqlite::Result<usize> {
    let oldest = format!(
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id LIMIT \
         (SELECT (count(*) + {PART} - 1) / {PART} FROM {table}))"
    );
    connection.execute(&oldest, [])
}
