//! The view's task: redraws a terminal, or writes lines into a pipe.

use std::io::{IsTerminal, Write, stdout};
use std::sync::Arc;
use std::time::Duration;

use crossterm::cursor::MoveToPreviousLine;
use crossterm::terminal::{Clear, ClearType, size};
use crossterm::{execute, queue};
use cutover::Snapshot;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::lines::Lines;
use super::paint::{coloured, printable};
use super::screen::picture;
use crate::say;

/// Pictures change twice a second; a terminal need not be drawn more often.
const REDRAW: Duration = Duration::from_millis(400);
/// The size of a terminal that does not tell.
const USUAL: (u16, u16) = (120, 40);

/// A running view. Messages stay in sight above the picture.
#[derive(Debug)]
pub(crate) struct View {
    messages: mpsc::UnboundedSender<String>,
    task: JoinHandle<()>,
}

impl View {
    /// Shows `snapshots` until it is ended.
    pub(crate) fn start(snapshots: watch::Receiver<Arc<Snapshot>>) -> Self {
        // Unbounded: what is said are a few dozen sentences of our own, none of them from outside.
        let (messages, said) = mpsc::unbounded_channel();
        let task = if stdout().is_terminal() {
            tokio::spawn(draw(snapshots, said))
        } else {
            tokio::spawn(write(snapshots, said))
        };
        Self { messages, task }
    }

    /// Says something that stays.
    pub(crate) fn say(&self, message: &str) {
        if self.messages.send(printable(message)).is_err() {
            say::line(message);
        }
    }

    /// Says what is left to say, and stops; the last picture stays.
    pub(crate) async fn end(self) {
        drop(self.messages);
        if let Err(error) = self.task.await {
            tracing::debug!(%error, "the view broke off");
        }
    }
}

async fn write(mut snapshots: watch::Receiver<Arc<Snapshot>>, mut said: mpsc::UnboundedReceiver<String>) {
    let mut lines = Lines::default();
    loop {
        tokio::select! {
            biased;
            message = said.recv() => match message {
                Some(message) => say::line(message),
                None => return,
            },
            Ok(()) = snapshots.changed() => {
                let snapshot = snapshots.borrow_and_update().clone();
                lines.next(&snapshot).iter().for_each(say::line);
            }
        }
    }
}

async fn draw(snapshots: watch::Receiver<Arc<Snapshot>>, mut said: mpsc::UnboundedReceiver<String>) {
    let mut drawn = 0;
    loop {
        let mut messages = Vec::new();
        let ended = tokio::select! {
            message = said.recv() => match message {
                Some(message) => {
                    messages.push(message);
                    false
                }
                None => true,
            },
            () = sleep(REDRAW) => false,
        };
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
