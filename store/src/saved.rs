//! What an earlier life left.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::batch::{Key, Letter};
use crate::commit::PENDING;

/// What an earlier life left: empty in a new store.
#[derive(Debug, Default)]
pub struct Saved {
    state: BTreeMap<Key, Value>,
    /// The letters that are still to be delivered, oldest first.
    pub pending: Vec<Letter>,
}

impl Saved {
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut state = BTreeMap::new();
        let mut rows = connection.prepare("SELECT key, data FROM state")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (name, data): (String, String) = (row.get(0)?, row.get(1)?);
            // A key that is not known here is of no use here.
            let Some(key) = Key::ALL.into_iter().find(|key| key.as_str() == name) else { continue };
            state.insert(key, parsed(0, &data)?);
        }
        let mut letters =
            connection.prepare("SELECT notice, channel, at, data FROM outbox WHERE fate = ?1 ORDER BY id")?;
        let letters = letters.query_map([PENDING], |row| {
            let channel: String = row.get(1)?;
            let at = chrono::DateTime::from_timestamp_millis(row.get(2)?).unwrap_or_default();
            let data = parsed(3, &row.get::<_, String>(3)?)?;
            Ok(Letter { notice: row.get(0)?, channel: channel.into(), at, data })
        })?;
        let pending = letters.collect::<Result<_, _>>()?;
        Ok(Self { state, pending })
    }

    /// Whether there is nothing to go on from.
    pub fn is_empty(&self) -> bool {
        self.state.is_empty()
    }

    /// What was kept under `key`; `None` if there is nothing.
    ///
    /// # Errors
    /// When it is of a form that is not understood here.
    pub fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, String> {
        let value = self.state.get(&key).cloned();
        let read = value.map(serde_json::from_value).transpose();
        read.map_err(|error| format!("what it keeps under `{}` is not understood: {error}", key.as_str()))
    }
}

fn parsed(column: usize, data: &str) -> rusqlite::Result<Value> {
    serde_json::from_str(data).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
