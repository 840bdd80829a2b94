//! What `serin gate` can be told.

use std::time::Duration;

use clap::{Args, ValueEnum};

/// `serin gate`
#[derive(Debug, Args)]
pub(crate) struct Gate {
    /// Where `serin run` serves its API.
    #[arg(long, default_value = "http://127.0.0.1:9900", value_name = "URL")]
    pub at: url::Url,
    /// How long to wait for the verdict, such as 10m; by default it is asked once.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub wait: Option<Duration>,
    /// The verdict that is waited for; a rollback ends the wait in any case.
    #[arg(long = "for", default_value = "go", requires = "wait", value_name = "VERDICT")]
    pub awaited: Awaited,
}

/// What a gate waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Awaited {
    /// Until it may go on.
    Go,
    /// For the whole time, unless it must be rolled back: `go` on the way ends nothing.
    Rollback,
}
