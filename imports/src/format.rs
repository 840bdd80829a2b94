//! What can be imported: a closed set, one file each.

use crate::draft::Draft;
use crate::{ImportError, curl, har, journey, openapi, postman};

/// More than this is read of no file: recordings with all of their answers are large.
pub const MOST_BYTES: u64 = 64 << 20;

/// In which form a journey is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A recording of a browser or a proxy: HAR 1.2.
    Har,
    /// Command lines of curl, as "Copy as cURL" makes them.
    Curl,
    /// A description of an API: OpenAPI 3.0 or 3.1, as YAML or JSON.
    OpenApi,
    /// A collection of Postman's: 2.1.
    Postman,
}

/// A journey as it was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file.
    pub yaml: String,
    /// How many steps it has, those of `finally` included.
    pub steps: usize,
    /// What is to be known of it before it is run, a line each; it stands in the file's head as well.
    pub remarks: Vec<String>,
    /// The variables of the environment from which it takes its secrets.
    pub secrets: Vec<String>,
}

impl Format {
    /// Makes a journey of a file. `name` is its name where the file has none.
    ///
    /// # Errors
    /// When the file is none of this format, or holds nothing of which a journey could be made.
    pub fn import(self, text: &str, name: &str) -> Result<Imported, ImportError> {
        if text.len() as u64 > MOST_BYTES {
            return Err(ImportError::new(
                format!("this has more than {} MiB", MOST_BYTES >> 20),
                "record less at once",
            ));
        }
        // Some tools begin their files so.
        let text = text.trim_start_matches('\u{feff}');
        let draft: Draft = match self {
            Self::Har => har::read(text, name),
            Self::Curl => curl::read(text, name),
            Self::OpenApi => openapi::read(text, name),
            Self::Postman => postman::read(text, name),
        }?;
        journey::finish(draft)
    }
}
