//! What `serin report` can be told.

use std::path::PathBuf;

use clap::Args;

use super::Period;

/// `serin report`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["config", "store"]))]
pub(crate) struct Report {
    /// The configuration that says where the store is, such as serin.yaml.
    pub config: Option<PathBuf>,
    /// The store itself, such as serin.db.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    #[command(flatten)]
    pub period: Period,
    /// Where the report goes: FILE.html, FILE.md or FILE.json.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
