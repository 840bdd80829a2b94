//! How much is kept.

use std::time::Duration;

/// How much is kept. Whichever bound is reached first holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how long.
    pub keep: Duration,
    /// The size of the file, in bytes, above which the oldest samples leave.
    pub at_most: u64,
}

impl Default for Settings {
    /// 30 days, and half a gibibyte.
    fn default() -> Self {
        Self { keep: Duration::from_secs(30 * 86_400), at_most: 512 << 20 }
    }
}
