//! The endpoints for programs.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use cutover::{Phase, UnknownWord};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::{Command, Surface, Token, checkin, fleets, health, notes};
use crate::metrics::Metrics;

/// A command is a line or two; nobody needs more.
const BODY_BYTES: usize = 4096;
/// A name of a person or a program.
const BY_CHARS: usize = 80;
/// How long the owner of the state may take to answer a command.
pub(super) const REPLY: Duration = Duration::from_secs(5);

/// The routes to the endpoints.
pub(crate) fn routes() -> Router<Arc<Surface>> {
    Router::new()
        .route("/metrics", routing::get(metrics))
        .route("/healthz", routing::get(health::alive))
        .route("/readyz", routing::get(ready))
        .route("/api/v1/state", routing::get(state))
        .route("/api/v1/phase", routing::post(phase))
        .route("/api/v1/notes", routing::post(notes::note))
        .route("/api/v1/checkin", routing::post(checkin::check_in))
        .merge(fleets::routes())
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

async fn metrics(State(surface): State<Arc<Surface>>) -> Response {
    match surface.metrics.render() {
        Ok(text) => ([(CONTENT_TYPE, Metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be rendered");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be rendered: see the log")
        }
    }
}

async fn ready(State(surface): State<Arc<Surface>>) -> Response {
    match surface.snapshot().health.folded {
        0 => (StatusCode::SERVICE_UNAVAILABLE, "nothing observed yet\n").into_response(),
        _ => "ready\n".into_response(),
    }
}

async fn state(State(surface): State<Arc<Surface>>) -> Response {
    Json(surface.snapshot()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhaseBody {
    phase: String,
    by: String,
}

async fn phase(State(surface): State<Arc<Surface>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = admit(surface.token.as_ref(), &headers) {
        return *refusal;
    }
    let (to, by) = match asked(&body) {
        Ok(asked) => asked,
        Err(why) => return refused(StatusCode::BAD_REQUEST, &why),
    };
    let (reply, answer) = oneshot::channel();
    if surface.commands.try_send(Command::Phase { to, by, reply }).is_err() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "too many commands are waiting: try again");
    }
    match tokio::time::timeout(REPLY, answer).await {
        Ok(Ok(Ok(phase))) => Json(json!({ "phase": phase })).into_response(),
        Ok(Ok(Err(error))) => refused(StatusCode::CONFLICT, &error.to_string()),
        Ok(Err(_)) => refused(StatusCode::SERVICE_UNAVAILABLE, "the canary is stopping"),
        Err(_) => refused(
            StatusCode::GATEWAY_TIMEOUT,
            "no answer within 5 s: look at /api/v1/state whether the phase changed",
        ),
    }
}

fn asked(body: &[u8]) -> Result<(Phase, String), String> {
    let example = r#"write {"phase": "go", "by": "ann"}"#;
    let PhaseBody { phase, by } =
        serde_json::from_slice(body).map_err(|error| format!("{error}: {example}"))?;
    let phase = phase.parse().map_err(|error: UnknownWord| error.to_string())?;
    Ok((phase, name(&by, example)?))
}

/// The name of whoever commands.
pub(super) fn name(by: &str, example: &str) -> Result<String, String> {
    let by = by.trim();
    if by.is_empty() || by.chars().count() > BY_CHARS || by.contains(char::is_control) {
        return Err(format!("`by` must be a name of 1 to {BY_CHARS} characters: {example}"));
    }
    Ok(by.to_owned())
}

/// RFC 6750, section 2.1: the token in the `Authorization` header, and nowhere else.
pub(super) fn admit(token: Option<&Token>, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let Some(token) = token else {
        let why = "this canary takes no commands: it was started without a token";
        return Err(Box::new(refused(StatusCode::FORBIDDEN, why)));
    };
    let wrong = || Box::new(refused(StatusCode::FORBIDDEN, "this is not the token"));
    token.admits(bearer(headers)?).then_some(()).ok_or_else(wrong)
}

/// The token that is given.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Box<Response>> {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split_once(' '));
    match given {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") => Ok(given.trim()),
        _ => {
            let mut response =
                refused(StatusCode::UNAUTHORIZED, "give the token: Authorization: Bearer TOKEN");
            response.headers_mut().insert(WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"));
            Err(Box::new(response))
        }
    }
}

pub(super) fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
