//! What `serin run` can be told.

use std::path::PathBuf;

use clap::Args;
use cutover::Phase;
use devices::Shard;

use super::Token;

/// `serin run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The configuration, such as serin.yaml.
    pub config: PathBuf,
    /// The phase in which the cutover is already; by default the one in the store, or else ready.
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<Phase>,
    /// Begin anew: what is in the store is moved aside, under a name with the time in it.
    #[arg(long)]
    pub fresh: bool,
    /// Which share of every fleet this process takes, such as 2/6. Only the first one does all the rest.
    #[arg(long, value_name = "N/OF", default_value = "1/1", hide_default_value = true)]
    pub shard: Shard,
    #[command(flatten)]
    pub token: Token,
}
