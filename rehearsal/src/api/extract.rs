//! What is read from a request, with errors that are answers.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::Answer;
use crate::app::Refusal;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Answer;

    async fn from_request(request: Request, state: &S) -> Result<Self, Answer> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Answer::error(rejection.status(), rejection.body_text())),
        }
    }
}

/// The token of a session (RFC 6750 §2.1).
pub(super) struct Bearer(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Answer> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        token.map(|(_, token)| Self(token.trim().to_owned())).ok_or_else(|| Refusal::NoSession.into())
    }
}

/// An e-mail address that is short enough to be one (RFC 5321 §4.5.3.1.3) and has an `@`; and a password of up to 128 bytes.
pub(super) fn credentials(email: &str, password: &str) -> Result<(), Answer> {
    let why = match () {
        () if email.len() > 254 || !email.contains('@') => "this is not an e-mail address",
        () if password.is_empty() || password.len() > 128 => "a password has 1 to 128 bytes",
        () => return Ok(()),
    };
    Err(Answer::error(StatusCode::UNPROCESSABLE_ENTITY, why))
}
