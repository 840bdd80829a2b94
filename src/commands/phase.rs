//! `serin phase`

use std::sync::Arc;

use cutover::{Route, Sides};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use ipnet::IpNet;
use probes::{Aim, HttpRequest, HttpSession, Pins, Resolver, Timeouts, Trust};
use serde_json::{Value, json};

use crate::cli::PhaseChange;
use crate::engine::{RESOLVER_TIMEOUT, USER_AGENT};
use crate::failure::{Exit, Failure};
use crate::say;

/// Tells a running `serin run` of the phase, and prints what it answers.
pub(crate) async fn run(change: PhaseChange) -> Result<Exit, Failure> {
    let Some(token) = super::token::given(&change.token)? else {
        let way = "the one that `serin run` was given: --token-file FILE, or $SERIN_TOKEN";
        return Err(Failure::usage(format!("a phase is changed with a token, {way}")));
    };
    let url =
        change.at.join("api/v1/phase").map_err(|error| Failure::usage(format!("{}: {error}", change.at)))?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
        .map_err(|_| Failure::usage("the token holds characters that no header can carry".to_owned()))?;
    bearer.set_sensitive(true);
    let mut request = HttpRequest::new(Method::POST, url);
    request.headers.insert(AUTHORIZATION, bearer);
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.body = json!({ "phase": change.phase, "by": change.by }).to_string().into();
    let answer = session().await?.send(request).await.map_err(|error| {
        Failure::canary(format!("{error}; is `serin run` there? (--at URL names another place)"))
    })?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = body["error"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned);
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

/// A session that follows this machine's own resolver: the API is no part of any side.
async fn session() -> Result<HttpSession, Failure> {
    let canary = |error: &dyn std::fmt::Display| Failure::canary(error.to_string());
    let resolver = Resolver::system(RESOLVER_TIMEOUT).await.map_err(|error| canary(&error))?;
    let nowhere = |host: [u8; 4]| vec![IpNet::from(std::net::IpAddr::from(host))];
    // The addresses of documentation (RFC 5737): nothing that answers is on either side.
    let sides =
        Sides::new(nowhere([192, 0, 2, 1]), nowhere([198, 51, 100, 1])).map_err(|error| canary(&error))?;
    let aim = Aim::new(Route::Live, Arc::new(sides), Arc::new(Pins::default()), resolver);
    let trust = Trust::new(&[]).map_err(|error| canary(&error))?;
    HttpSession::new(aim, &trust, Timeouts::default(), USER_AGENT).map_err(|error| canary(&error))
}
