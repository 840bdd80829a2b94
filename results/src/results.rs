//! Everything that there is to report.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Performed, Sources};

/// Everything that there is to report of one command.
#[derive(Debug, Clone)]
pub struct Results {
    /// When the first run was started.
    pub started: DateTime<Utc>,
    /// From then to the end of the last one.
    pub took: Duration,
    /// The runs, in the order in which they were asked for.
    pub performed: Vec<Performed>,
    /// Runs that were asked for and not begun, since the canary was stopped.
    pub left_out: usize,
    /// The files that they point into.
    pub sources: Sources,
    /// The file with the certificate authority that is trusted beside the public ones, if there is just one.
    pub authority: Option<String>,
    /// Whether it is known whose addresses are whose.
    pub sided: bool,
}
