//! An HTTP API that does what the test says: devices poll it for commands and post datapoints, and whoever wants to
//! know reads them back. What a side's broker receives is there, too.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The numbers of the datapoints that one side has, by device, in the order in which they came.
pub(crate) type Received = Arc<Mutex<BTreeMap<String, Vec<u64>>>>;

/// One side's API, and what it has seen.
#[derive(Default)]
pub(crate) struct Api {
    /// Answers everything with 503.
    pub(crate) refuses: AtomicBool,
    /// How long it takes for an answer, in milliseconds.
    pub(crate) takes: AtomicU32,
    /// The command that every device gets, as often as it asks.
    pub(crate) command: Mutex<String>,
    pub(crate) polls: AtomicU32,
    /// The `authorization` headers seen, without repetition.
    pub(crate) passes: Mutex<Vec<String>>,
    pub(crate) received: Received,
}

impl Api {
    pub(crate) fn start(
        listener: TcpListener,
        received: Received,
        stop: CancellationToken,
        tracker: &TaskTracker,
    ) -> Arc<Self> {
        let api = Arc::new(Self { received, ..Self::default() });
        let router = Router::new()
            .route("/devices/{id}/commands", get(poll))
            .route("/devices/{id}/datapoints", post(take).get(read))
            .layer(from_fn_with_state(Arc::clone(&api), answer))
            .with_state(Arc::clone(&api));
        tracker.spawn(async move {
            let serving = axum::serve(listener, router);
            tokio::select! { () = stop.cancelled() => {} served = serving => served.unwrap() }
        });
        api
    }
}

async fn answer(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    if api.refuses.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    sleep(Duration::from_millis(api.takes.load(Ordering::SeqCst).into())).await;
    next.run(request).await
}

async fn poll(State(api): State<Arc<Api>>, headers: HeaderMap) -> String {
    api.polls.fetch_add(1, Ordering::SeqCst);
    let pass = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let mut passes = api.passes.lock().unwrap();
    let new = pass.filter(|pass| !passes.contains(pass));
    passes.extend(new);
    api.command.lock().unwrap().clone()
}

async fn take(State(api): State<Arc<Api>>, Path(id): Path<String>, Json(body): Json<Value>) -> StatusCode {
    let seq = body["seq"].as_u64().unwrap();
    api.received.lock().unwrap().entry(id).or_default().push(seq);
    StatusCode::ACCEPTED
}

async fn read(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, u64>>,
) -> Json<Value> {
    let received = api.received.lock().unwrap();
    let all = received.get(&id).into_iter().flatten();
    let items: Vec<_> = all.filter(|seq| **seq > query["after"]).map(|seq| json!({ "seq": seq })).collect();
    Json(json!({ "items": items }))
}
