//! The course of runs: tried again, until, over budget, per variant, at every address, on both sides.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use cutover::{FailureKind, Outcome, Phase, Reached, Route, Side, Sides};
use journeys::{Journey, Known, Run, RunContext, Secrets};
use probes::{Pins, Resolver};
use serde_json::{Value, json};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::support::{NEW, OLD, both_sides};

/// What both sides' servers know.
#[derive(Clone, Default)]
struct Seen {
    tries: Arc<AtomicU32>,
    apps: Arc<Mutex<Vec<String>>>,
    items: Arc<Mutex<Vec<Value>>>,
}

struct World {
    context: RunContext,
    seen: Seen,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn start() -> World {
    let (old, new) = both_sides().await;
    let port = old.local_addr().unwrap().port();
    let seen = Seen::default();
    let mut tasks = Vec::new();
    for (listener, side) in [(old, "old"), (new, "new")] {
        let app = app(side, seen.clone());
        tasks.push(tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }));
    }
    let socket = UdpSocket::bind((OLD, 0)).await.unwrap();
    let dns = socket.local_addr().unwrap();
    tasks.push(tokio::spawn(name_server(socket)));
    let resolver = Resolver::connect("dns", dns, Duration::from_secs(5)).await.unwrap();
    let sides = Sides::new(vec!["127.0.61.0/24".parse().unwrap()], vec!["127.0.62.0/24".parse().unwrap()]);
    let mut pins = Pins::default();
    pins.pin(Side::Old, "test.example", OLD.into());
    pins.pin(Side::New, "test.example", NEW.into());
    let aims = crate::support::aims(&Arc::new(sides.unwrap()), pins, &resolver);
    let vars = [("api".to_owned(), format!("http://test.example:{port}"))].into_iter().collect();
    World { context: crate::support::world(aims, &[], vars), seen, tasks }
}

/// Says of every name that it is on both sides (RFC 1035 section 4.1).
async fn name_server(socket: UdpSocket) {
    let mut packet = [0; 512];
    while let Ok((length, asker)) = socket.recv_from(&mut packet).await {
        let end = packet[12..length].iter().position(|byte| *byte == 0).unwrap() + 12 + 5;
        let wants_ipv4 = packet[end - 4..end - 2] == [0, 1];
        let addresses: &[Ipv4Addr] = if wants_ipv4 { &[OLD, NEW] } else { &[] };
        let mut answer = packet[..2].to_vec();
        answer.extend([0x81, 0x80, 0, 1, 0, u8::try_from(addresses.len()).unwrap(), 0, 0, 0, 0]);
        answer.extend(&packet[12..end]);
        for address in addresses {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
            answer.extend(address.octets());
        }
        socket.send_to(&answer, asker).await.unwrap();
    }
}

fn app(side: &'static str, seen: Seen) -> Router {
    // Fails until it was asked so often.
    let third = |State(seen): State<Seen>, Path(times): Path<u32>| async move {
        let asked = seen.tries.fetch_add(1, SeqCst) + 1;
        let status = if asked < times { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        (status, Json(json!({ "asked": asked })))
    };
    let slow = |Path(ms): Path<u64>| async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        StatusCode::OK
    };
    let app = |State(seen): State<Seen>, headers: HeaderMap| async move {
        let app = headers.get("x-app").map(|value| value.to_str().unwrap().to_owned());
        seen.apps.lock().unwrap().extend(app);
    };
    let whoami = move || async move { Json(json!({ "side": side, "version": 7 })) };
    // Writes on old arrive on both sides when it has been read often enough; those that begin with `twice` twice.
    let write = |State(seen): State<Seen>, Json(item): Json<Value>| async move {
        let times = if item["id"].as_str().is_some_and(|id| id.starts_with("twice")) { 2 } else { 1 };
        let kept = item["id"] != "lost";
        seen.items.lock().unwrap().extend(std::iter::repeat_n(item, if kept { times } else { 0 }));
        StatusCode::CREATED
    };
    let read = |State(seen): State<Seen>| async move {
        let arrived = seen.tries.fetch_add(1, SeqCst) >= 2;
        let items = if arrived { seen.items.lock().unwrap().clone() } else { Vec::new() };
        Json(json!({ "count": items.len() }))
    };
    Router::new()
        .route("/third/{times}", get(third))
        .route("/slow/{ms}", get(slow))
        .route("/never", any(std::future::pending::<()>))
        .route("/app", any(app))
        .route("/whoami", get(whoami))
        .route("/items", post(write).get(read))
        .with_state(seen)
}

fn load(world: &World, yaml: &str) -> Journey {
    let journey =
        Journey::parse(yaml, "test.yaml", Known { vars: &world.context.vars, secrets: &Secrets::default() });
    journey.unwrap_or_else(|rejected| panic!("{rejected}"))
}

async fn run(world: &World, steps: &str) -> Run {
    load(world, &format!("journey: j\nsteps:\n{steps}")).run(&world.context).await
}

#[tokio::test]
async fn a_retry_keeps_every_attempt_and_says_how_many_there_were() {
    let world = start().await;
    let step = r#"  - name: read
    http: GET {{ api }}/third/3
    retry: { attempts: 4, every: 20ms, backoff: 2 }
"#;
    let run = run(&world, step).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    let attempts = &run.steps[0].attempts;
    let failed: Vec<_> = attempts.iter().map(|attempt| attempt.miss.is_some()).collect();
    assert_eq!(failed, [true, true, false]);
    assert!(attempts[2].after - attempts[1].after >= Duration::from_millis(40));
    let seen = run.observe(Phase::Go, None);
    assert_eq!((seen.steps[0].attempts, seen.steps[0].visible), (3, None));
}

#[tokio::test]
async fn a_retry_that_is_used_up_fails_with_its_last_attempt() {
    let world = start().await;
    let run = run(&world, "  - { name: read, http: \"GET {{ api }}/third/9\", retry: 2 }\n").await;
    assert_eq!(run.outcome, Outcome::Failed { step: "read".to_owned(), kind: FailureKind::Status });
    assert_eq!((run.steps[0].attempts.len(), run.steps[0].degraded), (2, None));
    assert_eq!(run.trace().len(), 32);
}

#[tokio::test]
async fn over_its_budget_a_step_is_degraded_and_its_run_passes_all_the_same() {
    let world = start().await;
    let steps = r#"  - { name: slow, http: "GET {{ api }}/slow/60", within: 20ms }
  - { name: quick, http: "GET {{ api }}/slow/0", within: 20s }
"#;
    let run = run(&world, steps).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    let seen = run.observe(Phase::Go, None);
    let over: Vec<_> = seen.degraded().map(|(step, over)| (&*step.name, over.budget)).collect();
    assert_eq!(over, [("slow", Duration::from_millis(20))]);
    assert!(run.steps[0].degraded.unwrap().took >= Duration::from_millis(60));
}

#[tokio::test]
async fn finally_has_a_time_of_its_own() {
    let world = start().await;
    let yaml = r#"
journey: j
finally-timeout: 150ms
steps:
  - { name: read, http: "GET {{ api }}/whoami" }
finally:
  - { name: hang, http: "GET {{ api }}/never" }
  - { name: not reached, http: "GET {{ api }}/app" }
"#;
    let run = load(&world, yaml).run(&world.context).await;
    assert_eq!(run.detail.to_string(), "hang: the 150ms of finally ran out during this step");
    assert_eq!(run.steps.len(), 2);
}

#[tokio::test]
async fn each_variant_runs_with_its_values_and_only_its_steps() {
    let world = start().await;
    let yaml = r#"
journey: j
variants: { app: [7.1, 7.2], locale: [en, de] }
vars: { agent: "{{ variant.app }}-{{ variant.locale }}" }
steps:
  - { name: all, http: "GET {{ api }}/app", headers: { x-app: "{{ agent }}" } }
  - { name: new only, http: "GET {{ api }}/app", headers: { x-app: beta }, when: { app: 7.2, locale: [de, en] } }
"#;
    let journey = load(&world, yaml);
    let mut names = Vec::new();
    for variant in journey.variants() {
        let context = RunContext { variant: variant.clone(), ..world.context.clone() };
        let run = journey.run(&context).await;
        assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
        assert_eq!(run.steps[1].skipped.is_some(), variant.value("app") == Some("7.1"));
        names.push(run.observe(Phase::Go, None).series().to_string());
    }
    assert_eq!(
        names,
        ["j [app=7.1,locale=en]", "j [app=7.1,locale=de]", "j [app=7.2,locale=en]", "j [app=7.2,locale=de]"]
    );
    assert_eq!(*world.seen.apps.lock().unwrap(), ["7.1-en", "7.1-de", "7.2-en", "beta", "7.2-de", "beta"]);
}

#[tokio::test]
async fn a_step_goes_to_every_address_of_its_name() {
    let world = start().await;
    let step = |expect: &str| {
        format!(
            "  - name: read\n    http: GET {{{{ api }}}}/whoami\n    route: live\n    addresses: each\n    expect:\n      - {expect}\n    save: {{ side: json $.side }}\n"
        )
    };
    let passed = run(&world, &step("json $.version same")).await;
    assert_eq!(passed.outcome, Outcome::Passed, "{}", passed.detail);
    let each = &passed.steps[0].attempts[0].each;
    let reached: Vec<_> = each.iter().map(|attempt| attempt.reached.unwrap()).collect();
    assert_eq!(reached, [Reached::Old, Reached::New]);

    let other = run(&world, &step("json $.side same")).await;
    let port = each[0].peer.unwrap().port();
    let peers = [OLD, NEW].map(|address| SocketAddr::from((address, port)));
    assert_eq!(
        other.detail.to_string(),
        format!("read: expected json $.side same, got \"old\" from {}, \"new\" from {}", peers[0], peers[1])
    );
    let missed = run(&world, &step("json $.side == \"old\"")).await;
    assert!(
        missed.detail.starts_with(&format!("read: at {}, 1 of 2 addresses: expected json", peers[1])),
        "{}",
        missed.detail
    );
}

/// Written on one side, and read on the other until it is there, once.
async fn written(world: &World, id: &str) -> Run {
    world.seen.tries.store(0, SeqCst);
    world.seen.items.lock().unwrap().clear();
    let steps = format!(
        r#"  - {{ name: write, http: "POST {{{{ api }}}}/items", route: old, json: {{ id: {id} }} }}
  - name: arrived
    http: GET {{{{ api }}}}/items
    route: new
    until: 300ms
    every: 20ms
    failure: lost
    expect: [json $.count >= 1]
  - {{ name: once, http: "GET {{{{ api }}}}/items", route: new, failure: duplicate, expect: [json $.count == 1] }}
"#
    );
    run(world, &steps).await
}

#[tokio::test]
async fn what_is_written_on_one_side_is_seen_on_the_other_lost_or_doubled() {
    let world = start().await;
    let seen = written(&world, "one").await.observe(Phase::Go, None);
    assert_eq!(seen.outcome, Outcome::Passed, "{}", seen.detail);
    let arrived = &seen.steps[1];
    assert_eq!((arrived.route, arrived.attempts), (Route::New, 3));
    assert!(arrived.visible.unwrap() >= Duration::from_millis(40), "{:?}", arrived.visible);

    for (id, step, kind) in
        [("lost", "arrived", FailureKind::Lost), ("twice", "once", FailureKind::Duplicate)]
    {
        let seen = written(&world, id).await.observe(Phase::Go, None);
        assert_eq!(seen.outcome, Outcome::Failed { step: step.to_owned(), kind }, "{}", seen.detail);
        assert_eq!(seen.steps[1].visible.is_some(), id == "twice");
    }
}
