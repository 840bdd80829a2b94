//! One datapoint, before it is written down.

use chrono::{DateTime, Utc};

/// A datapoint. Whoever sends it again sends the same: its number, its value and its time stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// The device's own count, from 1.
    pub(crate) seq: u64,
    /// What was measured.
    pub(crate) value: f64,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

impl Reading {
    /// Before the first one.
    pub(crate) const NONE: Self = Self { seq: 0, value: 0.0, at: DateTime::UNIX_EPOCH };
}
