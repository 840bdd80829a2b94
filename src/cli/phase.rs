//! What `serin phase` can be told.

use clap::Args;
use cutover::Phase;

use super::Token;
use super::values::api;

/// `serin phase`
#[derive(Debug, Args)]
pub(crate) struct PhaseChange {
    /// The phase that the cutover has entered.
    pub phase: Phase,
    /// Where `serin run` serves its API.
    #[arg(long, default_value = "http://127.0.0.1:9900", value_name = "URL", value_parser = api)]
    pub at: url::Url,
    /// Who says so, for the log; by default the user of this machine.
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown", value_name = "NAME")]
    pub by: String,
    #[command(flatten)]
    pub token: Token,
}
