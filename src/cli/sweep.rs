//! What `serin sweep` can be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// `serin sweep`
#[derive(Debug, Args)]
pub(crate) struct Sweep {
    /// The configuration, such as serin.yaml.
    pub config: PathBuf,
    /// Only list what is left over.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave what is younger, such as 10m; by default that is 10m while `serin run` is at work, and else nothing.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub older_than: Option<Duration>,
    /// Strike out also what cannot be cleaned up: it is gone already, or somebody sees to it.
    #[arg(long, conflicts_with = "dry_run")]
    pub give_up: bool,
}
