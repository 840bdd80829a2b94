//! A console on loopback: a form, a page behind it, and pages that misbehave.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Where the old side is.
pub(crate) const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
/// Where the new side is.
pub(crate) const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

/// Keeps the headers of the last request for a page.
type Heard = Arc<Mutex<HeaderMap>>;

/// A server; it ends with the test.
pub(crate) struct Site {
    pub(crate) at: SocketAddr,
    pub(crate) heard: Heard,
    task: JoinHandle<()>,
}

impl Site {
    pub(crate) async fn start(address: Ipv4Addr, port: u16, name: &'static str) -> Self {
        let listener = TcpListener::bind((address, port)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let heard = Heard::default();
        let router = router(name).with_state(Arc::clone(&heard));
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { at, heard, task }
    }

    /// The last request's header.
    pub(crate) fn header(&self, name: &str) -> String {
        let heard = self.heard.lock().unwrap();
        heard.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn router(name: &'static str) -> Router<Heard> {
    Router::new()
        .route("/", get(move |headers: HeaderMap, State(heard): State<Heard>| async move {
            *heard.lock().unwrap() = headers;
            ([("x-served-by", name)], Html(SIGN_IN))
        }))
        .route("/session", post(sign_in))
        .route("/home", get(home))
        .route("/late", get(|| async { Html(LATE) }))
        .route("/things", get(|| async { Html(THINGS) }))
        .route("/busy", get(|| async { Html("<title>busy</title><h1>busy</h1><script>onload = () => setTimeout(() => { for (;;); }, 50)</script>") }))
        .route("/big", get(|| async { Html(format!("<title>big</title><p>{}</p>", "x".repeat(6 << 20))) }))
        .route("/noise", get(|| async { Html(NOISE) }))
        .route("/broken", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, Html("<title>Oops</title><h1>Oops</h1>")) }))
        .route("/hang", get(|| async { tokio::time::sleep(Duration::from_secs(600)).await }))
        .route("/hanging-image", get(|| async { Html("<title>half</title><h1>half</h1><img src=/hang>") }))
        .route("/file", get(|| async { ([(CONTENT_TYPE, "application/octet-stream")], "download") }))
}

async fn sign_in(Form(form): Form<Vec<(String, String)>>) -> axum::response::Response {
    let is = |name: &str, value: &str| form.iter().any(|(n, v)| n == name && v == value);
    if is("user", "ann") && is("password", "let \"me\" in") {
        ([(SET_COOKIE, "session=ann; SameSite=Strict; HttpOnly")], Redirect::to("/home")).into_response()
    } else {
        (StatusCode::FORBIDDEN, Html("<title>No</title><h1>Wrong password</h1>")).into_response()
    }
}

async fn home(headers: HeaderMap) -> axum::response::Response {
    let cookie = headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if cookie.contains("session=ann") {
        Html(
            "<title>Home</title><h1>Hello ann</h1><ul id=list></ul><script>
          setTimeout(() => { list.innerHTML = '<li>one</li><li>two</li>'; }, 150)</script>",
        )
        .into_response()
    } else {
        Redirect::to("/").into_response()
    }
}

const SIGN_IN: &str = r#"<!doctype html><title>Sign in</title><h1>Sign in</h1>
<form method=post action=/session><input name=user value=old><input name=password type=password><button id=go>Go</button></form>
<div id=gone style="display:none">hidden</div><button id=off disabled>Off</button>"#;

const LATE: &str = r"<!doctype html><title>Late</title><p id=p>soon</p><script>
setTimeout(() => { p.textContent = 'now'; history.pushState({}, '', '/late/now'); }, 200);
setTimeout(() => { const b = document.createElement('b'); b.id = 'b'; b.textContent = 'b'; document.body.append(b); }, 200);
</script>";

const THINGS: &str = r#"<!doctype html><title>Things</title><h1>Things</h1>
<select id=size><option value=s>Small<option value=l>Large</select>
<input id=file type=file style="display:none"><input id=day type=date><div id=note contenteditable>old</div>
<input id=keys><output id=out></output>
<div style="position:relative"><button id=under>Under</button><div id=over style="position:absolute;inset:0">over</div></div>
<p style="height:3000px"></p><button id=far onclick="out.textContent='far'">Far</button>
<script>
size.onchange = () => { out.textContent = size.value; };
keys.onkeydown = (e) => { if (e.key === 'Enter') out.textContent = 'entered ' + keys.value; };
file.onchange = async () => { out.textContent = file.files[0].name + ': ' + await file.files[0].text(); };
</script>"#;

const NOISE: &str = r#"<!doctype html><title>Noise</title><p>noise</p><img src="http://127.0.0.1:1/nothing.png"><script>
console.log('hello', {a: 1}, 'x'.repeat(5000));
for (let i = 0; i < 1000; i++) console.warn('line ' + i);
onload = () => setTimeout(() => { alert('read me'); document.title = 'read'; }, 100);
throw new Error('thrown by the page');
</script>"#;
