//! Where people and programs leave word of what they did.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::api::{admit, name, refused};
use super::{Command, Surface};

/// A sentence or two.
const TEXT_CHARS: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    by: String,
}

/// Hands a note to the owner of the state. It is taken, not yet on the disk: a note is nothing that anybody relies on.
pub(super) async fn note(State(surface): State<Arc<Surface>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = admit(surface.token.as_ref(), &headers) {
        return *refusal;
    }
    let command = match noted(&body) {
        Ok(command) => command,
        Err(why) => return refused(StatusCode::BAD_REQUEST, &why),
    };
    match surface.commands.try_send(command) {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "noted": true }))).into_response(),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, "too many commands are waiting: try again"),
    }
}

fn noted(body: &[u8]) -> Result<Command, String> {
    let example = r#"write {"text": "switched the office's resolver over", "by": "ann"}"#;
    let Note { text, by } = serde_json::from_slice(body).map_err(|error| format!("{error}: {example}"))?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS || text.contains(char::is_control) {
        return Err(format!("`text` must be a line of 1 to {TEXT_CHARS} characters: {example}"));
    }
    Ok(Command::Note { by: name(&by, example)?, text: text.to_owned() })
}
