//! In which form it is written.

/// In which form a calibration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For a document.
    Markdown,
    /// For programs: everything that the others show, and more.
    Json,
}
