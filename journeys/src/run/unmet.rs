//! An expectation that does not hold: where it is written, what it wants, what there was.

use std::fmt;
use std::sync::Arc;

use document::{Place, Source};

use crate::secret::{Clean, Redactor};

/// An expectation that does not hold, or a query that found nothing to save.
///
/// While it is told apart from what holds its texts are plain ones, `Unmet<String>`; it leaves the run cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet<T = Clean> {
    /// As it was written: `json $.state == "active"`.
    pub text: Arc<str>,
    /// Where it is written.
    pub at: At,
    /// What was wanted, with its variables filled in: `"active"`, `< 300`, `contains "json"`, `not null`.
    pub expected: T,
    /// What there was: `"pending"`, `500`, `1200ms`, `nothing`.
    pub actual: T,
    /// For documents: the lines in which they differ, among a few that are the same; else none.
    pub diff: Vec<DiffLine<T>>,
}

/// A place in a journey's file, or in a file that it includes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct At {
    /// The file, as it was named; empty for what stands in none.
    pub file: Arc<str>,
    /// The line, from 1; 0 for what stands in no file.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters are meant.
    pub width: usize,
}

/// One line of the difference between two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffLine<T = Clean> {
    /// In both: shown so that one sees where the others are.
    Same(T),
    /// Expected, and not there.
    Expected(T),
    /// There, and not expected.
    Actual(T),
    /// Lines that are the same, or too many to be shown, and left out: how many.
    Omitted(usize),
}

impl Unmet<String> {
    /// Both in one line.
    pub(crate) fn message(&self) -> String {
        format!("expected {}, got {}", self.text, self.actual)
    }
}

impl<T: AsRef<str>> Unmet<T> {
    /// The same without secrets.
    pub(crate) fn cleaned(&self, redactor: &Redactor) -> Unmet {
        Unmet {
            text: self.text.clone(),
            at: self.at.clone(),
            expected: redactor.clean(self.expected.as_ref()),
            actual: redactor.clean(self.actual.as_ref()),
            diff: self.diff.iter().map(|line| line.cleaned(redactor)).collect(),
        }
    }
}

impl<T: AsRef<str>> DiffLine<T> {
    fn cleaned(&self, redactor: &Redactor) -> DiffLine {
        match self {
            Self::Same(line) => DiffLine::Same(redactor.clean(line.as_ref())),
            Self::Expected(line) => DiffLine::Expected(redactor.clean(line.as_ref())),
            Self::Actual(line) => DiffLine::Actual(redactor.clean(line.as_ref())),
            Self::Omitted(lines) => DiffLine::Omitted(*lines),
        }
    }
}

impl At {
    /// A place in the file that is being read.
    pub(crate) fn new(source: &Source<'_>, place: Place) -> Self {
        let Place { line, column, width } = place;
        Self { file: source.file().clone(), line, column, width }
    }

    /// Where in the file it is.
    pub(crate) const fn place(&self) -> Place {
        Place { line: self.line, column: self.column, width: self.width }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl<T: fmt::Display> fmt::Display for DiffLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(line) => write!(f, "  {line}"),
            Self::Expected(line) => write!(f, "- {line}"),
            Self::Actual(line) => write!(f, "+ {line}"),
            Self::Omitted(1) => f.write_str("  ... 1 line"),
            Self::Omitted(lines) => write!(f, "  ... {lines} lines"),
        }
    }
}
