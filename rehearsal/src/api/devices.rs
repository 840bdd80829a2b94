//! Devices and their datapoints.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, extract::Body};
use crate::app::Application;

#[derive(Deserialize)]
pub(super) struct Registration {
    device: String,
    fleet: String,
}

pub(super) async fn register(
    State(app): State<Arc<Application>>,
    Body(Registration { device, fleet }): Body<Registration>,
) -> Result<Answer, Answer> {
    let (username, password) = app.register(&device)?;
    let body = json!({ "device": device, "fleet": fleet, "username": username, "password": password });
    Ok(Answer::new(StatusCode::CREATED, body))
}

/// Which datapoints are wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Those with a higher number than this.
    after: Option<u64>,
}

pub(super) async fn points(
    State(app): State<Arc<Application>>,
    Path(device): Path<String>,
    Query(Wanted { after }): Query<Wanted>,
) -> Result<Answer, Answer> {
    let mut items = app.device_points(&device)?;
    items.retain(|point| after.is_none_or(|after| point.seq > after));
    Ok(Answer::new(StatusCode::OK, json!({ "count": items.len(), "items": items })))
}
