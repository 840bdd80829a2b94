//! Users, their sessions and their datapoints.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer,
    extract::{Bearer, Body, credentials},
};
use crate::app::Application;

#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
}

pub(super) async fn sign_up(
    State(app): State<Arc<Application>>,
    Body(Credentials { email, password }): Body<Credentials>,
) -> Result<Answer, Answer> {
    credentials(&email, &password)?;
    let id = app.sign_up(email.clone(), password)?;
    Ok(Answer::new(StatusCode::CREATED, json!({ "id": id, "email": email, "state": "active" })))
}

pub(super) async fn sign_in(
    State(app): State<Arc<Application>>,
    Body(Credentials { email, password }): Body<Credentials>,
) -> Result<Answer, Answer> {
    let (token, id) = app.sign_in(&email, &password)?;
    Ok(Answer::new(StatusCode::OK, json!({ "token": token, "user": { "id": id } })))
}

pub(super) async fn delete(
    State(app): State<Arc<Application>>,
    Bearer(token): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Answer> {
    app.delete(&token, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct Datapoint {
    name: String,
    value: Value,
}

pub(super) async fn post(
    State(app): State<Arc<Application>>,
    Bearer(token): Bearer,
    Body(Datapoint { name, value }): Body<Datapoint>,
) -> Result<Answer, Answer> {
    if !(1..=64).contains(&name.len()) {
        return Err(Answer::error(StatusCode::UNPROCESSABLE_ENTITY, "a datapoint's name has 1 to 64 bytes"));
    }
    let id = app.post(&token, name, value)?;
    Ok(Answer::new(StatusCode::CREATED, json!({ "id": id })))
}

#[derive(Deserialize)]
pub(super) struct Of {
    user: Option<String>,
}

pub(super) async fn points(
    State(app): State<Arc<Application>>,
    Bearer(token): Bearer,
    Query(of): Query<Of>,
) -> Result<Answer, Answer> {
    let user = of.user.ok_or_else(|| Answer::error(StatusCode::BAD_REQUEST, "whose? ask with `?user=ID`"))?;
    let items = app.points(&token, &user)?;
    Ok(Answer::new(StatusCode::OK, json!({ "count": items.len(), "items": items })))
}
