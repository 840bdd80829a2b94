//! The journey that signs in with OAuth 2.0 and a one-time code, against a server that works the code out by itself.

use std::collections::HashMap;
use std::path::Path;

use axum::extract::Form;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::Utc;
use cutover::{FailureKind, Outcome, Route};
use journeys::{Journey, Known, RunContext, Secrets};
use ring::hmac;
use serde_json::json;

use crate::support::{both_sides, context};

/// What `SEED` is in base32 (RFC 4648).
const SEED_BYTES: &[u8] = b"12345678901234567890";
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const PASSWORD: &str = "correct horse battery";

/// RFC 4226 section 5.3, at the RFC 6238 step `steps_ago` before now.
fn code(steps_ago: u64) -> String {
    let step = u64::try_from(Utc::now().timestamp()).unwrap() / 30 - steps_ago;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SEED_BYTES);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let digest = tag.as_ref();
    let offset = usize::from(digest[19] & 0x0f);
    let four = <[u8; 4]>::try_from(&digest[offset..offset + 4]).unwrap();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

async fn token(Form(form): Form<HashMap<String, String>>) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let fine = match field("grant_type") {
        "password" => field("password") == PASSWORD && (0..2).any(|ago| code(ago) == field("otp")),
        "refresh_token" => field("refresh_token") == "refresh-of-the-canary",
        _ => false,
    };
    if !fine {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    let body = json!({
        "access_token": "token-of-the-canary", "token_type": "Bearer", "expires_in": 3600,
        "refresh_token": "refresh-of-the-canary",
    });
    ([("cache-control", "no-store")], Json(body)).into_response()
}

async fn profile(headers: HeaderMap) -> Response {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok());
    match given {
        Some("Bearer token-of-the-canary") => {
            ([("x-served-by", "old")], Json(json!({ "email": "canary@acme.example" }))).into_response()
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The journey that ships, with its secrets from files instead of the environment.
fn journey(folder: &Path, seed: &str, context: &RunContext) -> Journey {
    std::fs::write(folder.join("password"), PASSWORD).unwrap();
    std::fs::write(folder.join("seed"), seed).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("oauth2-sign-in.yaml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let text =
        text.replace("env: ACME_PASSWORD", "file: password").replace("env: ACME_TOTP_SEED", "file: seed");
    let path = folder.join("oauth2-sign-in.yaml");
    std::fs::write(&path, text).unwrap();
    let known = Known { vars: &context.vars, secrets: &Secrets::default() };
    Journey::load(&path, known).unwrap_or_else(|rejected| panic!("{rejected}"))
}

#[tokio::test]
async fn a_password_and_a_code_open_what_is_theirs_and_a_wrong_code_does_not() {
    let (listener, _) = both_sides().await;
    let port = listener.local_addr().unwrap().port();
    let app = Router::new()
        .route("/oauth2/token", post(token))
        .route("/oauth2/revoke", post(async || StatusCode::OK))
        .route("/profile", get(profile));
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut context = RunContext { route: Route::Old, ..context(port).await };
    let mut vars = (*context.vars).clone();
    vars.insert("auth".to_owned(), format!("http://test.example:{port}"));
    context.vars = vars.into();
    let folder = tempfile::tempdir().unwrap();

    let run = journey(folder.path(), SEED, &context).run(&context).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);

    let run = journey(folder.path(), "JBSWY3DPEHPK3PXP", &context).run(&context).await;
    let expected = Outcome::Failed { step: "sign in".to_owned(), kind: FailureKind::Status };
    assert_eq!(run.outcome, expected, "{}", run.detail);
    assert!(!format!("{run:?}").contains(PASSWORD), "{run:?}");
    server.abort();
}
