//! The WebSocket behind nginx: messages come back, some of them after others.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Serves until its runtime ends; gives where.
pub(super) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream));
        }
    });
    at
}

/// Gives back each message; says three things at `count`, nothing at `hush`, and farewell at `bye`.
async fn converse(stream: TcpStream) -> Result<(), Error> {
    let mut agent = String::new();
    #[expect(clippy::result_large_err, reason = "the type is tungstenite's")]
    let look = |request: &Request, response: Response| {
        let given = request.headers().get("x-agent").and_then(|agent| agent.to_str().ok());
        agent = given.unwrap_or("nobody").to_owned();
        Ok(response)
    };
    let mut socket = tokio_tungstenite::accept_hdr_async(stream, look).await?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        match text.as_str() {
            "hush" => {}
            "who" => socket.send(Message::text(agent.clone())).await?,
            "count" => {
                for n in 1..=3 {
                    socket.send(Message::text(format!("{{\"n\":{n}}}"))).await?;
                }
            }
            "bye" => {
                let code = CloseFrame { code: CloseCode::Policy, reason: "not so".into() };
                socket.close(Some(code)).await?;
            }
            text => socket.send(Message::text(text)).await?,
        }
    }
    Ok(())
}
