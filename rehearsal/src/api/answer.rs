//! Answers, and the marker on them.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{app::Refusal, side::Side};

/// A status and a JSON object.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Value,
}

/// The body of an answer on its way to where it is marked and written out.
#[derive(Debug, Clone)]
struct Unwritten(Value);

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }

    pub(crate) fn error(status: StatusCode, why: impl Into<String>) -> Self {
        Self::new(status, json!({ "error": why.into() }))
    }

    /// The answer as it is where no side is to be marked.
    pub(crate) fn unmarked(self) -> Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Taken => StatusCode::CONFLICT,
            Refusal::BadCredentials | Refusal::NoSession => StatusCode::UNAUTHORIZED,
            Refusal::NotYours => StatusCode::FORBIDDEN,
            Refusal::NoDevice => StatusCode::NOT_FOUND,
            Refusal::BadName | Refusal::BadValue => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::error(status, refusal.to_string())
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Unwritten(self.body));
        response
    }
}

/// Marks every answer with the side that gives it. The one place that does: no handler can forget it.
pub(super) async fn mark(State(side): State<Side>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(Unwritten(mut body)) = response.extensions_mut().remove() {
        body["served_by"] = side.as_str().into();
        *response.body_mut() = Body::from(body.to_string());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.remove(header::CONTENT_LENGTH);
    }
    response.headers_mut().insert("x-served-by", HeaderValue::from_static(side.as_str()));
    response
}
