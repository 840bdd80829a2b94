//! The text of a file, and the complaints about it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{Diagnostic, Rejected, Remark};

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
    text: Cow<'t, str>,
    found: Vec<Diagnostic>,
    remarks: Vec<Diagnostic>,
    hidden: Vec<Place>,
}

/// Nobody reads more, and a hostile file cannot make us write more.
const MOST_DIAGNOSTICS: usize = 100;
/// The longest message, in characters; what is quoted in it may be of any length.
const LONGEST_MESSAGE: usize = 500;
/// How much of a line is shown; what is wrong further to the right is told by its column alone.
const LONGEST_LINE: usize = 300;

impl<'t> Source<'t> {
    /// The text of `file`, as it is named in messages, with nothing wrong so far.
    pub fn new(file: &str, text: impl Into<Cow<'t, str>>) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
            found: Vec::new(),
            remarks: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// The file, as it is named in messages.
    pub const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of that number, from 1.
    pub(crate) fn line(&self, number: usize) -> Option<&str> {
        number.checked_sub(1).and_then(|index| self.text.lines().nth(index))
    }

    /// Notes something wrong.
    pub fn complain(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        if self.found.len() < MOST_DIAGNOSTICS {
            self.found.push(self.diagnostic(place, &message.into(), help));
        }
    }

    /// Notes something that is allowed, and still likely a mistake.
    pub fn remark(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        if self.remarks.len() < MOST_DIAGNOSTICS {
            self.remarks.push(self.diagnostic(place, &message.into(), help));
        }
    }

    /// The remark on that place, should it turn out to be called for.
    pub fn remarked(&self, place: Place, message: impl Into<String>, help: Option<String>) -> Remark {
        Remark(self.diagnostic(place, &message.into(), help))
    }

    /// Keeps what stands there out of every message that shows its line: it is a secret, or holds one.
    pub fn hide(&mut self, place: Place) {
        self.hidden.push(place);
    }

    /// Whether nothing was found wrong so far.
    pub const fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// Everything that was found wrong, in the order of the lines.
    pub fn into_rejected(self) -> Rejected {
        let full = self.found.len() >= MOST_DIAGNOSTICS;
        let mut list = finished(self.found, &self.hidden);
        if full {
            let message = format!("there may be more wrong than these {MOST_DIAGNOSTICS}");
            list.push(Diagnostic::of_file(&self.file, message));
        }
        Rejected(list)
    }

    /// What is allowed and likely a mistake, in the order of the lines.
    pub fn remarks(&self) -> Vec<Remark> {
        finished(self.remarks.clone(), &self.hidden).into_iter().map(Remark).collect()
    }

    fn diagnostic(&self, place: Place, message: &str, help: Option<String>) -> Diagnostic {
        let line = self.line(place.line).unwrap_or_default();
        let source_line: String = line.chars().take(LONGEST_LINE).map(shown).collect();
        let room = (source_line.chars().count() + 1).saturating_sub(place.column);
        Diagnostic {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            width: place.width.min(room).max(1),
            message: message
                .chars()
                .take(LONGEST_MESSAGE)
                .map(|c| if c == '\t' { ' ' } else { shown(c) })
                .collect(),
            help: help.map(|help| help.chars().take(LONGEST_MESSAGE).map(shown).collect()),
            source_line: if place.column > LONGEST_LINE { String::new() } else { source_line },
        }
    }
}

/// A character as it may reach a terminal, which would obey some of them.
fn shown(c: char) -> char {
    if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }
}

fn finished(mut list: Vec<Diagnostic>, hidden: &[Place]) -> Vec<Diagnostic> {
    for diagnostic in &mut list {
        for place in hidden.iter().filter(|place| place.line == diagnostic.line) {
            let secret = place.column.saturating_sub(1)..(place.column + place.width).saturating_sub(1);
            let masked = |(index, c)| if secret.contains(&index) { '*' } else { c };
            diagnostic.source_line = diagnostic.source_line.chars().enumerate().map(masked).collect();
        }
    }
    list.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_in_no_message_of_its_line() {
        let mut source = Source::new("t.yaml", "{ usre: me, password: hunter2, more: 1 }");
        source.complain(Place { line: 1, column: 3, width: 4 }, "unknown key `usre`", None);
        source.hide(Place { line: 1, column: 23, width: 7 });
        let shown = source.into_rejected().to_string();
        assert!(shown.contains("{ usre: me, password: *******, more: 1 }"), "{shown}");
    }

    #[test]
    fn a_line_of_any_length_and_a_text_of_any_kind_make_a_short_and_harmless_message() {
        let text = format!("a: {}", "x".repeat(100_000));
        let mut source = Source::new("t.yaml", &text);
        source.complain(Place { line: 1, column: 4, width: 100_000 }, format!("`{text}` is too long"), None);
        source.complain(Place { line: 1, column: 90_000, width: 3 }, "\u{1b}[31mred\u{1b}[0m", None);
        let shown = source.into_rejected().to_string();
        assert!(shown.len() < 2_000, "{}", shown.len());
        assert!(shown.ends_with("error: \u{fffd}[31mred\u{fffd}[0m\n --> t.yaml:1:90000"), "{shown}");
    }

    #[test]
    fn a_remark_rejects_nothing() {
        let mut source = Source::new("t.yaml", "a: 1");
        source.remark(Place { line: 1, column: 1, width: 1 }, "`a` is never used", None);
        assert!(source.is_clean());
        let shown: Vec<_> = source.remarks().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["warning: `a` is never used\n --> t.yaml:1:1\n  |\n1 | a: 1\n  | ^"]);
    }
}
