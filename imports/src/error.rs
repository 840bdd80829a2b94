//! Why nothing could be imported.

/// Why a file cannot be imported: where, what is wrong, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {help}")]
pub struct ImportError {
    /// The line and the column, from 1, where that is known.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

impl ImportError {
    /// Something wrong with the whole of it.
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), help: help.into() }
    }

    /// Something wrong in one place.
    pub(crate) fn at(
        line: usize,
        column: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { place: Some((line, column)), message: message.into(), help: help.into() }
    }
}
