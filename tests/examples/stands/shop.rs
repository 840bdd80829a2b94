//! A shop: what an application answers that the rehearsal's does not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::folder::ACCOUNT;

/// The runs that were turned away once.
type Seen = Arc<Mutex<BTreeSet<String>>>;

pub(super) fn serve(listener: TcpListener, side: &'static str) -> JoinHandle<()> {
    let mark = move |mut response: Response| async move {
        response.headers_mut().insert("x-served-by", HeaderValue::from_static(side));
        response
    };
    let router = Router::new()
        .route("/", get(front))
        .route("/order", get(async || page("Order", ORDER)))
        .route("/thanks", get(thanks))
        .route("/orders", get(orders).post(order))
        .route("/users/{user}/orders/17", get(one_order))
        .route("/profile", get(async || Json(profile())))
        .route("/receipt", get(async || "order 17: paid, 8.50 EUR"))
        .route("/version", get(async || Json(json!({ "version": "7.2.1" }))))
        .route("/flaky", get(flaky))
        .route("/sessions", post(sign_in))
        .route("/me", get(me))
        .route("/uploads", post(upload))
        .route("/notes", post(async |note: String| (StatusCode::CREATED, note)))
        .route("/photo", put(async |photo: axum::body::Bytes| Json(json!({ "bytes": photo.len() }))))
        .route("/home", get(home))
        .route("/widgets", get(async || Json(json!(["clock", "weather"]))))
        .route("/search", get(search))
        .layer(map_response(mark))
        .with_state(Seen::default());
    tokio::spawn(async move { drop(axum::serve(listener, router).await) })
}

const ORDER: &str = r#"<form action="/thanks">
<select name="size"><option>small</option><option>large</option></select>
<input type="file" name="photo"> <input name="note"> <button>Order</button></form>"#;

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!("<!doctype html><title>{title}</title><h1>{title}</h1>{body}"))
}

async fn front() -> Html<String> {
    let nav =
        r#"<nav><a href="/order">Order</a> <a href="/orders">Orders</a> <a href="/home">Home</a></nav>"#;
    page("Acme shop", &format!("{nav}<form><input name=token value=f00d></form>"))
}

async fn thanks(Query(order): Query<BTreeMap<String, String>>) -> Html<String> {
    let text = |key: &str| order.get(key).map(String::as_str).unwrap_or_default();
    let body = format!("<p>{}, {}, {}: on its way.</p>", text("size"), text("photo"), text("note"));
    page("Thanks", &body)
}

async fn orders(Query(of): Query<BTreeMap<String, String>>) -> Json<Value> {
    Json(json!({
        "id": "7d444840-9dc0-4e1d-a2b4-0c9e7e3b1f10",
        "user": of.get("user"),
        "created": Utc::now().to_rfc3339(),
        "items": [{ "name": "lamp", "price": 21.5 }, { "name": "bulb", "price": 3 }],
        "warnings": [],
    }))
}

async fn one_order(Path(user): Path<String>) -> Json<Value> {
    Json(json!({
        "id": 17,
        "state": "open",
        "user": user,
        "items": [{ "name": "pen", "price": 1.5, "at": Utc::now() }, { "name": "ink", "price": 7.0, "at": Utc::now() }],
    }))
}

async fn order(headers: HeaderMap, Json(order): Json<Value>) -> Response {
    let signed = text(&headers, "x-signature").len() == 64;
    let status = if signed { StatusCode::CREATED } else { StatusCode::BAD_REQUEST };
    (status, Json(order)).into_response()
}

fn profile() -> Value {
    json!({
        "id": "7d444840-9dc0-4e1d-a2b4-0c9e7e3b1f10",
        "age": 42, "height": 1.78, "name": "Ann", "active": true, "partner": null,
        "born": "1984-04-01", "email": "ann@acme.example", "home": "https://ann.example/",
        "devices": ["lamp"], "address": { "city": "Bern" }, "ipv4": "192.0.2.7", "ipv6": "2001:db8::7",
    })
}

/// Turns away each run once.
async fn flaky(State(seen): State<Seen>, headers: HeaderMap) -> StatusCode {
    let first = seen.lock().unwrap().insert(text(&headers, "x-serin-run"));
    if first { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

async fn sign_in(Json(body): Json<Value>) -> Response {
    let known = (body["email"].as_str(), body["password"].as_str()) == (Some(ACCOUNT.0), Some(ACCOUNT.1));
    let code = body.get("code").is_none_or(|code| code.as_str().is_some_and(|code| code.len() == 6));
    if known && code {
        Json(json!({ "token": "token-of-ann" })).into_response()
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

async fn me(headers: HeaderMap) -> Response {
    match text(&headers, "authorization").as_str() {
        "Bearer token-of-ann" => Json(json!({ "email": ACCOUNT.0 })).into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn upload(headers: HeaderMap, body: axum::body::Bytes) -> Response {
    let given = text(&headers, "authorization");
    let given = given.strip_prefix("Basic ").and_then(|given| STANDARD.decode(given).ok());
    // Whoever says who they are: a name, and a password.
    if !given.is_some_and(|given| given.split(|byte| *byte == b':').all(|part| part.len() > 5)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let kind = text(&headers, "content-type");
    (StatusCode::CREATED, Json(json!({ "type": kind, "bytes": body.len() }))).into_response()
}

async fn home(headers: HeaderMap) -> Json<Value> {
    let greeting = if text(&headers, "accept-language") == "de" { "Guten Tag" } else { "Good day" };
    Json(json!({ "greeting": greeting, "for": text(&headers, "user-agent") }))
}

async fn search(headers: HeaderMap, Query(query): Query<BTreeMap<String, String>>) -> Json<Value> {
    let q = query.get("q").map(String::as_str).unwrap_or_default();
    Json(json!({ "q": q, "cursor": STANDARD.encode(q), "region": text(&headers, "x-region") }))
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
