//! A place in a file as a good compiler shows it: where it is, the line, a mark under what is meant.

use crossterm::style::Color;
use journeys::{At, Unmet};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
        let text = look.wrap(text, self.0 + 3, self.0 + 5);
        format!("{} {text}", look.paint(&format!("{} =", " ".repeat(self.0)), Color::Blue))
    }

    /// The place, and its line.
    pub(crate) fn place(self, look: Look, at: &At, sources: &Sources) -> Vec<String> {
        self.places(look, at, [at], sources)
    }

    /// The place, and its line with a mark under each of these places in it.
    fn places<'a>(
        self,
        look: Look,
        at: &At,
        marked: impl IntoIterator<Item = &'a At>,
        sources: &Sources,
    ) -> Vec<String> {
        let arrow = look.paint(&format!("{}-->", " ".repeat(self.0)), Color::Blue);
        let mut lines = vec![format!("{arrow} {}", printable(&at.to_string()))];
        let Some(line) = sources.line(&at.file, at.line) else { return lines };
        let of = |at: &At| shown(line, at.column, at.width, self.room(look));
        let number = look.paint(&format!("{:>1$} |", at.line, self.0), Color::Blue);
        let mut marks = Vec::new();
        for shown in marked.into_iter().map(of) {
            let end = shown.indent + shown.mark;
            marks.resize(end.max(marks.len()), ' ');
            marks[shown.indent..end].fill('^');
        }
        lines.push(self.bar(look, ""));
        lines.push(format!("{number} {}", of(at).text));
        lines.push(self.bar(look, &look.loud(&marks.iter().collect::<String>(), Color::Red)));
        lines
    }

    /// The columns that a line of a file has.
    fn room(self, look: Look) -> usize {
        look.width.saturating_sub(self.0 + 3).max(40)
    }

    /// Expectations that do not hold, at their places. Those of one line share it, where all of it can be shown.
    pub(crate) fn unmet(self, look: Look, unmet: &[Unmet], sources: &Sources) -> Vec<String> {
        let line = |unmet: &Unmet| sources.line(&unmet.at.file, unmet.at.line);
        let together = |one: &Unmet, next: &Unmet| {
            (&one.at.file, one.at.line) == (&next.at.file, next.at.line)
                && line(one).is_some_and(|line| printable(line).width() <= self.room(look))
        };
        let mut lines = Vec::new();
        for group in unmet.chunk_by(together) {
            let Some(first) = group.first() else { continue };
            lines.extend(self.places(look, &first.at, group.iter().map(|unmet| &unmet.at), sources));
            for unmet in group {
                // What nobody has written (no error status, say) is not under the mark, and of several marks one does not
                // say which is meant: it is told beside it.
                let written = line(unmet).is_some_and(|line| line.contains(&*unmet.text));
                if group.len() > 1 || !written {
                    lines.push(self.bar(look, &look.cut(&printable(&unmet.text), self.0 + 3)));
                }
                lines.extend(self.values(look, unmet));
            }
        }
        lines
    }

    /// What an expectation wants and what there was, and the difference.
    fn values(self, look: Look, unmet: &Unmet) -> Vec<String> {
        let mut lines = Vec::new();
        if unmet.diff.is_empty() {
            let taken = self.0 + 13;
            let value = |text: &str, colour| look.paint(&look.cut(&printable(text), taken), colour);
            let (expected, actual) = (value(&unmet.expected, Color::Cyan), value(&unmet.actual, Color::Red));
            lines.push(self.bar(look, &format!("expected: {expected}")));
            lines.push(self.bar(look, &format!("  actual: {actual}")));
        } else {
            let (expected, actual) =
                (look.paint("- expected", Color::Cyan), look.paint("+ actual", Color::Red));
            lines.push(self.bar(look, &format!("{expected}  {actual}")));
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

/// So much of a line as is shown, and where the mark stands below it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    text: String,
    /// The columns before the mark.
    indent: usize,
    /// The columns that it spans.
    mark: usize,
}

/// So much of a line as fits into `room` columns, with the `width` characters from `column` (from 1) on in it, or the
/// first of them.
fn shown(line: &str, column: usize, width: usize, room: usize) -> Shown {
    /// Characters that are kept in sight before the mark.
    const BEFORE: usize = 12;
    let line: Vec<char> = printable(line).chars().collect();
    let at = column.saturating_sub(1).min(line.len());
    let columns = |part: &[char]| part.iter().map(|c| c.width().unwrap_or(0)).sum::<usize>();
    // Its beginning, where that reaches as far; else from a little before the mark.
    let whole = columns(&line) <= room;
    let from = if whole || columns(&line[..at]) + BEFORE <= room { 0 } else { at.saturating_sub(BEFORE) };
    let mut to = line.len();
    let mut taken = columns(&line[from..]);
    while taken > room && to > at {
        to -= 1;
        taken = columns(&line[from..to]) + 1;
    }
    let before = if from > 0 { "…" } else { "" };
    let behind = if to < line.len() { "…" } else { "" };
    let first = if from > 0 { from + 1 } else { from };
    let text: String = line[first..to].iter().collect();
    let marked = &line[at..to.min(at.saturating_add(width)).max(at)];
    Shown {
        text: format!("{before}{text}{behind}"),
        indent: columns(&line[first..at]) + before.width(),
        mark: columns(marked).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands above the mark.
    fn marked(shown: &Shown) -> String {
        let mut column = 0;
        let above = shown.text.chars().filter(|c| {
            column += c.width().unwrap_or(0);
            column > shown.indent && column <= shown.indent + shown.mark
        });
        above.collect()
    }

    #[test]
    fn a_long_line_is_shown_around_what_is_meant() {
        let line = format!("{}wrong{}", "a".repeat(100), "b".repeat(100));
        let in_the_middle = shown(&line, 101, 5, 50);
        assert_eq!((in_the_middle.text.chars().count(), marked(&in_the_middle).as_str()), (50, "wrong"));
        let text = &in_the_middle.text;
        assert!(text.starts_with('…') && text.ends_with('…'), "{text}");
        let short = Shown { text: "short".to_owned(), indent: 2, mark: 3 };
        assert_eq!(shown("short", 3, 9, 50), short);
        let at_the_start = shown(&line, 5, 2, 50);
        let text = &at_the_start.text;
        assert!(at_the_start.indent == 4 && text.starts_with('a') && text.ends_with('…'), "{text}");
        assert_eq!(shown("short", 900, 1, 40), Shown { text: "short".to_owned(), indent: 5, mark: 1 });
        let to_the_end = shown(&line, 101, 105, 50);
        assert_eq!(to_the_end.indent + to_the_end.mark + 1, 50);
    }

    #[test]
    fn the_mark_stands_under_wide_characters_and_behind_tabs() {
        assert_eq!(marked(&shown("\tjson $.城市 == 東京", 9, 2, 80)), "城市");
        let e = shown("e\u{301}x: 1", 3, 1, 80);
        assert_eq!((e.indent, e.mark), (1, 1), "an accent takes no column of its own");
        let long = "東".repeat(100);
        for column in [1, 20, 50, 100] {
            let shown = shown(&long, column, 3, 50);
            assert!(shown.text.width() <= 50, "{}", shown.text);
            assert!(shown.indent + shown.mark <= 50 && !marked(&shown).contains('…'), "{shown:?}");
        }
    }

    #[test]
    fn expectations_of_one_line_share_it_where_it_fits() {
        let mut sources = Sources::default();
        sources.add("a".into(), "expect: [a == 1, b == 2]");
        let clean = |text: &str| journeys::Redactor::default().clean(text);
        let unmet = |text: &str, column| Unmet {
            text: text.into(),
            at: At { file: "a".into(), line: 1, column, width: 6 },
            expected: clean("1"),
            actual: clean("3"),
            diff: Vec::new(),
        };
        let both = [unmet("b == 2", 18), unmet("a == 1", 10)];
        let lines = Margin(1).unmet(Look::PLAIN, &both, &sources);
        assert_eq!(
            lines[..5],
            [
                " --> a:1:18",
                "  |",
                "1 | expect: [a == 1, b == 2]",
                "  |          ^^^^^^  ^^^^^^",
                "  | b == 2"
            ]
        );
        sources.add("a".into(), &format!("expect: [a == 1, b == 2]{}", " ".repeat(99)));
        let lines = Margin(1).unmet(Look { width: 60, ..Look::PLAIN }, &both, &sources);
        assert_eq!(lines.iter().filter(|line| line.contains("-->")).count(), 2, "{lines:#?}");
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
