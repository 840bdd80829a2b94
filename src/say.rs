//! What is said to people and pipes. Whoever reads may go at any time: `serin run | head -1` goes on watching.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

/// A line on standard output.
pub(crate) fn line(text: impl Display) {
    match writeln!(stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tracing::warn!(%error, "standard output cannot be written");
        }
        _ => {}
    }
}

/// A line on standard error; where that is gone there is nobody left to tell.
pub(crate) fn error(text: impl Display) {
    let _ = writeln!(stderr().lock(), "{text}");
}
