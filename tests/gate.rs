//! `serin gate`, as a script calls it, before a real surface that shows what the test wants.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::sync::Arc;

use chrono::Utc;
use cutover::{Cause, Decision, Phase, Reason, Snapshot, Verdict};
use dashboards::{CheckIns, Command, Metrics, Surface, serve};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command as Program};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Canary {
    at: SocketAddr,
    snapshots: watch::Sender<Arc<Snapshot>>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
    _commands: mpsc::Receiver<Command>,
}

/// A picture of this moment.
fn snapshot(decision: Decision, cause: Cause, text: &str) -> Arc<Snapshot> {
    let now = Utc::now();
    let reason = Reason { cause, raises: decision, text: text.to_owned(), since: None, finding: None };
    let verdict = Verdict { reasons: vec![reason], ..Verdict::bare(decision, now) };
    let mut snapshot = Snapshot::first("acme".into(), Phase::Go, verdict, now);
    snapshot.health.folded = 1;
    Arc::new(snapshot)
}

impl Canary {
    async fn start(first: Arc<Snapshot>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (snapshots, receiver) = watch::channel(first);
        let (commands, _commands) = mpsc::channel(1);
        let metrics = Arc::new(Metrics::new().unwrap());
        let surface = Surface {
            snapshots: receiver,
            broken: watch::channel(None).1,
            metrics,
            commands,
            inquiries: mpsc::channel(1).0,
            token: None,
            check_ins: CheckIns::default(),
        };
        let cancel = CancellationToken::new();
        let task = tokio::spawn(serve(listener, surface, cancel.clone()));
        Self { at, snapshots, cancel, task, _commands }
    }

    fn gate(&self, arguments: &[&str]) -> Program {
        gate(&format!("http://{}", self.at), arguments)
    }

    async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }
}

fn gate(at: &str, arguments: &[&str]) -> Program {
    let mut program = Program::new(env!("CARGO_BIN_EXE_serin"));
    program.args(["gate", "--at", at]).args(arguments).kill_on_drop(true);
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

fn told(output: &Output) -> (i32, String) {
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    (output.status.code().unwrap(), said.concat())
}

/// One that waits, and what it prints.
struct Waiting(Child, Lines<BufReader<ChildStdout>>);

impl Waiting {
    fn start(mut program: Program) -> Self {
        let mut child = program.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self(child, lines)
    }

    /// Waits until it prints a line that holds `text`.
    async fn says(&mut self, text: &str) {
        while !self.1.next_line().await.unwrap().unwrap().contains(text) {}
    }

    async fn exit(mut self) -> Option<i32> {
        self.0.wait().await.unwrap().code()
    }
}

#[tokio::test]
async fn the_exit_code_is_the_verdict_and_the_reasons_are_printed() {
    let canary = Canary::start(snapshot(Decision::Go, Cause::NonInferior, "no worse")).await;
    let ask = async || told(&canary.gate(&[]).output().await.unwrap());
    assert_eq!(ask().await, (0, "go in phase go\n  because no worse\n".to_owned()));
    canary.snapshots.send_replace(snapshot(Decision::Rollback, Cause::NewErrors, "worse"));
    assert_eq!(ask().await, (1, "rollback in phase go\n  because worse\n".to_owned()));
    canary.snapshots.send_replace(snapshot(Decision::Hold, Cause::Split, "split"));
    assert_eq!(ask().await, (3, "hold in phase go\n  because split\n".to_owned()));
    // Whatever it was: nobody stands behind an old picture.
    let mut old = snapshot(Decision::Go, Cause::NonInferior, "no worse");
    Arc::make_mut(&mut old).now -= chrono::TimeDelta::minutes(1);
    canary.snapshots.send_replace(old);
    let (exit, said) = ask().await;
    assert!(exit == 4 && said.contains("look whether it still works"), "{said}");
    canary.stop().await;
}

#[tokio::test]
async fn it_waits_until_it_is_decided_and_prints_what_changes() {
    let canary = Canary::start(snapshot(Decision::Hold, Cause::TooLittle, "12 pairs")).await;
    let mut waiting = Waiting::start(canary.gate(&["--wait", "10m"]));
    waiting.says("because 12 pairs").await;
    canary.snapshots.send_replace(snapshot(Decision::Rollback, Cause::NewErrors, "worse"));
    waiting.says("because worse").await;
    assert_eq!(waiting.exit().await, Some(1));

    // `go` on the way ends nothing for whoever only wants to hear of a rollback.
    canary.snapshots.send_replace(snapshot(Decision::Go, Cause::NonInferior, "no worse"));
    let mut waiting = Waiting::start(canary.gate(&["--wait", "10m", "--for", "rollback"]));
    waiting.says("because no worse").await;
    canary.snapshots.send_replace(snapshot(Decision::Rollback, Cause::NewErrors, "worse"));
    assert_eq!(waiting.exit().await, Some(1));

    // Somebody was quicker than the next question.
    canary.snapshots.send_replace(snapshot(Decision::Hold, Cause::TooLittle, "12 pairs"));
    let mut waiting = Waiting::start(canary.gate(&["--wait", "10m", "--for", "rollback"]));
    waiting.says("because 12 pairs").await;
    canary.snapshots.send_modify(|shown| Arc::make_mut(shown).phase = Phase::RolledBack);
    waiting.says("hold in phase rolled-back").await;
    assert_eq!(waiting.exit().await, Some(1));

    // The time is up: the last word counts.
    canary.snapshots.send_replace(snapshot(Decision::Hold, Cause::TooLittle, "12 pairs"));
    let (exit, said) = told(&canary.gate(&["--wait", "1s"]).output().await.unwrap());
    assert_eq!((exit, said.matches("because").count()), (3, 1), "{said}");
    canary.stop().await;
}

#[tokio::test]
async fn who_cannot_ask_says_so_and_a_canary_that_comes_back_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let mut waiting = Waiting::start(gate(&at, &["--wait", "10m"]));
    // The first who asks is sent away, the next one is told.
    let answers = ["HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_owned(), {
        let body =
            r#"{"data":{"verdict":"go","phase":"set","reasons":[],"estimate_seconds":null,"later":1}}"#;
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }];
    for answer in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    waiting.says("cannot ask: the gate answered: 503").await;
    waiting.says("go in phase set").await;
    assert_eq!(waiting.exit().await, Some(0));

    drop(listener);
    let (exit, said) = told(&gate(&at, &[]).output().await.unwrap());
    assert!(exit == 4 && said.contains("is `serin run` there? (--at URL names another place)"), "{said}");
    let (exit, said) = told(&gate("mailto:ann@acme.example", &[]).output().await.unwrap());
    assert!(exit == 2 && said.contains("an address such as"), "{said}");
    let (exit, _) = told(&gate(&at, &["--wait", "soon"]).output().await.unwrap());
    assert_eq!(exit, 2);
}
