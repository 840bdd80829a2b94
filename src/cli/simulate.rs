//! What `serin simulate` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `serin simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// A situation of your own instead of the table: a YAML file with name, traffic and fault.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// A rough table within seconds.
    #[arg(long)]
    pub quick: bool,
    /// How often each fault is simulated (200, or 3 with --quick).
    #[arg(long)]
    pub trials: Option<u32>,
    /// How many days of each kind of healthy traffic are simulated (60, or an hour with --quick).
    #[arg(long)]
    pub days: Option<f64>,
    /// Everything drawn at random follows from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// On how many threads; by default one a core. The table is the same on any number.
    #[arg(long)]
    pub threads: Option<usize>,
    /// How the table is printed.
    #[arg(long, default_value = "text")]
    pub format: TableFormat,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For a wide terminal.
    Text,
    /// For a document.
    Markdown,
    /// For programs.
    Json,
}
