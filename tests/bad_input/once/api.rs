//! A server of the test's, and journeys that are run against it.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::program::{Said, ended, serin};

/// A server that answers every request alike, one after the other: sends from `/moved` to `/users` and from `/loop` to
/// itself, and never answers one for `/never`.
pub(crate) struct Api {
    pub(crate) at: SocketAddr,
    pub(crate) asked: Receiver<String>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Api {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (seen, asked) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            // Those who are never answered: their connections stay open to the end.
            let mut waiting = Vec::new();
            while !stopped.load(Ordering::SeqCst) {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let line = answered(&mut stream).unwrap_or_default();
                if line.contains("/never") {
                    waiting.push(stream);
                }
                let _ = seen.send(line);
            }
        });
        Self { at, asked, stop, thread: Some(thread) }
    }

    /// A journey in a folder of its own, run with these arguments.
    pub(crate) fn once(&self, journey: &str, arguments: &str) -> (tempfile::TempDir, std::process::Command) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("j.yaml"), journey).unwrap();
        let mut command = serin(["once", "j.yaml"].into_iter().chain(arguments.split_whitespace()));
        command.args(["--var", &format!("api=http://{}", self.at)]);
        command.current_dir(folder.path()).env("SERIN_TEST_PASSWORD", "hunter2hunter2");
        (folder, command)
    }

    pub(crate) fn said(&self, journey: &str, arguments: &str) -> Said {
        let (_folder, command) = self.once(journey, arguments);
        ended(command)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes it, so that it looks.
        drop(TcpStream::connect(self.at));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Reads a request's head and answers it; gives back its first line.
fn answered(stream: &mut TcpStream) -> std::io::Result<String> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? > 0 {
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head.lines().next().unwrap_or_default().to_owned();
    if !line.is_empty() && !line.contains("/never") {
        let body = "{\"id\":7,\"state\":\"pending\"}";
        let length = body.len();
        let head = match line.split(' ').nth(1) {
            Some("/moved") => "302 Found\r\nlocation: /users",
            Some("/loop") => "307 Temporary Redirect\r\nlocation: /loop",
            _ => "200 OK\r\ncontent-type: application/json",
        };
        write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")?;
    }
    Ok(line)
}

pub(crate) const PASSES: &str = "journey: j
steps:
  - { name: sign up, http: 'GET {{ api }}/users', save: { user: json $.id } }
  - { name: read, http: 'GET {{ api }}/users/{{ user }}', expect: [status == 200] }
";

pub(crate) const FAILS: &str = "journey: j
steps:
  - name: read
    http: GET {{ api }}/users
    expect:
      - json $.state == \"active\"
  - { name: never, http: 'GET {{ api }}/users' }
";
