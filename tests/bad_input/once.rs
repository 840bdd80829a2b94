//! `serin once` in a process of its own, against a server of the test's: what it says, writes, and how it ends.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use super::program::{Running, Said, ended, serin};

/// A server that answers every request alike, one after the other, and never one for `/never`.
struct Api {
    at: SocketAddr,
    asked: Receiver<String>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Api {
    fn start() -> Self {
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
    fn once(&self, journey: &str, arguments: &str) -> (tempfile::TempDir, std::process::Command) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("j.yaml"), journey).unwrap();
        let mut command = serin(["once", "j.yaml"].into_iter().chain(arguments.split_whitespace()));
        command.args(["--var", &format!("api=http://{}", self.at)]);
        command.current_dir(folder.path()).env("SERIN_TEST_PASSWORD", "hunter2hunter2");
        (folder, command)
    }

    fn said(&self, journey: &str, arguments: &str) -> Said {
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
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )?;
    }
    Ok(line)
}

const PASSES: &str = "journey: j
steps:
  - { name: sign up, http: 'GET {{ api }}/users', save: { user: json $.id } }
  - { name: read, http: 'GET {{ api }}/users/{{ user }}', expect: [status == 200] }
";

const FAILS: &str = "journey: j
steps:
  - name: read
    http: GET {{ api }}/users
    expect:
      - json $.state == \"active\"
  - { name: never, http: 'GET {{ api }}/users' }
";

#[test]
fn what_passes_ends_with_0_and_what_fails_with_1_at_its_place() {
    let api = Api::start();
    let said = api.said(PASSES, "");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("j on live  j.yaml\n  ok          sign up "), "{}", said.out);
    assert!(said.out.contains("1 run: 1 passed; 2 steps: 2 passed; "), "{}", said.out);

    let said = api.said(FAILS, "");
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    for part in [
        "  FAILED      read ",
        "  not reached never",
        "error[assertion]: read: an expectation does not hold\n --> j.yaml:6:9\n",
        "6 |       - json $.state == \"active\"\n  |         ^^^^^^^^^^^^^^^^^^^^^^^^\n",
        "  | expected: \"active\"\n  |   actual: \"pending\"\n",
    ] {
        assert!(said.out.contains(part), "no {part} in:\n{}", said.out);
    }
}

#[test]
fn reports_are_written_whole_and_what_cannot_be_written_is_said_before_anything_is_sent() {
    let api = Api::start();
    let (folder, command) = api.once(FAILS, "--report junit=r.xml tap=r.tap json=r.json html=r.html");
    assert_eq!(ended(command).code, Some(1));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("r.xml").contains("<failure message="));
    assert!(read("r.tap").contains("\n    not ok 1 - read\n"));
    assert!(read("r.html").contains("1 of 1 runs did not pass"));
    let report: Value = serde_json::from_str(&read("r.json")).unwrap();
    assert_eq!((&report["schema"], &report["runs"][0]["outcome"]), (&1.into(), &"failed".into()));
    assert_eq!(report["runs"][0]["trace"].as_str().map(str::len), Some(32));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "the journey and four reports, nothing else");

    while api.asked.try_recv().is_ok() {}
    let said = api.said(FAILS, "--report junit=none/r.xml");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.starts_with("error: the report none/r.xml cannot be written: "), "{}", said.err);
    assert!(api.asked.try_recv().is_err(), "something was sent");
}

#[test]
fn a_part_is_run_with_what_is_given_by_hand() {
    let api = Api::start();
    let said = api.said(PASSES, "--from read");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(
        said.err.contains("saved by `sign up`, which is left out. Give it by hand: --var user=VALUE"),
        "{}",
        said.err
    );
    let said = api.said(PASSES, "--from read --var user:=8");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(api.asked.recv().unwrap().starts_with("GET /users/8 "));
    let said = api.said(PASSES, "--var usre=8");
    assert!(said.err.contains("did you mean `user`?"), "{}", said.err);
    let said = api.said(PASSES, "--route old");
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--config serin.yaml"), "{}", said.err);
}

#[test]
fn a_curl_line_names_a_secret_and_does_not_tell_it() {
    let api = Api::start();
    let journey = "journey: j
secrets: { password: { env: SERIN_TEST_PASSWORD } }
steps:
  - { name: sign in, http: 'POST {{ api }}/sessions', json: { password: '{{ secret.password }}' } }
";
    let said = api.said(journey, "--curl");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("curl -X POST -H "), "{}", said.out);
    assert!(said.out.contains("--data-raw '{\"password\":\"'\"$PASSWORD\"'\"}' http://"), "{}", said.out);
    assert!(!said.out.contains("hunter2"), "{}", said.out);
}

#[test]
fn ctrl_c_aborts_and_the_report_says_what_there_was() {
    let api = Api::start();
    let journey = "journey: j
steps:
  - { name: sign up, http: 'GET {{ api }}/users' }
  - { name: hang, http: 'GET {{ api }}/never' }
";
    let (folder, command) = api.once(journey, "--report json=r.json");
    let running = Running::start(command);
    while !api.asked.recv().unwrap().contains("/never") {}
    running.signal("INT");
    let said = running.end();
    assert_eq!(said.code, Some(3), "{}{}", said.out, said.err);
    let text = fs::read_to_string(folder.path().join(Path::new("r.json"))).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["runs"][0]["steps"][0]["standing"], "passed");
    assert_eq!(report["runs"][0]["steps"][1]["standing"], "aborted");
}

#[test]
fn a_journey_is_checked_by_itself_and_beside_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let steps = "steps: [{ name: a, http: 'GET {{ api }}/' }]\n";
    file("a.yaml", &format!("journey: a\nvars: {{ api: http://a.example }}\n{steps}"));
    file("b.yaml", &format!("journey: b\n{steps}"));
    file(
        "serin.yaml",
        "cutover: { name: c, names: [a.example], sides: { old: { addresses: 192.0.2.1 }, new: { addresses: 192.0.2.2 } } }\n\
         vars: { api: http://a.example }\njourneys: [{ run: a.yaml, every: 5s }]\n",
    );
    let check = |files: &str| super::program::in_folder(folder.path(), &format!("check {files}"));
    assert_eq!(check("a.yaml").out, "a: all is well, 1 step\n");
    let said = check("a.yaml b.yaml");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("the variable `api` is not defined here\n --> b.yaml:2"), "{}", said.err);
    let said = check("b.yaml serin.yaml");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.ends_with("b: all is well, 1 step\n"), "{}", said.out);
}

#[test]
fn the_schemas_are_json() {
    for of in ["journey", "config"] {
        let said = ended(serin(["schema", of]));
        let schema: Value = serde_json::from_str(&said.out).unwrap();
        assert!(said.code == Some(0) && schema["properties"].is_object(), "{of}");
    }
}
