//! What is wrong with a file, where, and what to do about it: shown as a good compiler would.

use std::fmt;
use std::sync::Arc;

use unicode_width::UnicodeWidthChar;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters the mark under the line spans.
    pub width: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// The way out, where there is one.
    pub help: Option<String>,
    /// The line itself; empty where there is nothing to show of it.
    pub source_line: String,
}

impl Diagnostic {
    /// Something wrong with `file` as a whole.
    pub fn of_file(file: &str, message: String) -> Self {
        let file = file.into();
        Self { file, line: 0, column: 0, width: 0, message, help: None, source_line: String::new() }
    }
}

impl Diagnostic {
    /// Shows it as an error or as a warning.
    fn show(&self, word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{word}: {}", self.message)?;
        let margin = if self.line == 0 { " ".to_owned() } else { " ".repeat(self.line.to_string().len()) };
        if self.line == 0 {
            write!(f, "\n --> {}", self.file)?;
        } else {
            write!(f, "\n{margin}--> {}:{}:{}", self.file, self.line, self.column)?;
        }
        if !self.source_line.is_empty() {
            // A tab stays a tab above and below, so that the mark stands under what it marks.
            let mut line = self.source_line.chars();
            let before = line.by_ref().take(self.column.saturating_sub(1));
            let indent: String =
                before.map(|c| if c == '\t' { "\t".to_owned() } else { " ".repeat(columns(c)) }).collect();
            let mark = "^".repeat(line.take(self.width).map(columns).sum::<usize>().max(1));
            write!(f, "\n{margin} |\n{} | {}\n{margin} | {indent}{mark}", self.line, self.source_line)?;
        }
        match &self.help {
            Some(help) => write!(f, "\n{margin} = help: {help}"),
            None => Ok(()),
        }
    }
}

/// How many columns of a terminal a character takes: some take two, accents none of their own.
fn columns(c: char) -> usize {
    c.width().unwrap_or(1)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show("error", f)
    }
}

/// Something in a file that is allowed, and still likely a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark(pub Diagnostic);

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("warning", f)
    }
}

/// A file that was not accepted: everything that is wrong with it, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected(pub Vec<Diagnostic>);

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejected {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_what_is_wrong() {
        let diagnostic = Diagnostic {
            file: "a.yaml".into(),
            line: 12,
            column: 5,
            width: 5,
            message: "unknown key `expct` in a step".to_owned(),
            help: Some("did you mean `expect`?".to_owned()),
            source_line: "    expct: [status == 201]".to_owned(),
        };
        let shown = "error: unknown key `expct` in a step\n  --> a.yaml:12:5\n   |\n12 |     expct: [status == 201]\n   |     ^^^^^\n   = help: did you mean `expect`?";
        assert_eq!(diagnostic.to_string(), shown);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let diagnostic = Diagnostic {
            file: "a.yaml".into(),
            line: 1,
            column: 4,
            width: 2,
            message: "no".to_owned(),
            help: None,
            source_line: "東\tx城市y".to_owned(),
        };
        assert!(diagnostic.to_string().ends_with("\n  |   \t ^^^^"), "{diagnostic}");
    }

    #[test]
    fn a_whole_file_has_no_line() {
        let diagnostic = Diagnostic {
            file: "a.yaml".into(),
            line: 0,
            column: 0,
            width: 0,
            message: "no such file".to_owned(),
            help: None,
            source_line: String::new(),
        };
        assert_eq!(diagnostic.to_string(), "error: no such file\n --> a.yaml");
    }
}
