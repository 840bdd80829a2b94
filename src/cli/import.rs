//! What `serin import` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `serin import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What the file is.
    pub format: ImportFormat,
    /// The file; `-` is standard input.
    pub file: PathBuf,
    /// Where the journey goes, a new file; by default to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// A recording of a browser or a proxy (HAR 1.2).
    Har,
    /// Command lines of curl, as "Copy as cURL" makes them.
    Curl,
    /// A description of an API: OpenAPI 3.0 or 3.1, YAML or JSON.
    Openapi,
    /// A collection of Postman's, 2.1.
    Postman,
}
