//! A time, of which a store is read.

use chrono::{DateTime, Utc};
use clap::Args;

/// Of which time a store is read.
#[derive(Debug, Default, Clone, Copy, Args)]
pub(crate) struct Period {
    /// Leave out what was before: a time such as 2027-01-15T22:00:00Z, or so long ago, such as 6h.
    #[arg(long, value_name = "TIME", value_parser = crate::moment::parse)]
    pub from: Option<DateTime<Utc>>,
    /// Leave out what came after: the same.
    #[arg(long, value_name = "TIME", value_parser = crate::moment::parse)]
    pub to: Option<DateTime<Utc>>,
}
