//! Which request goes where.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{delete, get, post},
};
use serde_json::json;

use super::{Answer, answer::mark, console, devices, misconduct::misconduct, users};
use crate::app::Application;

/// The most bytes that a request's body may have.
const BODY_LIMIT: usize = 16 * 1024;

/// The API and console of one side.
pub(crate) fn router(app: Arc<Application>) -> Router {
    let side = app.side();
    Router::new()
        .route("/healthz", get(async || Answer::new(StatusCode::OK, json!({ "state": "ok" }))))
        .route("/users", post(users::sign_up))
        .route("/users/{id}", delete(users::delete))
        .route("/sessions", post(users::sign_in))
        .route("/datapoints", get(users::points).post(users::post))
        .route("/devices", post(devices::register))
        .route("/devices/{id}/datapoints", get(devices::points))
        .route("/console", get(console::form))
        .route("/console/sign-in", post(console::sign_in))
        .route("/console/home", get(console::home))
        .fallback(async || Answer::error(StatusCode::NOT_FOUND, "there is nothing here"))
        .method_not_allowed_fallback(async || {
            Answer::error(StatusCode::METHOD_NOT_ALLOWED, "this method is not for this path")
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(app.clone(), misconduct))
        .layer(from_fn_with_state(side, mark))
        .with_state(app)
}
