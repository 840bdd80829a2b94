//! Reads one line from left to right, and knows where it is.

use std::fmt;

/// What is wrong with an expectation, a query or a marker, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct GrammarError {
    /// The first character that is wrong, from 0.
    pub at: usize,
    /// How many characters are meant.
    pub width: usize,
    /// What is wrong with them.
    pub message: String,
    /// The way out, where there is one.
    pub help: Option<String>,
}

impl fmt::Display for GrammarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.at + 1)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// A position in a line.
#[derive(Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// What was not read yet, from its first character that is no space.
    pub(crate) fn rest(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed.trim_end()
    }

    /// The position, in bytes, for [`error_at`](Self::error_at).
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// Reads on by a number of bytes.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// Goes back by a number of bytes that were read.
    pub(crate) const fn back(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
    }

    /// Reads the next word, up to a space; an operator need not be set off (`status==201`).
    pub(crate) fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let symbol = |c: char| matches!(c, '=' | '!' | '<' | '>');
        let end = if rest.starts_with(symbol) {
            rest.find(|c| !symbol(c))
        } else {
            rest.find(|c: char| c.is_whitespace() || symbol(c))
        };
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// Reads the next word if it is this one.
    pub(crate) fn eat(&mut self, wanted: &str) -> bool {
        let before = self.at;
        if self.word() == wanted {
            return true;
        }
        self.at = before;
        false
    }

    /// An error about the bytes from `from` up to where we are.
    pub(crate) fn error(
        &self,
        from: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> GrammarError {
        self.error_at(from, self.at, message, help)
    }

    /// An error about the bytes `from..to`.
    pub(crate) fn error_at(
        &self,
        from: usize,
        to: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> GrammarError {
        let characters = |to: usize| self.text.get(..to).unwrap_or(self.text).chars().count();
        let (at, end) = (characters(from), characters(to));
        GrammarError { at, width: end.saturating_sub(at).max(1), message: message.into(), help }
    }

    /// Complains when something is left, and says what to do about it.
    pub(crate) fn finish(&mut self, help: &str) -> Result<(), GrammarError> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(());
        }
        let to = self.at + rest.len();
        Err(self.error_at(self.at, to, format!("`{rest}` is left over"), Some(help.to_owned())))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_spaces_and_operators() {
        let mut cursor = Cursor::new("  status==201 x>= y");
        let words: Vec<_> =
            std::iter::repeat_with(|| cursor.word()).take_while(|word| !word.is_empty()).collect();
        assert_eq!(words, ["status", "==", "201", "x", ">=", "y"]);
    }

    #[test]
    fn an_error_counts_characters() {
        let mut cursor = Cursor::new("größe more");
        cursor.word();
        let error = cursor.finish("read on").unwrap_err();
        assert_eq!((error.at, error.width), (6, 4));
        assert_eq!(error.to_string(), "`more` is left over (at character 7); read on");
    }
}
