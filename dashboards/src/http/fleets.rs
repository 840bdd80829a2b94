//! Single devices, and the reset: for people and programs that ask.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use cutover::{Behind, DeviceQuery, DeviceState};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::api::{REPLY, admit, name, refused};
use super::{Inquiry, ResetOrder, Surface};

/// How many devices an answer has at most, and if nobody says how many.
const MOST: usize = 1_000;
const USUAL: usize = 100;
/// The longest word in a question.
const WORD: usize = 200;

/// The routes.
pub(super) fn routes() -> Router<Arc<Surface>> {
    Router::new()
        .route("/api/v1/devices", routing::get(devices))
        .route("/api/v1/resets/{id}", routing::get(report))
        .route("/api/v1/reset", routing::post(order))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    fleet: Option<String>,
    state: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

async fn devices(
    State(surface): State<Arc<Surface>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let query = match asked.map_err(|error| error.body_text()).and_then(|Query(asked)| understood(asked)) {
        Ok(query) => query,
        Err(why) => return refused(StatusCode::BAD_REQUEST, &why),
    };
    match ask(&surface, |reply| Inquiry::Devices { query, reply }).await {
        Ok(Ok(page)) => Json(page).into_response(),
        Ok(Err(why)) => refused(StatusCode::NOT_FOUND, &why),
        Err(refusal) => *refusal,
    }
}

fn understood(Asked { fleet, state, after, limit }: Asked) -> Result<DeviceQuery, String> {
    if [&fleet, &state, &after].into_iter().flatten().any(|word| word.len() > WORD) {
        return Err(format!("a word in the question has more than {WORD} bytes"));
    }
    let limit = limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(format!("`limit` is from 1 to {MOST}: ask for those `after` the last one of an answer"));
    }
    let mut query = DeviceQuery { fleet, after, limit, ..DeviceQuery::default() };
    if let Some(word) = state {
        query.state = DeviceState::ALL.into_iter().find(|state| state.as_str() == word);
        query.behind = Behind::ALL.into_iter().find(|behind| behind.as_str() == word);
        if query.state.is_none() && query.behind.is_none() {
            let states = DeviceState::ALL.map(DeviceState::as_str).join(", ");
            let behind = Behind::ALL.map(Behind::as_str).join(", ");
            return Err(format!("`{word}` is no state: there are {states}, {behind}"));
        }
    }
    Ok(query)
}

async fn report(State(surface): State<Arc<Surface>>, Path(id): Path<String>) -> Response {
    match ask(&surface, |reply| Inquiry::Reset { id: id.clone(), reply }).await {
        Ok(Some(report)) => Json(report).into_response(),
        Ok(None) => {
            let id: String = id.chars().take(WORD).collect();
            refused(StatusCode::NOT_FOUND, &format!("nobody knows of a reset `{id}`"))
        }
        Err(refusal) => *refusal,
    }
}

async fn order(State(surface): State<Arc<Surface>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = admit(surface.token.as_ref(), &headers) {
        return *refusal;
    }
    let order = match ordered(&body) {
        Ok(order) => order,
        Err(why) => return refused(StatusCode::BAD_REQUEST, &why),
    };
    match ask(&surface, |reply| Inquiry::Order { order, reply }).await {
        Ok(Ok(id)) => (StatusCode::ACCEPTED, Json(json!({ "id": id }))).into_response(),
        Ok(Err(why)) => refused(StatusCode::CONFLICT, &why),
        Err(refusal) => *refusal,
    }
}

fn ordered(body: &[u8]) -> Result<ResetOrder, String> {
    let example = r#"write {"fleet": "lamps", "by": "ann"}"#;
    let order: ResetOrder = serde_json::from_slice(body).map_err(|error| format!("{error}: {example}"))?;
    let whom = [&order.fleet, &order.device, &order.wave].into_iter().flatten().count();
    if whom > 1 {
        return Err("give one of `fleet`, `device` and `wave`, or none for all devices".to_owned());
    }
    Ok(ResetOrder { by: name(&order.by, example)?, ..order })
}

/// Hands a question over and waits for the answer.
async fn ask<T>(
    surface: &Surface,
    inquiry: impl FnOnce(oneshot::Sender<T>) -> Inquiry,
) -> Result<T, Box<Response>> {
    let refuse = |status, why: &str| Box::new(refused(status, why));
    let (reply, answer) = oneshot::channel();
    if surface.inquiries.try_send(inquiry(reply)).is_err() {
        return Err(refuse(StatusCode::SERVICE_UNAVAILABLE, "too many questions are waiting: try again"));
    }
    match tokio::time::timeout(REPLY, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(refuse(StatusCode::SERVICE_UNAVAILABLE, "the canary is stopping")),
        Err(_) => Err(refuse(StatusCode::GATEWAY_TIMEOUT, "no answer within 5 s: try again")),
    }
}
