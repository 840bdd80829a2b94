//! What is settled before a browser starts.

use std::path::PathBuf;
use std::time::Duration;

/// What is settled before a browser starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSettings {
    /// The program, where it is named; else it is looked for.
    pub program: Option<PathBuf>,
    /// Arguments beside our own, as they are written on a command line: `--lang=de`.
    pub arguments: Vec<String>,
    /// How many pages may be open at once, on all routes together. Who wants another waits.
    pub pages: usize,
    /// How much memory (in bytes, without what processes share) a browser may have taken when the next page is opened.
    /// With more it gives way to a new one, and ends with its last page.
    pub memory: u64,
    /// How long a browser without a page is kept.
    pub idle: Duration,
    /// Where the profiles are; each is removed with its browser.
    pub folder: PathBuf,
}

impl Default for BrowserSettings {
    fn default() -> Self {
        Self {
            program: None,
            arguments: Vec::new(),
            pages: 4,
            memory: 1 << 30,
            idle: Duration::from_secs(300),
            folder: std::env::temp_dir(),
        }
    }
}
