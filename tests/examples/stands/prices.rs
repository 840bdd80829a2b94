//! Prices over a WebSocket: to whoever subscribes it says hello, and then two of them.

use axum::http::HeaderValue;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};

pub(super) fn serve(listener: TcpListener, side: &'static str) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, side));
        }
    })
}

async fn converse(stream: TcpStream, side: &'static str) -> Result<(), Error> {
    #[expect(clippy::result_large_err, reason = "the library's signature")]
    let marked = |_: &Request, mut response: Response| {
        response.headers_mut().insert("x-served-by", HeaderValue::from_static(side));
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, marked).await?;
    while let Some(message) = socket.next().await {
        if message?.to_text()?.contains("subscribe") {
            for said in [
                r#"{"kind":"hello"}"#,
                r#"{"kind":"price","value":17.25}"#,
                r#"{"kind":"price","value":17.5}"#,
            ] {
                socket.send(Message::text(said)).await?;
            }
        }
    }
    Ok(())
}
