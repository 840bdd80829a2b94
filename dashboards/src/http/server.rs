//! The listener, and the limits on everybody who connects.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Surface, api, assets, gate};

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS: usize = 128;
/// How long a client may take to send a request's head. It also bounds how long a connection may idle.
const HEAD: Duration = Duration::from_secs(15);
/// How long one request may take, its body included.
const REQUEST: Duration = Duration::from_secs(10);
/// How long one connection may last: a client that reads slowly must not keep its slot for ever.
const CONNECTION: Duration = Duration::from_secs(300);
/// How long a connection may take to finish what it is at, when it or the canary has to end.
const FINISH: Duration = Duration::from_secs(1);
/// A request's head is a few hundred bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// After a failed accept (no file descriptor left, say): long enough not to spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Everything comes from here, and nothing runs that is not a file of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Shows `surface` on `listener` until `cancel`. Connections then have a second to finish what they are at.
pub async fn serve(listener: TcpListener, surface: Surface, cancel: CancellationToken) {
    let app = app(surface);
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = TaskTracker::new();
    let accept = async {
        // The semaphore is never closed, so this ends only from outside.
        while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (app, cancel) = (app.clone(), cancel.clone());
                    connections.spawn(async move {
                        converse(stream, app, cancel).await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    cancel.run_until_cancelled(accept).await;
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn app(surface: Surface) -> Router {
    Router::new()
        .merge(api::routes())
        .merge(gate::routes())
        .merge(assets::routes())
        .layer(middleware::from_fn(limit))
        .with_state(Arc::new(surface))
}

async fn converse(stream: TcpStream, app: Router, cancel: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_header_size(HEAD_BYTES);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = cancel.cancelled() => None,
        () = sleep(CONNECTION) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(FINISH, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        // A client that breaks off is its own affair.
        tracing::debug!(%error, "a connection ended badly");
    }
}

async fn limit(request: Request, next: Next) -> Response {
    let answer = timeout(REQUEST, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response());
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
