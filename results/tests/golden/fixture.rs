//! Runs as they could have been.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{AbortCause, Answered, Degraded, FailureKind, Outcome, Parts, Reached, Route, Vitals};
use journeys::{Asked, At, Attempt, Clean, DiffLine, Hop, Miss, Redactor, Run, Sent, StepRun, Unmet};
use probes::Fault;
use results::{Performed, Results, Sources};
use uuid::Uuid;

const FILE: &str = "journeys/first.yaml";
const SOURCE: &str = "journey: first datapoint
steps:
  - name: sign up
    http: POST {{ api }}/users
    expect: [status == 201, json $.state == \"active\"]
  - name: read it back
    http: GET {{ api }}/datapoints
    within: 300ms
    expect:
      - json $.items[0].value == 21.5
      - { json: $, equals: { count: 1, user: 7 } }
  - name: sign out
    http: POST {{ api }}/sign-out
finally:
  - name: delete
    http: DELETE {{ api }}/users/{{ user }}
";
const PLANNED: [&str; 4] = ["sign up", "read it back", "sign out", "delete"];
/// The mark of a secret.
const MARK: &str = "[secret.password]";
/// What a hostile peer or person could write.
const HOSTILE: &str = "</title><script>alert(1)</script>\"'&]]> \u{1b}[31m\n# | ok";

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn clean(text: &str) -> Clean {
    Redactor::default().clean(text)
}

fn place(line: usize, column: usize, width: usize) -> At {
    At { file: FILE.into(), line, column, width }
}

fn attempt(after: u64, took: u64, miss: Option<Miss>) -> Attempt {
    let peer: SocketAddr = "198.51.100.10:443".parse().unwrap();
    Attempt {
        after: ms(after),
        parts: Parts { wait: Some(ms(took) / 2), total: ms(took), ..Parts::default() },
        peer: Some(peer),
        reached: Some(Reached::New),
        answered: Answered::New,
        redirects: Vec::new(),
        vitals: None,
        miss,
        asked: Vec::new(),
        each: Vec::new(),
    }
}

fn miss(kind: FailureKind, message: &str, unmet: Vec<Unmet>) -> Miss {
    Miss { fault: Fault::Failed(kind), message: clean(message), unmet, at: None, said: None }
}

fn unmet(at: At, text: &str, expected: &str, actual: &str) -> Unmet {
    Unmet { text: text.into(), at, expected: clean(expected), actual: clean(actual), diff: Vec::new() }
}

/// A request that signs up.
fn asked() -> Asked {
    Asked {
        method: "POST".into(),
        url: clean("https://api.acme.example/users"),
        headers: vec![("content-type".into(), clean("application/json"))],
        credentials: None,
        body: Sent::Text(clean(&format!("{{\"name\":\"O'Neil\",\"password\":\"{MARK}\"}}"))),
        length: 45,
        version: None,
        ca: None,
        certificate: None,
        peer: None,
        status: Some(201),
        marks: [MARK.to_owned()].into(),
    }
}

fn step(name: &str, line: usize, attempts: Vec<Attempt>) -> StepRun {
    StepRun {
        name: name.into(),
        at: place(line, 11, 20),
        route: Route::New,
        finally: name == "delete",
        attempts,
        skipped: None,
        visible: None,
        degraded: None,
        kept: None,
    }
}

fn run(number: u128, route: Route, steps: Vec<StepRun>, outcome: Outcome, detail: &str) -> Performed {
    let decided_by = steps.iter().position(|step| step.last().is_some_and(|last| last.miss.is_some()));
    let run = Run {
        id: Uuid::from_u128(number),
        journey: "first datapoint".into(),
        variant: "".into(),
        route,
        // Only one of them has data.
        row: (number == 3).then_some(7),
        intended: at(),
        started: at(),
        took: ms(1_500),
        steps,
        decided_by,
        outcome,
        detail: clean(detail),
    };
    let planned: Vec<Arc<str>> = PLANNED.iter().map(|name| (*name).into()).collect();
    Performed { file: FILE.into(), planned, run }
}

fn failed(step: &str, kind: FailureKind) -> Outcome {
    Outcome::Failed { step: step.to_owned(), kind }
}

/// The answer is not the one expected, over and over.
fn wrong() -> Performed {
    let first = "expected json $.items[0].value == 21.5, got nothing";
    let mut document = unmet(place(11, 9, 45), "json $ equals", "the document below", "another one");
    document.diff = vec![
        DiffLine::Same(clean("{")),
        DiffLine::Expected(clean("  \"count\": 1,")),
        DiffLine::Actual(clean("  \"count\": 2,")),
        DiffLine::Omitted(3),
        DiffLine::Same(clean("}")),
    ];
    let last = vec![unmet(place(10, 9, 29), "json $.items[0].value == 21.5", "21.5", "20.9"), document];
    let mut attempts = vec![
        attempt(40, 100, Some(miss(FailureKind::Reset, "the peer cut the connection", Vec::new()))),
        attempt(340, 100, Some(miss(FailureKind::Lost, first, Vec::new()))),
        attempt(640, 100, Some(miss(FailureKind::Lost, first, Vec::new()))),
        attempt(940, 100, Some(miss(FailureKind::Lost, "expected other things", last))),
    ];
    let signed = Attempt { asked: vec![asked()], ..attempt(0, 34, None) };
    // The last one was sent elsewhere, twice.
    let hop = |path: &str, status, reached| Hop {
        url: clean(&format!("https://api.acme.example{path}")),
        status,
        peer: "198.51.100.10:443".parse().unwrap(),
        reached,
    };
    let hops = vec![hop("/datapoints", 301, Reached::Old), hop("/v2/datapoints", 307, Reached::New)];
    attempts.last_mut().unwrap().redirects = hops;
    let steps = vec![
        step("sign up", 4, vec![signed]),
        StepRun { kept: Some("artifacts/20270115".into()), ..step("read it back", 7, attempts) },
        step("delete", 16, vec![attempt(1_050, 8, None)]),
    ];
    run(
        2,
        Route::New,
        steps,
        failed("read it back", FailureKind::Lost),
        "read it back: expected other things",
    )
}

/// What a peer says is not to be believed, and not to be obeyed.
fn hostile() -> Performed {
    let last = vec![unmet(place(5, 14, 13), "status == 201", "201", HOSTILE)];
    let refused = attempt(0, 34, Some(miss(FailureKind::Status, HOSTILE, last)));
    let steps = vec![
        step("sign up", 4, vec![Attempt { asked: vec![asked()], ..refused }]),
        StepRun { skipped: Some("`user` was never saved".to_owned()), ..step("delete", 16, Vec::new()) },
    ];
    run(3, Route::Live, steps, failed("sign up", FailureKind::Status), HOSTILE)
}

fn aborted() -> Performed {
    let gone = Miss {
        fault: Fault::Aborted(AbortCause::Resolver),
        message: clean("the resolver 192.0.2.53 does not answer"),
        unmet: Vec::new(),
        at: None,
        said: None,
    };
    let silent =
        Attempt { peer: None, reached: None, answered: Answered::Unmarked, ..attempt(0, 2_000, Some(gone)) };
    let outcome = Outcome::Aborted { cause: AbortCause::Resolver };
    run(
        4,
        Route::Live,
        vec![step("sign up", 4, vec![silent])],
        outcome,
        "sign up: the resolver does not answer",
    )
}

fn passed() -> Performed {
    let degraded = Some(Degraded { took: ms(450), budget: ms(300) });
    let vitals = Some(Vitals { ttfb: Some(ms(120)), fcp: Some(ms(200)), lcp: None, cls: Some(0.02) });
    // At every address that the name has, wherever the route leads.
    let at = |address: &str| Attempt {
        peer: address.parse().ok(),
        asked: vec![Asked { peer: address.parse().ok(), ..asked() }],
        ..attempt(300, 6, None)
    };
    let each = vec![at("198.51.100.10:443"), at("[2001:db8::1]:443")];
    let forwarded = Attempt { reached: Some(Reached::Old), each, ..attempt(300, 12, None) };
    let steps = vec![
        step("sign up", 4, vec![attempt(0, 34, None)]),
        StepRun {
            visible: Some(ms(450)),
            degraded,
            kept: Some("artifacts/read-it-back".into()),
            ..step("read it back", 7, vec![Attempt { vitals, ..attempt(40, 450, None) }])
        },
        StepRun { route: Route::Live, ..step("sign out", 13, vec![forwarded]) },
        step("delete", 16, vec![attempt(320, 8, None)]),
    ];
    run(1, Route::Old, steps, Outcome::Passed, "")
}

/// A run that could not even begin.
fn unbegun() -> Performed {
    let outcome = Outcome::Aborted { cause: AbortCause::Script };
    run(5, Route::Live, Vec::new(), outcome, "email: a template cannot be filled in")
}

/// All of them.
pub(super) fn results() -> Results {
    let mut sources = Sources::default();
    sources.add(FILE.into(), SOURCE);
    Results {
        started: at(),
        took: ms(4_200),
        performed: vec![passed(), wrong(), hostile(), aborted(), unbegun()],
        left_out: 1,
        sources,
        sided: true,
        authority: Some("ca.pem".to_owned()),
    }
}
