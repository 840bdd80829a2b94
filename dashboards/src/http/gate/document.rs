//! The document: for scripts, for people, and for Argo Rollouts' web metric provider.
//!
//! The provider takes what `jsonPath: "{$.data}"` finds as `result` and evaluates its conditions on it; where neither
//! the one for success nor the one for failure holds, the measurement is inconclusive and it measures on. Any status
//! but 2xx is an error to it, and after five in a row it aborts the rollout (`docs/analysis/web.md`,
//! `metricproviders/webmetric/webmetric.go` and `utils/defaults/defaults.go` of argoproj/argo-rollouts v1.9). So the
//! status is always 200: `hold` is an answer, not an error.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use chrono::Utc;
use serde_json::json;

use super::Surface;
use super::advice::Advice;

pub(super) fn routes() -> Router<Arc<Surface>> {
    Router::new().route("/api/v1/gate", routing::get(gate))
}

async fn gate(State(surface): State<Arc<Surface>>) -> Response {
    Json(json!({ "data": Advice::of(&surface.snapshot(), Utc::now()) })).into_response()
}
