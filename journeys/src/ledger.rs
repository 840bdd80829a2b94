//! What runs have made and not yet taken away again, written down so that somebody can, should the run not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use cutover::Route;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::timeout;
use uuid::Uuid;

/// A run waits no longer than this for its entry to be written down: a disk that hangs must not stop the watching.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest value that is kept, as JSON. What `finally` fills in is an id or a link.
const LONGEST_VALUE: usize = 16 << 10;
/// All that is kept of one run together.
const LONGEST: usize = 64 << 10;

/// A run that has begun to make something which its `finally` must take away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The run's id: 32 hexadecimal digits, as in `x-serin-run`.
    pub run: String,
    /// The journey.
    pub journey: Arc<str>,
    /// Its variant; empty where there are none.
    pub variant: Arc<str>,
    /// How the run is aimed.
    pub route: Route,
    /// When it first made something.
    pub at: DateTime<Utc>,
    /// What it makes, in the words of `creates`.
    pub creates: Vec<Arc<str>>,
    /// Its variables, never a secret among them.
    pub vars: BTreeMap<String, Value>,
}

/// Where entries are kept.
#[async_trait]
pub trait Ledger: fmt::Debug + Send + Sync {
    /// Writes an entry down before anything is made; comes back when it would outlive a crash, or with `false` when it
    /// could not be written.
    async fn opened(&self, entry: &Entry) -> bool;

    /// Writes it anew, in the place of what was written of the run before; the same.
    async fn updated(&self, entry: &Entry) -> bool;

    /// Strikes it out: `finally` has taken away what there was.
    async fn closed(&self, run: &str);
}

/// The entry of a run under way, if it has one.
#[derive(Debug, Default)]
pub(crate) struct Leaf {
    entry: Option<Entry>,
    /// How long it was waited for the writing.
    pub(crate) waited: Duration,
}

impl Leaf {
    /// The one of a run that ended without taking away what it made.
    pub(crate) fn of(entry: Entry) -> Self {
        Self { entry: Some(entry), waited: Duration::ZERO }
    }

    /// Writes down that the run is about to make something.
    pub(crate) async fn open(&mut self, ledger: &dyn Ledger, what: &Arc<str>, new: impl FnOnce() -> Entry) {
        let begun = self.entry.is_none();
        let entry = self.entry.get_or_insert_with(new);
        if !entry.creates.contains(what) {
            entry.creates.push(what.clone());
        }
        let entry = &*entry;
        let written = async { if begun { ledger.opened(entry).await } else { ledger.updated(entry).await } };
        self.waited += waited(written, &entry.run).await;
    }

    /// Writes down what is known by now, if it is more than before.
    pub(crate) async fn update(&mut self, ledger: &dyn Ledger, vars: BTreeMap<String, Value>) {
        let Some(entry) = self.entry.as_mut().filter(|entry| entry.vars != vars) else { return };
        entry.vars = vars;
        self.waited += waited(ledger.updated(entry), &entry.run).await;
    }

    /// Strikes it out.
    pub(crate) async fn close(&mut self, ledger: &dyn Ledger) {
        if let Some(entry) = self.entry.take() {
            ledger.closed(&entry.run).await;
        }
    }

    /// Whether something was made.
    pub(crate) const fn is_open(&self) -> bool {
        self.entry.is_some()
    }
}

/// Waits for the writing, and says how long that took.
async fn waited(written: impl Future<Output = bool>, run: &str) -> Duration {
    let begun = tokio::time::Instant::now();
    if timeout(PATIENCE, written).await != Ok(true) {
        // The run goes on: a target that nobody watches is worse than something that is left over there.
        tracing::warn!(
            run,
            "what this run creates is not written down: after a crash nobody would clean it up"
        );
    }
    begun.elapsed()
}

/// Those of `values` that fit into an entry.
pub(crate) fn fitting(values: impl IntoIterator<Item = (String, Value)>) -> BTreeMap<String, Value> {
    let mut room = LONGEST;
    let mut fitting = BTreeMap::new();
    for (name, value) in values {
        let length = name.len() + value.to_string().len();
        if length <= LONGEST_VALUE && length <= room {
            room -= length;
            fitting.insert(name, value);
        }
    }
    fitting
}

/// The id of the run that an entry belongs to.
pub(crate) fn id_of(entry: &Entry) -> Uuid {
    Uuid::parse_str(&entry.run).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_left_out_and_the_rest_is_kept() {
        let long = |length| Value::from("x".repeat(length));
        let values = [
            ("page", 20_000),
            ("a", 16_000),
            ("b", 16_000),
            ("c", 16_000),
            ("d", 16_000),
            ("id", 8),
            ("e", 16_000),
        ];
        let kept = fitting(values.map(|(name, length)| (name.to_owned(), long(length))));
        let names: Vec<_> = kept.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "b", "c", "d", "id"]);
    }
}
