//! Another company's interface, for those with a certificate, over HTTP/2 alone.

use axum::http::Response;
use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::tls::strict_acceptor;
use crate::folder::Authority;

pub(super) fn serve(listener: TcpListener, side: &'static str, authority: &Authority) -> JoinHandle<()> {
    let acceptor = strict_acceptor(authority, "partner.acme.example");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(acceptor.clone(), stream, side));
        }
    })
}

/// Says of every request how much there is. Ends when the other one does.
async fn converse(acceptor: TlsAcceptor, stream: TcpStream, side: &'static str) -> Option<()> {
    let stream = acceptor.accept(stream).await.ok()?;
    let mut connection = h2::server::handshake(stream).await.ok()?;
    loop {
        let (_, mut answer) = connection.accept().await?.ok()?;
        let head = Response::builder().header("x-served-by", side).body(()).unwrap();
        let mut body = answer.send_response(head, false).ok()?;
        body.send_data(Bytes::from_static(br#"{"lamps": 12}"#), true).ok()?;
    }
}
