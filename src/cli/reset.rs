//! What `serin reset` can be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Token;
use super::values::{api, duration};

/// `serin reset`
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// The configuration, such as serin.yaml.
    pub config: PathBuf,
    /// Only this fleet; by default every one.
    #[arg(long, group = "whom")]
    pub fleet: Option<String>,
    /// Only this device.
    #[arg(long, group = "whom")]
    pub device: Option<String>,
    /// Only this wave; `all` walks through all of them, with the pauses between, as long as the verdict is `go`.
    #[arg(long, group = "whom")]
    pub wave: Option<String>,
    /// On the walk through all waves, go on also while it is `hold`.
    #[arg(long, requires = "wave")]
    pub unless_rollback: bool,
    /// The instruction's id: the same one, sent again, is obeyed once, and a walk goes on where it was. By default a new
    /// one.
    #[arg(long)]
    pub id: Option<String>,
    /// Wait until all who are meant are back, for so long at most, and tell what became of them. Stragglers: exit code 3.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// Where `serin run` serves its API; by default at `serve:` of the configuration. Several for several shards.
    #[arg(long, value_name = "URL", value_parser = api)]
    pub at: Vec<url::Url>,
    /// Who sends it, for the log; by default the user of this machine.
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown", value_name = "NAME")]
    pub by: String,
    #[command(flatten)]
    pub token: Token,
}
