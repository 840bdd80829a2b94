//! The program under test, in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Longer than anything takes here, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process said, and how it ended.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// `serin`, with nothing of this machine's environment that it would look at.
pub(crate) fn serin<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
    command.args(arguments).stdin(Stdio::null()).env("COLUMNS", "100").env("NO_COLOR", "1");
    for variable in ["SERIN_TOKEN", "SERIN_LOG", "USER"] {
        command.env_remove(variable);
    }
    command
}

/// Runs it to its end.
pub(crate) fn ended(mut command: Command) -> Said {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    Running::of(child).end()
}

/// Runs it in `folder`, with the words of `line` as its arguments.
pub(crate) fn in_folder(folder: &Path, line: &str) -> Said {
    let mut command = serin(line.split_whitespace());
    command.current_dir(folder);
    ended(command)
}

/// A process that runs; it is killed if a test forgets it.
pub(crate) struct Running {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    said: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        Self::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn of(mut child: Child) -> Self {
        let (out, err) = (child.stdout.take(), child.stderr.take());
        Self { child, out: lines(out), err: lines(err), said: String::new() }
    }

    /// Waits for a line on standard output that contains `text`, and gives it back.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.out.recv_timeout(left) {
                Ok(line) => {
                    self.said.push_str(&line);
                    self.said.push('\n');
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => {
                    let err: Vec<String> = self.err.try_iter().collect();
                    let _ = self.child.kill();
                    unreachable!("no `{text}` in:\n{}\nand: {}", self.said, err.join("\n"));
                }
            }
        }
    }

    /// Sends a signal by its short name, as `kill` does.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Said {
        let deadline = Instant::now() + PATIENCE;
        let mut err = String::new();
        drain(&self.out, &mut self.said, deadline);
        drain(&self.err, &mut err, deadline);
        let status: Option<ExitStatus> =
            if Instant::now() < deadline { Some(self.child.wait().unwrap()) } else { None };
        assert!(status.is_some(), "it does not end; it said:\n{}\nand:\n{err}", self.said);
        Said { code: status.and_then(|status| status.code()), out: std::mem::take(&mut self.said), err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of one that has ended this is no news.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream, read by a thread of their own, so that no pipe runs full.
fn lines(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (lines, received) = channel();
    if let Some(stream) = stream {
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
    }
    received
}

fn drain(lines: &Receiver<String>, into: &mut String, deadline: Instant) {
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                into.push_str(&line);
                into.push('\n');
            }
            Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => return,
        }
    }
}
