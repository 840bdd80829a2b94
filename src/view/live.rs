//! The view's thread: redraws a terminal, or writes lines into a pipe.

use std::io::{IsTerminal, Write, stdout};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crossterm::cursor::MoveToPreviousLine;
use crossterm::terminal::{Clear, ClearType, size};
use crossterm::{execute, queue};
use cutover::Snapshot;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::lines::Lines;
use super::paint::{coloured, printable};
use super::screen::picture;
use crate::say;

/// Pictures change twice a second; a terminal need not be drawn more often.
const REDRAW: Duration = Duration::from_millis(400);
/// How often a pipe's view looks for a new picture.
const LOOK: Duration = Duration::from_millis(100);
/// The size of a terminal that does not tell.
const USUAL: (u16, u16) = (120, 40);

/// A running view. Messages stay in sight above the picture.
///
/// It has a thread of its own: a terminal that is stopped (Ctrl-S, a connection that hangs) and a pipe that nobody
/// reads block whoever writes, and that must not be one of the threads on which the canary watches.
#[derive(Debug)]
pub(crate) struct View {
    /// Unbounded: what is said are a few dozen sentences of our own, none of them from outside.
    messages: Sender<String>,
    /// Closed when the thread has ended.
    ended: oneshot::Receiver<()>,
}

impl View {
    /// Shows `snapshots` until it is ended.
    pub(crate) fn start(snapshots: watch::Receiver<Arc<Snapshot>>) -> Self {
        let terminal = stdout().is_terminal();
        Self::on_a_thread(move |said| if terminal { draw(&snapshots, said) } else { write(snapshots, said) })
    }

    fn on_a_thread(show: impl FnOnce(&Receiver<String>) + Send + 'static) -> Self {
        let (messages, said) = mpsc::channel();
        let (alive, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("view".to_owned()).spawn(move || {
            let _alive: oneshot::Sender<()> = alive;
            show(&said);
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread for the view: nothing is shown");
        }
        Self { messages, ended }
    }

    /// Says something that stays.
    pub(crate) fn say(&self, message: &str) {
        if self.messages.send(printable(message)).is_err() {
            say::line(message);
        }
    }

    /// Says what is left to say, and stops; the last picture stays. What nobody has taken `by` then is given up.
    pub(crate) async fn end(self, by: Instant) {
        drop(self.messages);
        if timeout_at(by, self.ended).await.is_err() {
            tracing::debug!("standard output takes nothing: the view is left behind");
        }
    }
}

fn write(mut snapshots: watch::Receiver<Arc<Snapshot>>, said: &Receiver<String>) {
    let mut lines = Lines::default();
    loop {
        match said.recv_timeout(LOOK) {
            Ok(message) => say::line(message),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        // An error means that there will be no other picture.
        if snapshots.has_changed().unwrap_or(false) {
            let snapshot = snapshots.borrow_and_update().clone();
            lines.next(&snapshot).iter().for_each(say::line);
        }
    }
}

fn draw(snapshots: &watch::Receiver<Arc<Snapshot>>, said: &Receiver<String>) {
    let mut drawn = 0;
    loop {
        let (message, ended) = match said.recv_timeout(REDRAW) {
            Ok(message) => (Some(message), false),
            Err(error) => (None, error == RecvTimeoutError::Disconnected),
        };
        let messages: Vec<_> = message.into_iter().chain(said.try_iter()).collect();
        let snapshot = snapshots.borrow().clone();
        match redraw(drawn, &messages, &snapshot) {
            Ok(lines) => drawn = lines,
            // A terminal that is gone is no reason to stop watching.
            Err(error) => tracing::debug!(%error, "the terminal cannot be drawn"),
        }
        if ended {
            return;
        }
    }
}

/// Draws over the picture of `drawn` lines; says how many lines the new one has.
fn redraw(drawn: u16, messages: &[String], snapshot: &Snapshot) -> std::io::Result<u16> {
    let mut out = stdout().lock();
    let (width, height) = size().unwrap_or(USUAL);
    if drawn > 0 {
        queue!(out, MoveToPreviousLine(drawn))?;
    }
    queue!(out, Clear(ClearType::FromCursorDown))?;
    for message in messages {
        writeln!(out, "{message}")?;
    }
    let room = usize::from(height.saturating_sub(2));
    let lines = picture(snapshot, usize::from(width.saturating_sub(1)), room, coloured(&stdout()));
    for line in &lines {
        writeln!(out, "{line}")?;
    }
    execute!(out)?;
    Ok(u16::try_from(lines.len()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_terminal_that_takes_nothing_holds_nobody_up() {
        // Dropped at the end, and the thread with it.
        let (_stop, stopped) = mpsc::channel::<()>();
        let view = View::on_a_thread(move |_| {
            let _ = stopped.recv();
        });
        for _ in 0..1_000 {
            view.say("still watching");
        }
        view.end(Instant::now() + Duration::from_secs(1)).await;
    }

    #[tokio::test]
    async fn everything_is_said_before_the_end() {
        let (seen, all) = mpsc::channel();
        let view = View::on_a_thread(move |said| said.iter().for_each(|message| drop(seen.send(message))));
        view.say("one");
        view.say("two\u{1b}[2J");
        view.end(Instant::now() + Duration::from_secs(1)).await;
        assert_eq!(all.iter().collect::<Vec<_>>(), ["one", "two [2J"]);
    }
}
