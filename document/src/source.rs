//! The text of a file, and the complaints about it.

use std::sync::Arc;

use crate::{Diagnostic, Rejected};

/// Where something stands in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1; 0 when unknown.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In characters; what reaches over the end of the line is marked to its end.
    pub width: usize,
}

/// A file's text, with everything that was found wrong with it so far.
#[derive(Debug)]
pub struct Source<'t> {
    file: Arc<str>,
    text: &'t str,
    found: Vec<Diagnostic>,
}

/// Nobody reads more, and a hostile file cannot make us write more.
const MOST_DIAGNOSTICS: usize = 100;

impl<'t> Source<'t> {
    /// The text of `file`, as it is named in messages, with nothing wrong so far.
    pub fn new(file: &str, text: &'t str) -> Self {
        Self { file: file.into(), text, found: Vec::new() }
    }

    /// The text itself.
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// Notes something wrong.
    pub fn complain(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        if self.found.len() >= MOST_DIAGNOSTICS {
            return;
        }
        let line = place.line.checked_sub(1).and_then(|index| self.text.lines().nth(index));
        let source_line = line.unwrap_or_default().to_owned();
        let room = (source_line.chars().count() + 1).saturating_sub(place.column);
        let width = place.width.min(room).max(1);
        let message = message.into();
        let (line, column) = (place.line, place.column);
        self.found.push(Diagnostic {
            file: self.file.clone(),
            line,
            column,
            width,
            message,
            help,
            source_line,
        });
    }

    /// Whether nothing was found wrong so far.
    pub const fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// Everything that was found wrong, in the order of the lines.
    pub fn into_rejected(mut self) -> Rejected {
        self.found.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        Rejected(self.found)
    }
}
