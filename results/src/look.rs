//! How text looks: colours where there is somebody to see them, lines no longer than the terminal.

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

    /// So much of it as fits beside `taken` columns.
    pub(crate) fn cut(self, text: &str, taken: usize) -> String {
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
