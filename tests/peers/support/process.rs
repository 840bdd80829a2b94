//! A process that is ended with its test, however that ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::wait::eventually;

/// A child process and everything that it has said.
pub(crate) struct Process {
    name: String,
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts a program, which is given nothing to read.
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let said = Arc::default();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let readers = vec![listen(out, &said), listen(err, &said)];
        Self { name, child, said, readers }
    }

    /// Runs a program to its end: its exit code, and all that it said.
    pub(crate) fn run(command: &mut Command) -> (i32, String) {
        let mut process = Self::start(command);
        let code = process.ends();
        (code, process.transcript())
    }

    /// Waits for a line with this text in it; gives what stands behind the text.
    pub(crate) fn says(&mut self, text: &str) -> String {
        eventually(&format!("{} says `{text}`", self.name), || {
            let found = self.lines().iter().find_map(|line| Some(line.split_once(text)?.1.to_owned()));
            let ended = self.child.try_wait().unwrap();
            match (found, ended) {
                (Some(rest), _) => Ok(rest),
                (None, None) => Err("it has said other things".to_owned()),
                // What it said last may still be on its way to us.
                (None, Some(status)) if self.readers.iter().any(|reader| !reader.is_finished()) => {
                    Err(format!("it has ended with {status}"))
                }
                (None, Some(status)) => panic!("{} has ended with {status} instead", self.name),
            }
        })
    }

    /// Sends a signal, by its name without SIG.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(status.success(), "kill -s {signal} {id}: {status}");
    }

    /// Waits for its end, and for all that it says until then; gives its exit code.
    pub(crate) fn ends(&mut self) -> i32 {
        let status = self.wait();
        status.code().unwrap_or_else(|| panic!("{} was ended: {status}", self.name))
    }

    /// Ends it at once, as a power failure does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.wait();
    }

    /// Everything that it has said, on both ways, in the order in which it came.
    pub(crate) fn transcript(&self) -> String {
        self.lines().join("\n")
    }

    fn lines(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn wait(&mut self) -> ExitStatus {
        let what = format!("{} ends", self.name);
        let status = eventually(&what, || self.child.try_wait().unwrap().ok_or("it runs".to_owned()));
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is what is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            let lines = self.lines();
            let from = lines.len().saturating_sub(60);
            eprintln!("--- {} said at last:\n{}", self.name, lines[from..].join("\n"));
        }
    }
}

fn listen(from: impl Read + Send + 'static, said: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            said.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    })
}
