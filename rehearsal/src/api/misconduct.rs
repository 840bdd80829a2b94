//! What a side that does its work badly does to a request.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Answer;
use crate::app::{Application, TAIL};

/// Delays a request, or answers it with 500 before anything is done. The health check is spared: a side that is bad
/// and says that it is well is what a monitor must see through.
pub(super) async fn misconduct(
    State(app): State<Arc<Application>>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path() != "/healthz" {
        if let Some(delay) = app.conduct().slow {
            tokio::time::sleep(delay).await;
        }
        if app.dawdles() {
            tokio::time::sleep(TAIL).await;
        }
        if app.errs() {
            return Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong").into_response();
        }
    }
    next.run(request).await
}
