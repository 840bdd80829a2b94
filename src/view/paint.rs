//! Colours, where there is somebody to see them; the word always stands beside its colour.

use std::io::IsTerminal;

use crossterm::style::{Color, Stylize};
use cutover::{Decision, Verdict};

/// The colour of a decision: distinguishable also by those who cannot tell red from green.
pub(super) const fn colour(decision: Decision) -> Color {
    match decision {
        Decision::Go => Color::Cyan,
        Decision::Hold => Color::Yellow,
        Decision::Rollback => Color::Red,
    }
}

/// A decision, loud.
pub(super) fn loud(decision: Decision, coloured: bool) -> String {
    let word = format!(" {} ", decision.as_str().to_uppercase());
    if coloured { word.bold().reverse().with(colour(decision)).to_string() } else { word.trim().to_owned() }
}

/// A verdict with its reasons, for the end of a command.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    let coloured = coloured(&std::io::stdout());
    let mut text = format!("verdict: {}", loud(verdict.decision, coloured));
    for reason in &verdict.reasons {
        text.push_str("\n  because ");
        text.push_str(&printable(&reason.text));
    }
    text
}

/// An error, for standard error.
pub(crate) fn complaint(message: &str) -> String {
    if message.starts_with("error") { message.to_owned() } else { format!("error: {message}") }
}

/// Whether colours are seen: by a terminal, unless its user does not want them (<https://no-color.org>).
pub(super) fn coloured(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text from outside, without anything that a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
