//! Reading back what was written, also while somebody writes.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::batch::Key;
use crate::commit::millis;
use crate::{Event, Sample, StoreError, What, open};

/// What was written, in the order of time.
#[derive(Debug)]
pub struct History {
    /// The cutover's name; empty if nothing was written yet.
    pub cutover: String,
    /// What happened.
    pub events: Vec<Event>,
    /// How things stood.
    pub samples: Vec<Sample>,
    /// Records that are not understood here, and left out.
    pub unknown: u64,
}

impl History {
    /// Reads what was written to the store at `path` in a time, both ends included; `None`: without that end.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn read(
        path: &Path,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    ) -> Result<Self, StoreError> {
        let connection = open::to_read(path)?;
        let from = from.as_ref().map_or(i64::MIN, millis);
        let to = to.as_ref().map_or(i64::MAX, millis);
        let mut unknown = 0;
        let mut read = || {
            // One transaction: events and samples of one moment.
            let transaction = connection.unchecked_transaction()?;
            let cutover = name(&transaction)?;
            let events = events(&transaction, (from, to), &mut unknown)?;
            let samples = samples(&transaction, (from, to), &mut unknown)?;
            Ok((cutover, events, samples))
        };
        let (cutover, events, samples) =
            read().map_err(|error: rusqlite::Error| StoreError::of(path, "read", &error))?;
        Ok(Self { cutover, events, samples, unknown })
    }
}

fn name(connection: &Connection) -> rusqlite::Result<String> {
    let mut rows = connection.prepare("SELECT data FROM state WHERE key = ?1")?;
    let mut rows = rows.query([Key::Cutover.as_str()])?;
    let data: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?;
    Ok(data.and_then(|data| serde_json::from_str(&data).ok()).unwrap_or_default())
}

fn events(connection: &Connection, times: (i64, i64), unknown: &mut u64) -> rusqlite::Result<Vec<Event>> {
    let mut rows =
        connection.prepare("SELECT at, kind, data FROM events WHERE at BETWEEN ?1 AND ?2 ORDER BY at, id")?;
    let mut rows = rows.query(times)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, data): (String, String) = (row.get(1)?, row.get(2)?);
        let what = serde_json::from_str::<Value>(&data)
            .and_then(|data| serde_json::from_value::<What>(json!({ "kind": kind, "data": data })));
        match (what, DateTime::from_timestamp_millis(row.get(0)?)) {
            (Ok(what), Some(at)) => events.push(Event { at, what }),
            _ => *unknown += 1,
        }
    }
    Ok(events)
}

fn samples(connection: &Connection, times: (i64, i64), unknown: &mut u64) -> rusqlite::Result<Vec<Sample>> {
    let mut rows =
        connection.prepare("SELECT data FROM samples WHERE at BETWEEN ?1 AND ?2 ORDER BY at, id")?;
    let mut rows = rows.query(times)?;
    let mut samples = Vec::new();
    while let Some(row) = rows.next()? {
        match parsed(&row.get::<_, String>(0)?) {
            Some(sample) => samples.push(sample),
            None => *unknown += 1,
        }
    }
    Ok(samples)
}

fn parsed<T: DeserializeOwned>(data: &str) -> Option<T> {
    serde_json::from_str(data).ok()
}
