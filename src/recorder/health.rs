//! How the canary itself fares.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cutover::{AbortCause, HealthView, Outcome, RunSeen, StoreView};

use super::quantiles::Quantiles;

/// The canary's own counters.
#[derive(Debug, Default)]
pub(super) struct Health {
    folded: u64,
    start_lag: Quantiles,
    aborted: BTreeMap<AbortCause, u64>,
    waits: Arc<AtomicU64>,
}

impl Health {
    /// Counters of their own, beside `waits`, which the reporters count.
    pub(super) fn new(waits: Arc<AtomicU64>) -> Self {
        Self { waits, ..Self::default() }
    }

    /// Counts an observation of any kind.
    pub(super) const fn folded(&mut self) {
        self.folded += 1;
    }

    /// Counts one run.
    pub(super) fn run(&mut self, run: &RunSeen) {
        self.start_lag.record(run.lag);
        if let Outcome::Aborted { cause } = run.outcome {
            *self.aborted.entry(cause).or_default() += 1;
        }
    }

    /// The figures of the snapshot; `depth` observations are waiting, `skipped` starts were not made.
    pub(super) fn view(&self, depth: usize, skipped: u64, store: Option<StoreView>) -> HealthView {
        HealthView {
            folded: self.folded,
            channel_depth: depth,
            channel_waits: self.waits.load(Ordering::Relaxed),
            skipped,
            start_lag_p99: self.start_lag.at(0.99).map(|lag| lag.as_secs_f64()),
            aborted: self.aborted.clone(),
            store,
        }
    }
}
