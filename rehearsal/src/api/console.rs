//! The console: a form to sign in, and the page behind it. Plain enough for any browser and any test.

use std::sync::Arc;

use axum::{
    extract::{Form, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::app::Application;

const COOKIE: &str = "session";

#[derive(Deserialize)]
pub(super) struct SignIn {
    email: String,
    password: String,
}

pub(super) async fn form() -> Html<String> {
    sign_in_page("")
}

pub(super) async fn sign_in(State(app): State<Arc<Application>>, Form(form): Form<SignIn>) -> Response {
    match app.sign_in(&form.email, &form.password) {
        Ok((token, _)) => {
            let cookie = format!("{COOKIE}={token}; Path=/console; HttpOnly; Secure; SameSite=Lax");
            ([(header::SET_COOKIE, cookie)], Redirect::to("/console/home")).into_response()
        }
        Err(refusal) => {
            let error = format!(r#"<p id="error" role="alert">{}</p>"#, escape(&refusal.to_string()));
            (StatusCode::UNAUTHORIZED, sign_in_page(&error)).into_response()
        }
    }
}

pub(super) async fn home(State(app): State<Arc<Application>>, headers: HeaderMap) -> Response {
    let Some(email) = session(&headers).and_then(|token| app.email_in(token)) else {
        return Redirect::to("/console").into_response();
    };
    let side = app.side();
    let body = format!(
        r#"<h1>Console</h1><p id="who">Signed in as {}</p><p>Served by the <span id="side">{side}</span> side</p>"#,
        escape(&email)
    );
    page("Console", &body).into_response()
}

fn sign_in_page(error: &str) -> Html<String> {
    let form = r#"<form method="post" action="/console/sign-in">
<p><label for="email">E-mail</label> <input id="email" name="email" type="email" autocomplete="username" required></p>
<p><label for="password">Password</label> <input id="password" name="password" type="password" autocomplete="current-password" required></p>
<p><button id="sign-in" type="submit">Sign in</button></p>
</form>"#;
    page("Sign in", &format!("<h1>Sign in</h1>\n{error}\n{form}"))
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n{body}\n</body></html>\n"
    ))
}

fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "theme=dark; session=abc".parse().unwrap());
        assert_eq!(session(&headers), Some("abc"));
        assert_eq!(session(&HeaderMap::new()), None);
    }

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(escape("<b>&\"@x"), "&lt;b&gt;&amp;&quot;@x");
    }
}
