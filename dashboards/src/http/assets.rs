//! The page's files, as they are built in.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};

const FILES: [(&str, &str, &str); 5] = [
    ("/", "text/html; charset=utf-8", include_str!("../../assets/page.html")),
    ("/page.css", "text/css; charset=utf-8", include_str!("../../assets/page.css")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("../../assets/page.js")),
    ("/draw.js", "text/javascript; charset=utf-8", include_str!("../../assets/draw.js")),
    ("/tables.js", "text/javascript; charset=utf-8", include_str!("../../assets/tables.js")),
];

/// The routes to the page's files.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, routing::get(move || async move { file(kind, text) }))
    })
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], text).into_response()
}
