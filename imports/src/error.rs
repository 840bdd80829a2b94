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
        Self { place: None, message: shown(&message.into()), help: shown(&help.into()) }
    }

    /// Something wrong in one place.
    pub(crate) fn at(
        line: usize,
        column: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { place: Some((line, column)), ..Self::new(message, help) }
    }
}

/// A text that may hold what was read: short, and with nothing in it that a terminal would obey.
fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_makes_a_short_and_harmless_message() {
        let error = ImportError::new(format!("`\u{1b}[31m{}` is no URL", "x".repeat(1_000)), "write one");
        let said = error.to_string();
        assert!(said.starts_with("`\u{fffd}[31mxx") && said.len() < 320, "{said}");
    }
}
