//! The control of a world that runs in a process of its own: plain HTTP on loopback.
//!
//! `POST /flip/old|new`, `POST /mark/ready|set|go`, `POST /fault/SPEC` (at once, unless it names a moment),
//! `POST /heal`, `GET /places`, `GET /mails`.

use std::{fmt::Display, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{Places, handle::Handle};
use crate::{
    api::Answer,
    faults::{Fault, Timed},
};

pub(super) fn router(world: Handle) -> Router {
    Router::new()
        .route("/flip/{side}", post(flip))
        .route("/mark/{mark}", post(mark))
        .route("/fault/{spec}", post(fault))
        .route("/heal", post(heal))
        .route("/places", get(places))
        .route("/mails", get(mails))
        .fallback(async || Answer::error(StatusCode::NOT_FOUND, "there is nothing here").unmarked())
        .with_state(Arc::new(world))
}

type World = State<Arc<Handle>>;

async fn flip(State(world): World, Path(side): Path<String>) -> Response {
    done(side.parse().map(|side| world.stage.flip(side)))
}

async fn mark(State(world): World, Path(mark): Path<String>) -> Response {
    done(mark.parse().map(|mark| world.stage.mark(mark)))
}

async fn fault(State(world): World, Path(spec): Path<String>) -> Response {
    done(if spec.contains('@') {
        spec.parse::<Timed<Fault>>().map(|timed| world.schedule(timed))
    } else {
        spec.parse().map(|fault| world.stage.inject(fault))
    })
}

async fn heal(State(world): World) -> Response {
    world.stage.heal();
    done::<String>(Ok(()))
}

async fn places(State(world): World) -> Json<Places> {
    Json(world.stage.places.clone())
}

async fn mails(State(world): World) -> Json<Value> {
    let mails = world.stage.mails.borrow().clone();
    let items: Vec<_> = mails
        .iter()
        .map(|mail| json!({ "from": mail.from, "to": mail.to, "subject": mail.subject, "body": mail.body }))
        .collect();
    Json(json!({ "count": items.len(), "items": items }))
}

fn done<E: Display>(result: Result<(), E>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => Answer::error(StatusCode::BAD_REQUEST, error.to_string()).unmarked(),
    }
}
