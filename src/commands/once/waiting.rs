//! What a person sees while a run is under way: its step, and for how long. Pipes and logs see nothing of it.

use std::io::{IsTerminal, Write, stderr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crossterm::terminal;
use results::Look;
use tokio::select;
use tokio::sync::watch::Sender;
use tokio::time::{Instant, interval};

use crate::view::printable;

/// Who waits for less wants nothing to flicker.
const PATIENCE: Duration = Duration::from_millis(500);
const EVERY: Duration = Duration::from_millis(200);

/// Back to the beginning of the line, which is emptied (ECMA-48, EL).
const EMPTY: &str = "\r\x1b[K";

/// Awaits what becomes of a run, and shows meanwhile which step is under way.
pub(super) async fn shown<T>(run: impl Future<Output = T>, step: &Sender<Arc<str>>, look: Look) -> T {
    if !stderr().is_terminal() {
        return run.await;
    }
    // What is shown may go through a pipe to the same terminal.
    let width = terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let look = Look { width: width.min(look.width), ..look };
    let (mut run, mut tick) = (pin!(run), interval(EVERY));
    let (begun, mut since, mut seen) = (Instant::now(), Instant::now(), step.subscribe());
    loop {
        let written = select! {
            biased;
            ended = &mut run => {
                put(EMPTY);
                return ended;
            }
            changed = seen.changed() => {
                since = Instant::now();
                changed.is_ok()
            }
            _ = tick.tick() => true,
        };
        if written && begun.elapsed() >= PATIENCE {
            put(&format!("{EMPTY}{}", words(&seen.borrow_and_update(), since.elapsed(), look)));
        }
    }
}

/// In the columns of the steps that were performed.
fn words(step: &str, took: Duration, look: Look) -> String {
    look.cut(&format!("  {:<11} {}  {} s", "under way", printable(step), took.as_secs()), 1)
}

/// Whoever cannot be shown it misses nothing.
fn put(text: &str) {
    let mut terminal = stderr().lock();
    drop(terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_under_the_steps_and_never_wraps() {
        let look = Look { width: 40, ..Look::PLAIN };
        let took = Duration::from_millis(3_900);
        assert_eq!(words("read it back", took, look), "  under way   read it back  3 s");
        assert_eq!(words("\x1b[31mred", took, look), "  under way    [31mred  3 s");
        let long = words(&"a long name ".repeat(9), took, look);
        assert!(long.ends_with('…') && long.chars().count() <= 40, "{long}");
    }
}
