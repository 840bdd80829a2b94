//! The application behind nginx: what it is asked comes back, and some of it takes several attempts or some time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How often each thing was asked for, and what was posted.
type Asked = Arc<Mutex<BTreeMap<String, Vec<Value>>>>;

/// Serves until its task is dropped; gives where.
pub(super) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let routes = Router::new()
        .route("/app/echo", any(echo))
        .route("/app/flaky/{times}/{key}", get(flaky))
        .route("/app/slow/{milliseconds}", get(slow))
        .route("/app/items/{key}", any(items))
        .with_state(Asked::default());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    at
}

/// All of the request, as JSON; a body that is no text by its bytes.
async fn echo(
    method: Method,
    uri: Uri,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Json<Value> {
    let headers: BTreeMap<_, _> = headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().replace('-', "_"), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    Json(json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": query,
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
        "json": serde_json::from_slice::<Value>(&body).ok(),
        "length": body.len(),
    }))
}

/// Out of service for so many times.
async fn flaky(
    State(asked): State<Asked>,
    Path((times, key)): Path<(usize, String)>,
) -> (StatusCode, Json<Value>) {
    let mut asked = asked.lock().unwrap();
    let before = asked.entry(key).or_default();
    before.push(Value::Null);
    let attempt = before.len();
    let status = if attempt > times { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "attempt": attempt })))
}

async fn slow(Path(milliseconds): Path<u64>) -> Json<Value> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Json(json!({ "waited": milliseconds }))
}

/// POST puts something under a key (twice with `?twice`), GET gives what is there, DELETE takes all of it away.
async fn items(
    State(asked): State<Asked>,
    Path(key): Path<String>,
    method: Method,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let mut asked = asked.lock().unwrap();
    let kept = asked.entry(key).or_default();
    let posted = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    match method {
        Method::POST => {
            let times = if query.contains_key("twice") { 2 } else { 1 };
            kept.extend(std::iter::repeat_n(posted, times));
            (StatusCode::CREATED, Json(json!({ "id": kept.len() })))
        }
        Method::DELETE => {
            kept.clear();
            (StatusCode::OK, Json(json!({})))
        }
        _ => (StatusCode::OK, Json(json!({ "count": kept.len(), "items": kept }))),
    }
}
