//! A recording becomes a journey that runs: against a server that gives out another id and another token than the
//! recorded one did.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path as Segment, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use cutover::{Outcome, Route, Side, Sides};
use imports::Format;
use journeys::{Aims, RunContext};
use probes::{Aim, Pins, Resolver, Trust};
use serde_json::{Value, json};
use support::loads;
use tokio::net::TcpListener;

const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 63, 1);

/// What the server was sent.
type Seen = Arc<Mutex<Vec<String>>>;

fn app(seen: Seen) -> Router {
    let sign_up = async |State(seen): State<Seen>, Json(body): Json<Value>| {
        seen.lock().unwrap().push(format!("{} {}", body["email"], body["password"]));
        let cookie = AppendHeaders([("set-cookie", "sid=of-this-run; Path=/")]);
        (StatusCode::CREATED, cookie, Json(json!({ "id": 8152, "token": "tok-of-this-run-1" })))
    };
    let read = async |State(seen): State<Seen>, Segment(user): Segment<u32>, headers: HeaderMap| {
        seen.lock().unwrap().push(format!(
            "user {user} {} {}",
            text(&headers, "authorization"),
            text(&headers, "cookie")
        ));
        Json(json!({ "id": user, "name": "canary" })).into_response()
    };
    let note =
        async |State(seen): State<Seen>, headers: HeaderMap, Form(fields): Form<BTreeMap<String, String>>| {
            seen.lock().unwrap().push(format!("note {fields:?} {}", text(&headers, "authorization")));
            (StatusCode::SEE_OTHER, AppendHeaders([("location", "/users/8152")]))
        };
    Router::new()
        .route("/users", post(sign_up))
        .route("/users/{user}", get(read))
        .route("/notes", post(note))
        .with_state(seen)
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn context() -> RunContext {
    let resolver =
        Resolver::connect("none", SocketAddr::from((OLD, 9)), Duration::from_secs(1)).await.unwrap();
    let sides = Sides::new(vec!["127.0.63.0/24".parse().unwrap()], vec!["127.0.64.0/24".parse().unwrap()]);
    let sides = Arc::new(sides.unwrap());
    let mut pins = Pins::default();
    pins.pin(Side::Old, "test.example", IpAddr::V4(OLD));
    pins.pin(Side::New, "test.example", IpAddr::V4(OLD));
    let pins = Arc::new(pins);
    let aim = |route| Aim::new(route, sides.clone(), pins.clone(), resolver.clone());
    let aims = Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) };
    RunContext { route: Route::Old, ..RunContext::new(aims, Trust::new(&[]).unwrap(), "serin/test") }
}

#[tokio::test]
async fn a_recording_runs_with_the_ids_and_tokens_of_the_run() {
    let listener = TcpListener::bind((OLD, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Seen::default();
    let app = app(seen.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/har/recorder.har");
    let recording = fs::read_to_string(path).unwrap().replace("PORT", &port.to_string());
    let (journey, _folder) = loads(&Format::Har.import(&recording, "recorder").unwrap());
    let run = journey.run(&context().await).await;
    server.abort();
    assert!(matches!(run.outcome, Outcome::Passed), "{run:#?}");
    let expected = [
        "\"ann@acme.example\" \"value-of-TEST_PASSWORD\"",
        "user 8152 Bearer tok-of-this-run-1 sid=of-this-run",
        "note {\"text\": \"a b\", \"user_id\": \"8152\"} Bearer tok-of-this-run-1",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}
