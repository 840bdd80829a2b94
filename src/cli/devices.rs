//! What `serin devices` can be told.

use clap::Args;

use super::values::api;

/// `serin devices`
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Where `serin run` serves its API.
    #[arg(long, default_value = "http://127.0.0.1:9900", value_name = "URL", value_parser = api)]
    pub at: url::Url,
    /// Only those of this fleet.
    #[arg(long)]
    pub fleet: Option<String>,
    /// Only those that are old, new, both, other, connecting or lost; or behind the last reset: no-reset, not-returned.
    #[arg(long)]
    pub state: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 1_000, value_name = "COUNT")]
    pub limit: usize,
    /// A JSON object a line, for programs.
    #[arg(long)]
    pub json: bool,
}
