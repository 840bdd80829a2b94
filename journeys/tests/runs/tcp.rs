//! TCP steps: one conversation for the whole run.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cutover::{Answered, FailureKind, Outcome, Reached, Route};
use journeys::{Marker, Markers, RunContext};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::{Served, both_sides, context, run, served};

async fn start() -> Served {
    let mut world = served(("cache", "", ""), converse).await;
    let marker = |side: &str| vec![Marker::parse(&format!("body contains \"{side} ready\"")).unwrap()];
    world.context.markers = Arc::new(Markers::new(marker("old"), marker("new")));
    world
}

/// Speaks line by line, and says first whose it is.
async fn converse(stream: TcpStream, side: &'static str) {
    let (reader, mut writer) = stream.into_split();
    writer.write_all(format!("220 {side} ready\r\n").as_bytes()).await.unwrap();
    let mut lines = BufReader::new(reader).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.as_str() {
            "quit" => break,
            "json" => "{\"n\": 7}\r\nEND\r\n".to_owned(),
            line => format!("250 {line}\r\n"),
        };
        if writer.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
}

#[tokio::test]
async fn a_conversation_goes_on_from_step_to_step_on_each_route() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: banner
    tcp: "{{ cache }}"
    read: line
    expect: [body starts-with 220, reached == route, answered == route, duration < 10s]
    save: { banner: body }
  - name: greet
    tcp: "{{ cache }}"
    send: "hello {{ run.route }}\r\njson\n"
    read: line
    expect: body == "250 hello {{ run.route }}"
  - name: what is left
    tcp: "{{ cache }}"
    read: 8 bytes
    expect: [json $.n == 7, bytes == 8]
  - name: until it matches
    tcp: "{{ cache }}"
    read: /END\r\n/
    expect: [body contains END, regex /(E)ND/ == E]
  - name: farewell
    tcp: "{{ cache }}"
    send: "quit\n"
    read: close
    expect: [body empty]
  - name: once more
    tcp: "{{ cache }}"
    read: line
    expect: body == "{{ banner }}"
"#;
    for (route, reached, answered) in
        [(Route::Old, Reached::Old, Answered::Old), (Route::New, Reached::New, Answered::New)]
    {
        let before = world.connections.load(Ordering::SeqCst);
        let run = run(&RunContext { route, ..world.context.clone() }, yaml).await;
        assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
        assert_eq!(world.connections.load(Ordering::SeqCst) - before, 2, "a new one after the farewell");
        let connects: Vec<_> =
            run.steps.iter().map(|step| step.attempts[0].parts.connect.is_some()).collect();
        assert_eq!(connects, [true, false, false, false, false, true]);
        let first = run.steps[0].last().unwrap();
        assert_eq!((first.reached, first.answered), (Some(reached), answered));
    }
}

#[tokio::test]
async fn what_does_not_come_is_told_with_what_came() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: wait
    tcp: "{{ cache }}"
    read: 100 bytes
    timeout: 200ms
"#;
    let run = run(&world.context, yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "wait".to_owned(), kind: FailureKind::Timeout });
    let said = r#"100 bytes did not come within 200ms; it said "220 old ready\r\n""#;
    assert!(run.detail.ends_with(said), "{}", run.detail);
    assert_eq!(run.steps[0].last().unwrap().reached, Some(Reached::Old));
}

#[tokio::test]
async fn an_attempt_after_a_failure_has_a_connection_of_its_own() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: late
    tcp: "{{ cache }}"
    read: 100 bytes
    timeout: 50ms
    retry: { attempts: 3, every: 1ms }
"#;
    let run = run(&world.context, yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "late".to_owned(), kind: FailureKind::Timeout });
    assert_eq!(world.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn nothing_listens() {
    let mut context = context(9).await;
    let (old, new) = both_sides().await;
    let port = old.local_addr().unwrap().port();
    drop((old, new));
    Arc::make_mut(&mut context.vars).insert("cache".to_owned(), format!("test.example:{port}"));
    let run = run(&context, "journey: j\nsteps: [{ name: open, tcp: \"{{ cache }}\" }]").await;
    assert_eq!(run.outcome, Outcome::Failed { step: "open".to_owned(), kind: FailureKind::Refused });
}

#[tokio::test]
async fn a_port_that_only_the_run_knows_is_no_mistake_in_the_file() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: banner
    tcp: "{{ cache }}"
    read: line
    save: { code: "regex /(\\d+)/" }
  - name: elsewhere
    tcp: test.example:{{ code }}
    read: line
"#;
    let run = run(&world.context, yaml).await;
    // Nothing listens at port 220 there.
    assert_eq!(run.outcome, Outcome::Failed { step: "elsewhere".to_owned(), kind: FailureKind::Refused });
}
