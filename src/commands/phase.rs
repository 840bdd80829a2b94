//! `serin phase`

use http::StatusCode;
use serde_json::json;

use super::api::Api;
use crate::cli::PhaseChange;
use crate::failure::{Exit, Failure};
use crate::say;

/// Tells a running `serin run` of the phase, and prints what it answers.
pub(crate) async fn run(change: PhaseChange) -> Result<Exit, Failure> {
    let Some(token) = super::token::given(&change.token)? else {
        let way = "the one that `serin run` was given: --token-file FILE, or $SERIN_TOKEN";
        return Err(Failure::usage(format!("a phase is changed with a token, {way}")));
    };
    let body = json!({ "phase": change.phase, "by": change.by });
    let answer = Api::new(change.at.clone()).await?.post("api/v1/phase", &token, &body).await?;
    let said = answer.said();
    match answer.status {
        StatusCode::OK => {
            say::line(format_args!("phase {}", change.phase));
            Ok(Exit::Go)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Failure::usage(format!("{said}: `serin run` was given another token, or none")))
        }
        status if status.is_client_error() => Err(Failure::usage(said)),
        _ => Err(Failure::canary(format!("{} answered: {said}", change.at))),
    }
}
