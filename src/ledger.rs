//! The ledger of what runs make, kept in the store.

use async_trait::async_trait;
use journeys::Entry;
use store::Leaf;

/// The ledger of what runs make, as they write to it.
#[derive(Debug)]
pub(crate) struct Ledger(pub store::Ledger);

impl Ledger {
    async fn write(&self, entry: &Entry) -> bool {
        match serde_json::to_value(entry) {
            Ok(data) => self.0.write(Leaf { run: entry.run.clone(), at: entry.at, data }).await,
            Err(error) => {
                tracing::error!(%error, "an entry of the ledger has no form in JSON");
                false
            }
        }
    }
}

#[async_trait]
impl journeys::Ledger for Ledger {
    async fn opened(&self, entry: &Entry) -> bool {
        self.write(entry).await
    }

    async fn updated(&self, entry: &Entry) -> bool {
        self.write(entry).await
    }

    async fn closed(&self, run: &str) {
        self.0.strike(run);
    }
}
