//! How text looks: colours where there is somebody to see them, lines no longer than the terminal.

use std::borrow::Cow;

use crossterm::style::{Color, Stylize};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::Standing;

/// How text is to look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether colours are seen; the word always stands beside its colour.
    pub coloured: bool,
    /// How many columns a line has.
    pub width: usize,
    /// Whether it is known whose addresses are whose: else every peer would be of neither side.
    pub sided: bool,
    /// Whether requests are shown as curl lines.
    pub curl: bool,
}

impl Look {
    /// Plain, and as wide as need be.
    pub const PLAIN: Self = Self { coloured: false, width: usize::MAX, sided: true, curl: false };

    /// In the colour of a standing: those that matter can be told apart by those who cannot tell red from green.
    pub(crate) fn tone(self, text: &str, standing: Standing) -> String {
        match standing {
            Standing::Passed => self.paint(text, Color::Cyan),
            Standing::Degraded => self.paint(text, Color::Yellow),
            Standing::Failed => self.loud(text, Color::Red),
            Standing::Aborted => self.loud(text, Color::Magenta),
            Standing::Skipped | Standing::Unreached => self.faint(text),
        }
    }

    /// In a colour.
    pub(crate) fn paint(self, text: &str, colour: Color) -> String {
        if self.coloured { text.with(colour).to_string() } else { text.to_owned() }
    }

    /// In a colour, and bold.
    pub(crate) fn loud(self, text: &str, colour: Color) -> String {
        if self.coloured { text.with(colour).bold().to_string() } else { text.to_owned() }
    }

    /// Bold.
    pub(crate) fn bold(self, text: &str) -> String {
        if self.coloured { text.bold().to_string() } else { text.to_owned() }
    }

    /// For what need not be read.
    pub(crate) fn faint(self, text: &str) -> String {
        if self.coloured { text.dim().to_string() } else { text.to_owned() }
    }

    /// Words in as many lines as they need, those after the first set in by `indent`; of the first, `taken` columns are
    /// taken. Each stands beside what it looks like.
    pub(crate) fn flow<'w>(
        self,
        words: impl IntoIterator<Item = (Cow<'w, str>, Cow<'w, str>)>,
        taken: usize,
        indent: usize,
    ) -> String {
        let (mut text, mut at) = (String::new(), taken);
        for (plain, painted) in words {
            let columns = plain.width();
            if text.is_empty() {
                at += columns;
            } else if at + 1 + columns <= self.width {
                text.push(' ');
                at += 1 + columns;
            } else {
                text.push('\n');
                text.push_str(&" ".repeat(indent));
                at = indent + columns;
            }
            text.push_str(&painted);
        }
        text
    }

    /// A text in as many lines as it needs, as [`flow`](Self::flow) has it.
    pub(crate) fn wrap(self, text: &str, taken: usize, indent: usize) -> String {
        self.flow(text.split(' ').map(|word| (word.into(), word.into())), taken, indent)
    }

    /// So much of it as fits beside `taken` columns.
    pub fn cut(self, text: &str, taken: usize) -> String {
        // However narrow, something is seen.
        let room = self.width.saturating_sub(taken).max(20);
        if text.width() <= room {
            return text.to_owned();
        }
        let mut columns = 1;
        let fits = |c: &char| {
            columns += c.width().unwrap_or(0);
            columns <= room
        };
        text.chars().take_while(fits).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_between_and_not_within() {
        let look = Look { width: 20, ..Look::PLAIN };
        assert_eq!(
            look.wrap("no name `東京.example` is there", 5, 2),
            "no name\n  `東京.example` is\n  there"
        );
        assert_eq!(
            look.wrap("a-word-that-is-longer-than-a-line b", 0, 2),
            "a-word-that-is-longer-than-a-line\n  b"
        );
        assert_eq!(Look::PLAIN.wrap("a  b", 9, 2), "a  b");
    }

    #[test]
    fn what_is_cut_ends_with_dots_and_fits() {
        let look = Look { width: 30, ..Look::PLAIN };
        for text in ["東京".repeat(10), "a東".repeat(10), "ab".repeat(20)] {
            let cut = look.cut(&text, 5);
            assert!(cut.ends_with('…') && (24..=25).contains(&cut.width()), "{cut}");
        }
        assert_eq!(look.cut("short", 5), "short");
    }
}
