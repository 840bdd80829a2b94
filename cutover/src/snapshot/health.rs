//! How the canary itself fares.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::AbortCause;

/// How the canary itself fares.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HealthView {
    /// Observations folded since the start. None yet: there is nothing to show.
    pub folded: u64,
    /// Observations waiting in the channel.
    pub channel_depth: usize,
    /// How often an actor had to wait because the channel was full.
    pub channel_waits: u64,
    /// Starts of runs that could not be made in time.
    pub skipped: u64,
    /// The 99th percentile of how much later than intended runs started, in seconds.
    pub start_lag_p99: Option<f64>,
    /// Aborted runs by cause: the canary's own faults.
    pub aborted: BTreeMap<AbortCause, u64>,
    /// How its store fares; `None` where nothing is kept.
    pub store: Option<StoreView>,
}

/// How the store fares: whatever happens to it, the watching goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StoreView {
    /// Why nothing can be written at present; `None` while all is well.
    pub trouble: Option<String>,
    /// Records given up because they could not be written in time.
    pub dropped: u64,
}
