//! A batch, written in one transaction.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, params};
use serde_json::Value;

use crate::{Batch, Event, ledger};

/// What stands in the outbox while it is to be delivered.
pub(crate) const PENDING: &str = "pending";

/// Writes all of `batch`, or nothing of it.
pub(crate) fn commit(connection: &mut Connection, batch: &Batch) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    events(&transaction, batch)?;
    samples(&transaction, batch)?;
    outbox(&transaction, batch)?;
    ledger::commit(&transaction, batch)?;
    let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO state (key, data) VALUES (?1, ?2)")?;
    for (key, value) in &batch.state {
        put.execute(params![key.as_str(), value.to_string()])?;
    }
    drop(put);
    transaction.commit()
}

fn events(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut add = transaction.prepare_cached("INSERT INTO events (at, kind, data) VALUES (?1, ?2, ?3)")?;
    for Event { at, what } in &batch.events {
        let mut json = json(what)?;
        let data = json.get_mut("data").map(Value::take).unwrap_or_default();
        add.execute(params![millis(at), what.kind(), data.to_string()])?;
    }
    Ok(())
}

fn samples(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut add = transaction.prepare_cached("INSERT INTO samples (at, data) VALUES (?1, ?2)")?;
    for sample in &batch.samples {
        add.execute(params![millis(&sample.at), json(sample)?.to_string()])?;
    }
    Ok(())
}

fn outbox(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut add = transaction.prepare_cached(
        "INSERT OR IGNORE INTO outbox (notice, channel, at, fate, data) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (letter, fate) in &batch.letters {
        let fate = fate.map_or(PENDING, crate::Fate::as_str);
        add.execute(params![
            letter.notice,
            letter.channel,
            millis(&letter.at),
            fate,
            letter.data.to_string()
        ])?;
    }
    let mut settle =
        transaction.prepare_cached("UPDATE outbox SET fate = ?3 WHERE notice = ?1 AND channel = ?2")?;
    for (notice, channel, fate) in &batch.settled {
        settle.execute(params![notice, channel, fate.as_str()])?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<Value> {
    serde_json::to_value(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Times are kept as milliseconds since 1970.
pub(crate) const fn millis(at: &DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}
