//! What a page looked like when something failed.

use bytes::Bytes;
use serde_json::Value;

/// What a page looked like when something failed, for people. All of it is bounded.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What was to be seen, as PNG; missing when the page could not be painted any more.
    pub screenshot: Option<Bytes>,
    /// The document as it was, as HTML; empty when the page could not be asked any more.
    pub html: Bytes,
    /// What the page said: a line each, with its kind.
    pub console: Vec<String>,
    /// What it loaded, as a HAR 1.2 log, without bodies and without what identifies a user.
    pub har: Value,
}
