//! Runs against HTTP servers on loopback.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use cutover::{AbortCause, Answered, FailureKind, Outcome, PairId, Phase, Reached, Route};
use journeys::{Run, RunContext};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// One side: what it was asked, and how often it was read.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    pub(crate) requests: Arc<Mutex<Vec<(String, HeaderMap, String)>>>,
    reads: Arc<AtomicU32>,
}

pub(crate) struct World {
    pub(crate) context: RunContext,
    pub(crate) old: Seen,
    new: Seen,
    servers: [JoinHandle<()>; 2],
}

impl Drop for World {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

pub(crate) async fn start() -> World {
    let (old_listener, new_listener) = crate::support::both_sides().await;
    let context = crate::support::context(old_listener.local_addr().unwrap().port()).await;
    let (old, new) = (Seen::default(), Seen::default());
    let serve = |listener, side: &'static str, seen: Seen| {
        tokio::spawn(async move { axum::serve(listener, app(side, seen)).await.unwrap() })
    };
    let servers = [serve(old_listener, "old", old.clone()), serve(new_listener, "new", new.clone())];
    World { context, old, new, servers }
}

fn app(side: &'static str, seen: Seen) -> Router {
    let answer = move |body: Value| (AppendHeaders([("x-served-by", side)]), Json(body)).into_response();
    let users = move |State(seen): State<Seen>, request: Request| async move {
        note(&seen, request).await;
        let body =
            json!({ "id": 7, "state": "active", "name": "canary", "items": [{ "v": 1 }, { "v": 2.5 }] });
        (StatusCode::CREATED, answer(body)).into_response()
    };
    let later = move |State(seen): State<Seen>, Path(times): Path<u32>| async move {
        let reads = seen.reads.fetch_add(1, SeqCst) + 1;
        answer(if reads >= times { json!({ "items": [21.5] }) } else { json!({ "items": [] }) })
    };
    let note_it = move |State(seen): State<Seen>, request: Request| async move {
        note(&seen, request).await;
        StatusCode::NO_CONTENT
    };
    Router::new()
        .route("/users", any(users))
        .route("/later/{times}", get(later))
        .route("/note/{*rest}", any(note_it))
        .route("/broken", any(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "sorry") }))
        .route("/forwarded", get(|| async { AppendHeaders([("x-served-by", "new")]).into_response() }))
        .route("/never", get(|| async { std::future::pending::<Response>().await }))
        .with_state(seen)
}

async fn note(seen: &Seen, request: Request) {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 65536).await.unwrap();
    let line = format!("{} {}", parts.method, parts.uri);
    seen.requests.lock().unwrap().push((line, parts.headers, String::from_utf8(body.to_vec()).unwrap()));
}

impl Seen {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|(line, ..)| line.clone()).collect()
    }
}

pub(crate) fn failed(run: &Run, step: &str, kind: FailureKind) {
    assert_eq!(run.outcome, Outcome::Failed { step: step.to_owned(), kind }, "{}", run.detail);
}

#[tokio::test]
async fn a_journey_passes_saves_and_says_who_it_is() {
    let world = start().await;
    let yaml = r#"
journey: first
vars: { email: "canary+{{ run.id }}@acme.example" }
steps:
  - name: sign up
    http: POST {{ api }}/users
    headers: { x-app: 7 }
    json: { email: "{{ email }}", number: 1.5, list: [true, null] }
    expect:
      - status == 201
      - json $.state == active
      - json $.items[*].v contains 2.5
      - header content-type starts-with application/json
      - body matches /"name":\s*"canary"/
      - not header x-none exists
      - version == HTTP/1.1
      - duration < 10s
      - reached == route
      - answered == route
    save: { user: json $.id, kind: header content-type, items: json $.items }
  - name: use it
    http: PUT {{ api }}/note/{{ user }}?first={{ items[0].v }}
    json: { user: "{{ user }}", text: "user {{ user }}" }
  - name: form
    http: POST {{ api }}/note/form
    form: { a: "b c", user: "{{ user }}" }
"#;
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!((&run.outcome, run.detail.as_str()), (&Outcome::Passed, ""));
    assert_eq!(world.old.lines(), ["POST /users", "PUT /note/7?first=1", "POST /note/form"]);
    assert!(world.new.lines().is_empty());

    let requests = world.old.requests.lock().unwrap();
    let id = run.id.simple().to_string();
    let sent: Value = serde_json::from_str(&requests[0].2).unwrap();
    let email = format!("canary+{id}@acme.example");
    assert_eq!(sent, json!({ "email": email, "number": 1.5, "list": [true, null] }));
    assert_eq!(
        serde_json::from_str::<Value>(&requests[1].2).unwrap(),
        json!({ "user": 7, "text": "user 7" })
    );
    assert_eq!(requests[2].2, "a=b+c&user=7");
    let headers = &requests[0].1;
    assert_eq!(headers["user-agent"], "serin/test");
    assert_eq!(headers["x-app"], "7");
    assert_eq!(headers["x-serin-run"], id.as_str());
    let trace = headers["traceparent"].to_str().unwrap();
    assert!(
        trace.starts_with(&format!("00-{id}-")) && trace.ends_with("-01") && trace.len() == 55,
        "{trace}"
    );

    let seen = run.observe(Phase::Set, Some(PairId(3)));
    assert_eq!((seen.phase, seen.pair, seen.steps.len()), (Phase::Set, Some(PairId(3)), 3));
    assert_eq!((seen.reached, seen.answered), (Some(Reached::Old), Answered::Unmarked));
    assert_eq!((seen.steps[0].reached, seen.steps[0].answered), (Some(Reached::Old), Answered::Old));
}

#[tokio::test]
async fn each_expectation_that_does_not_hold_is_named_with_what_came() {
    let world = start().await;
    for (expectation, got, kind) in [
        ("status == 200", "201", FailureKind::Status),
        ("json $.state != active", "\"active\"", FailureKind::Assertion),
        ("json $.id == \"7\"", "7", FailureKind::Assertion),
        ("json $.id > 7", "7", FailureKind::Assertion),
        ("json $.none exists", "nothing", FailureKind::Assertion),
        ("not json $.id exists", "7", FailureKind::Assertion),
        ("json $.items[*].v contains 3", "[1,2.5]", FailureKind::Assertion),
        ("header x-served-by ends-with new", "\"old\"", FailureKind::Assertion),
        ("header x-served-by starts-with n", "\"old\"", FailureKind::Assertion),
        ("header x-served-by matches /^new$/", "\"old\"", FailureKind::Assertion),
        ("reached == new", "old", FailureKind::WrongSide),
        ("answered != route", "old", FailureKind::WrongSide),
        ("version == HTTP/2.0", "\"HTTP/1.1\"", FailureKind::Assertion),
    ] {
        let yaml = format!(
            "journey: j\nsteps:\n  - name: read\n    http: GET {{{{ api }}}}/users\n    expect:\n      - {expectation}\n"
        );
        let run = crate::support::run(&world.context, &yaml).await;
        failed(&run, "read", kind);
        assert_eq!(run.detail, format!("read: expected {expectation}, got {got}"));
    }
    let yaml =
        "journey: j\nsteps:\n  - { name: read, http: \"GET {{ api }}/users\", expect: [duration < 1us] }\n";
    failed(&crate::support::run(&world.context, yaml).await, "read", FailureKind::Timeout);
}

#[tokio::test]
async fn an_error_status_fails_a_step_that_does_not_ask_for_it() {
    let world = start().await;
    let step = "journey: j\nsteps:\n  - { name: read, http: \"GET {{ api }}/broken\"";
    let run = crate::support::run(&world.context, &format!("{step} }}\n")).await;
    failed(&run, "read", FailureKind::Status);
    assert_eq!(run.detail, "read: expected no error status, got 500");
    let run = crate::support::run(&world.context, &format!("{step}, expect: [status >= 500] }}\n")).await;
    assert_eq!(run.outcome, Outcome::Passed);
    let run =
        crate::support::run(&world.context, &format!("{step}, failure: lost, expect: [json $.a == 1] }}\n"))
            .await;
    failed(&run, "read", FailureKind::Status);
}

#[tokio::test]
async fn until_tries_again_and_keeps_every_attempt() {
    let world = start().await;
    let yaml = |times: u32, until: &str| {
        format!(
            "journey: j\nsteps:\n  - name: read it back\n    http: GET {{{{ api }}}}/later/{times}\n    until: {until}\n    every: 10ms\n    failure: lost\n    expect:\n      - json $.items[0] == 21.5\n"
        )
    };
    let run = crate::support::run(&world.context, &yaml(4, "10s")).await;
    assert_eq!(run.outcome, Outcome::Passed);
    let attempts = &run.steps[0].attempts;
    assert_eq!(attempts.len(), 4);
    assert!(attempts[..3].iter().all(|attempt| attempt.miss.is_some()) && attempts[3].miss.is_none());

    let run = crate::support::run(&world.context, &yaml(100_000, "100ms")).await;
    failed(&run, "read it back", FailureKind::Lost);
    assert_eq!(run.detail, "read it back: expected json $.items[0] == 21.5, got nothing");
    assert!(run.steps[0].attempts.len() > 1);
}

#[tokio::test]
async fn finally_runs_after_a_failure_and_skips_what_it_cannot_do() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - { name: sign up, http: "POST {{ api }}/users", save: { user: json $.id } }
  - { name: broken, http: "GET {{ api }}/broken", save: { token: body } }
  - { name: not reached, http: "GET {{ api }}/users" }
finally:
  - { name: with token, http: "DELETE {{ api }}/note/{{ token }}" }
  - { name: fails too, http: "GET {{ api }}/broken" }
  - { name: delete, http: "DELETE {{ api }}/note/{{ user }}" }
"#;
    let run = crate::support::run(&world.context, yaml).await;
    failed(&run, "broken", FailureKind::Status);
    assert_eq!(run.deciding().unwrap().name.as_ref(), "broken");
    assert_eq!(world.old.lines(), ["POST /users", "DELETE /note/7"]);
    let names: Vec<_> = run.steps.iter().map(|step| step.name.as_ref()).collect();
    assert_eq!(names, ["sign up", "broken", "with token", "fails too", "delete"]);
    assert_eq!(run.steps[2].skipped.as_deref(), Some("`token` was never saved"));
    assert_eq!(run.observe(Phase::Go, None).steps.len(), 4);
}

#[tokio::test]
async fn a_run_that_passed_fails_with_its_finally() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - { name: sign up, http: "POST {{ api }}/users" }
finally:
  - { name: delete, http: "DELETE {{ api }}/broken" }
"#;
    failed(&crate::support::run(&world.context, yaml).await, "delete", FailureKind::Status);
}

#[tokio::test]
async fn a_run_whose_time_is_up_fails_at_the_step_under_way_and_cleans_up() {
    let world = start().await;
    let yaml = r#"
journey: j
timeout: 200ms
steps:
  - { name: sign up, http: "POST {{ api }}/users", save: { user: json $.id } }
  - { name: hang, http: "GET {{ api }}/never" }
finally:
  - { name: delete, http: "DELETE {{ api }}/note/{{ user }}" }
"#;
    let run = crate::support::run(&world.context, yaml).await;
    failed(&run, "hang", FailureKind::Timeout);
    assert_eq!(run.detail, "hang: the 200ms of the journey ran out during this step");
    assert_eq!(world.old.lines(), ["POST /users", "DELETE /note/7"]);
}

#[tokio::test]
async fn a_step_has_a_timeout_of_its_own_and_says_with_whom_it_hung() {
    let world = start().await;
    let yaml = "journey: j\nsteps:\n  - { name: hang, http: \"GET {{ api }}/never\", timeout: 200ms }\n";
    let run = crate::support::run(&world.context, yaml).await;
    failed(&run, "hang", FailureKind::Timeout);
    let attempt = run.steps[0].last().unwrap();
    assert_eq!(attempt.reached, Some(Reached::Old), "{}", run.detail);
}

#[tokio::test]
async fn a_step_can_take_another_route_than_its_run() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - { name: write, http: "POST {{ api }}/users", route: old, expect: [answered == route, answered == old] }
  - { name: read, http: "GET {{ api }}/users", route: new, expect: [answered == route, answered == new] }
"#;
    let context = RunContext { route: Route::New, ..world.context.clone() };
    let run = crate::support::run(&context, yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    assert_eq!(
        (world.old.lines(), world.new.lines()),
        (vec!["POST /users".into()], vec!["GET /users".into()])
    );
    assert_eq!(run.steps.iter().map(|step| step.route).collect::<Vec<_>>(), [Route::Old, Route::New]);
}

#[tokio::test]
async fn a_forwarded_answer_is_of_the_wrong_side() {
    let world = start().await;
    let yaml = "journey: j\nsteps:\n  - { name: read, http: \"GET {{ api }}/forwarded\", expect: [answered == route] }\n";
    let run = crate::support::run(&world.context, yaml).await;
    failed(&run, "read", FailureKind::WrongSide);
    assert_eq!(run.detail, "read: expected answered == route, got new");
    let seen = run.observe(Phase::Go, None);
    assert_eq!((seen.reached, seen.answered), (Some(Reached::Old), Answered::New));
}

#[tokio::test]
async fn a_refused_connection_keeps_its_kind() {
    let world = start().await;
    world.servers[1].abort();
    let context = RunContext { route: Route::New, ..world.context.clone() };
    let yaml = "journey: j\nsteps:\n  - { name: read, http: \"GET {{ api }}/users\" }\n";
    let run = loop {
        // The server's socket closes when its task is gone, which is soon, but not at once.
        let run = crate::support::run(&context, yaml).await;
        if run.outcome != Outcome::Passed {
            break run;
        }
        tokio::task::yield_now().await;
    };
    let Outcome::Failed { kind, .. } = run.outcome else { panic!("{run:?}") };
    assert!(matches!(kind, FailureKind::Refused | FailureKind::Reset), "{}", run.detail);
}

#[tokio::test]
async fn a_cancelled_run_is_aborted_and_still_cleans_up() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - { name: sign up, http: "POST {{ api }}/users", save: { user: json $.id } }
  - { name: hang, http: "GET {{ api }}/never" }
finally:
  - { name: delete, http: "DELETE {{ api }}/note/{{ user }}" }
"#;
    let cancel = world.context.cancel.clone();
    let seen = world.old.clone();
    let canceller = tokio::spawn(async move {
        while seen.lines().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    });
    let run = crate::support::run(&world.context, yaml).await;
    canceller.await.unwrap();
    assert_eq!(run.outcome, Outcome::Aborted { cause: AbortCause::Shutdown });
    assert_eq!(world.old.lines(), ["POST /users", "DELETE /note/7"]);
}

#[tokio::test]
async fn what_cannot_be_saved_fails_the_step() {
    let world = start().await;
    let yaml = "journey: j\nsteps:\n  - { name: read, http: \"GET {{ api }}/users\", save: { token: json $.token } }\n";
    let run = crate::support::run(&world.context, yaml).await;
    failed(&run, "read", FailureKind::Assertion);
    assert_eq!(run.detail, "read: expected json $.token to save as `token`, got nothing");
}

#[tokio::test]
async fn a_shutdown_cuts_a_cleaning_up_that_hangs() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - { name: sign up, http: "POST {{ api }}/users" }
finally:
  - { name: hang, http: "GET {{ api }}/never" }
  - { name: not reached, http: "DELETE {{ api }}/note/7" }
"#;
    world.context.cancel.cancel();
    let started = tokio::time::Instant::now();
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!(run.outcome, Outcome::Aborted { cause: AbortCause::Shutdown });
    assert!(started.elapsed() < Duration::from_secs(8));
    assert!(world.old.lines().is_empty());
}
