//! Another company's interface, for those with a certificate.

use axum::Router;
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::tls::{Tls, strict_acceptor};
use crate::folder::Authority;

pub(super) fn serve(listener: TcpListener, side: &'static str, authority: &Authority) -> JoinHandle<()> {
    let stock = move || async move { ([("x-served-by", side)], axum::Json(json!({ "lamps": 12 }))) };
    let router = Router::new().route("/stock", get(stock));
    let acceptor = strict_acceptor(authority, "partner.acme.example");
    tokio::spawn(async move { drop(axum::serve(Tls { listener, acceptor }, router).await) })
}
