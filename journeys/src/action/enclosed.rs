//! A file that a step sends or shows.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

/// A file that a step sends or shows, read when the journey was loaded.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Enclosed {
    /// Where it lies, as whoever runs the journey would name it.
    pub(crate) path: Arc<str>,
    pub(crate) content: Bytes,
}

impl fmt::Debug for Enclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may be a private key.
        write!(f, "Enclosed({})", self.path)
    }
}
