//! What `serin calibrate` can be told.

use std::path::PathBuf;

use clap::Args;

use super::{Period, TableFormat};

/// `serin calibrate`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("soak").required(true).args(["config", "store"]))]
pub(crate) struct Calibrate {
    /// The configuration, such as serin.yaml: where the store is, what is configured, and which journeys run in pairs.
    pub config: Option<PathBuf>,
    /// The store itself, such as serin.db, with the default settings.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    #[command(flatten)]
    pub period: Period,
    /// How often each fault is simulated; by default as often as takes about a minute.
    #[arg(long)]
    pub trials: Option<u32>,
    /// Everything drawn at random follows from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How it is printed.
    #[arg(long, default_value = "text")]
    pub format: TableFormat,
}
