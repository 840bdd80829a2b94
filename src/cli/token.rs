//! The token, as a subcommand is given it.

use std::path::PathBuf;

use clap::Args;

/// How the token is given: by a file or the environment, never as an argument that every user of the machine sees.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// A file with the token with which `serin phase` and `serin reset` are let in by `serin run`: all are given the same
    /// one, here or as $SERIN_TOKEN. Without one nobody can change the phase.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}
