//! A place in a file as a good compiler shows it: where it is, the line, a mark under what is meant.

use crossterm::style::Color;
use journeys::{At, Unmet};

use crate::words::printable;
use crate::{Look, Sources};

/// The column of line numbers, so that several places stand under each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Margin(usize);

impl Margin {
    /// As wide as the largest line number needs.
    pub(crate) fn of<'a>(places: impl IntoIterator<Item = &'a At>) -> Self {
        let widest = places.into_iter().map(|at| at.line).max().unwrap_or(0);
        Self(widest.to_string().len())
    }

    /// A line behind the bar.
    fn bar(self, look: Look, text: &str) -> String {
        let bar = look.paint(&format!("{} |", " ".repeat(self.0)), Color::Blue);
        if text.is_empty() { bar } else { format!("{bar} {text}") }
    }

    /// A remark below it all.
    pub(crate) fn note(self, look: Look, text: &str) -> String {
        format!("{} {text}", look.paint(&format!("{} =", " ".repeat(self.0)), Color::Blue))
    }

    /// The place, and its line.
    pub(crate) fn place(self, look: Look, at: &At, sources: &Sources) -> Vec<String> {
        let arrow = look.paint(&format!("{}-->", " ".repeat(self.0)), Color::Blue);
        let mut lines = vec![format!("{arrow} {}", printable(&at.to_string()))];
        let Some(line) = sources.line(&at.file, at.line) else { return lines };
        let (shown, column) = window(line, at.column.max(1), look.width.saturating_sub(self.0 + 3));
        let column = column.min(shown.chars().count() + 1);
        let room = (shown.chars().count() + 1).saturating_sub(column).max(1);
        let number = look.paint(&format!("{:>1$} |", at.line, self.0), Color::Blue);
        let mark = look.loud(&"^".repeat(at.width.clamp(1, room)), Color::Red);
        lines.push(self.bar(look, ""));
        lines.push(format!("{number} {shown}"));
        lines.push(self.bar(look, &format!("{}{mark}", " ".repeat(column - 1))));
        lines
    }

    /// An expectation that does not hold: its place, what it wants and what there was, and the difference.
    pub(crate) fn unmet(self, look: Look, unmet: &Unmet, sources: &Sources) -> Vec<String> {
        let mut lines = self.place(look, &unmet.at, sources);
        // What nobody has written (no error status, say) is not under the mark: it is told beside it.
        let written =
            sources.line(&unmet.at.file, unmet.at.line).is_some_and(|line| line.contains(&*unmet.text));
        if !written && !lines.is_empty() {
            lines.push(self.bar(look, &look.cut(&printable(&unmet.text), self.0 + 3)));
        }
        let taken = self.0 + 13;
        let value = |text: &str, colour| look.paint(&look.cut(&printable(text), taken), colour);
        let (expected, actual) = (value(&unmet.expected, Color::Cyan), value(&unmet.actual, Color::Red));
        lines.push(self.bar(look, &format!("expected: {expected}")));
        lines.push(self.bar(look, &format!("  actual: {actual}")));
        if !unmet.diff.is_empty() {
            lines.push(self.bar(look, ""));
        }
        for line in &unmet.diff {
            let text = look.cut(&printable(&line.to_string()), self.0 + 3);
            lines.push(self.bar(
                look,
                &match text.chars().next() {
                    Some('-') => look.paint(&text, Color::Cyan),
                    Some('+') => look.paint(&text, Color::Red),
                    _ => text,
                },
            ));
        }
        lines
    }
}

/// So much of a line as fits, with the column in it, and the column as it is counted there.
fn window(line: &str, column: usize, width: usize) -> (String, usize) {
    /// What is kept in sight before the column.
    const BEFORE: usize = 12;
    let width = width.max(40);
    let line: Vec<char> = printable(line).chars().collect();
    if line.len() <= width {
        return (line.into_iter().collect(), column);
    }
    // Its beginning, where the column is in it; else from a little before the column.
    let from = if column + BEFORE <= width { 0 } else { (column - 1).saturating_sub(BEFORE).min(line.len()) };
    let mut shown: String = line[from..].iter().take(width).collect();
    if from > 0 {
        shown = ['…'].into_iter().chain(shown.chars().skip(1)).collect();
    }
    if from + width < line.len() {
        shown.pop();
        shown.push('…');
    }
    (shown, column - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_shown_around_what_is_meant() {
        let line = format!("{}wrong{}", "a".repeat(100), "b".repeat(100));
        let (shown, column) = window(&line, 101, 50);
        assert_eq!(shown.chars().count(), 50);
        assert_eq!(shown.chars().skip(column - 1).take(5).collect::<String>(), "wrong");
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert_eq!(window("short", 3, 50), ("short".to_owned(), 3));
        let (shown, column) = window(&line, 5, 50);
        assert!(column == 5 && shown.starts_with('a') && shown.ends_with('…'), "{shown}");
        let (_, column) = window("short", 900, 40);
        assert_eq!(column, 900);
    }

    #[test]
    fn a_place_beyond_its_line_breaks_nothing() {
        let mut sources = Sources::default();
        sources.add("a".into(), &"x".repeat(500));
        for (line, column, width) in [(1, 1, 9_999), (1, 9_999, 3), (2, 1, 1), (0, 0, 0)] {
            let at = At { file: "a".into(), line, column, width };
            let lines = Margin::of([&at]).place(Look { width: 60, ..Look::PLAIN }, &at, &sources);
            assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        }
    }
}
