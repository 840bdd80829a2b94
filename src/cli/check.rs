//! What `serin check` and `serin schema` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `serin check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Configurations and journeys. A journey may use what the configuration beside it gives, where there is one.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// End with exit code 3 if there are warnings.
    #[arg(long)]
    pub deny_warnings: bool,
}

/// `serin schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of which file.
    #[arg(default_value = "journey")]
    pub of: SchemaOf,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A journey.
    Journey,
    /// The steps that journeys include from a file of their own.
    Steps,
    /// The configuration, serin.yaml.
    Config,
}
