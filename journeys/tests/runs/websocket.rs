//! WebSocket steps: one conversation for the whole run, and messages that are passed over.

use std::sync::atomic::Ordering;

use cutover::{Answered, FailureKind, Outcome, Reached, Route};
use futures_util::{SinkExt, StreamExt};
use http::HeaderValue;
use journeys::RunContext;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::support::{Served, run, served};

async fn start() -> Served {
    served(("live", "ws://", "/live"), converse).await
}

/// Repeats what it hears; `{"count": N}` makes it count, `{"close": N}` close.
async fn converse(stream: TcpStream, side: &'static str) {
    #[expect(clippy::result_large_err, reason = "the library's signature")]
    let agree = |request: &Request, mut response: Response| {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("user-agent"), Some("serin/test"));
        assert!(header("x-serin-run").is_some() && header("traceparent").is_some());
        assert_eq!(header("authorization"), Some("Bearer x"));
        response.headers_mut().insert("x-served-by", HeaderValue::from_static(side));
        Ok(response)
    };
    let mut socket = tokio_tungstenite::accept_hdr_async(stream, agree).await.unwrap();
    drop(socket.send(Message::text(r#"{"kind": "welcome"}"#)).await);
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let asked: serde_json::Value = serde_json::from_str(&text).unwrap();
        for n in 0..asked["count"].as_u64().unwrap_or_default() {
            drop(socket.send(Message::text(format!(r#"{{"kind": "count", "n": {n}}}"#))).await);
        }
        if let Some(code) = asked["close"].as_u64() {
            let code = u16::try_from(code).unwrap().into();
            drop(socket.close(Some(CloseFrame { code, reason: "as you wish".into() })).await);
        }
        drop(socket.send(Message::text(format!(r#"{{"kind": "echo", "of": {text}}}"#))).await);
    }
}

const HEAD: &str = "    websocket: \"{{ live }}\"\n    headers: { authorization: Bearer x }\n";

#[tokio::test]
async fn a_conversation_goes_on_from_step_to_step_on_each_route() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: welcome
HEAD    expect: [json $.kind == welcome, header x-served-by exists, reached == route, answered == route]
  - name: count
HEAD    json: { count: 3 }
    where: json $.n == 1
    expect: [answered == route, bytes > 10]
    save: { n: json $.n }
  - name: what was passed over
HEAD    expect: json $.n == 0
  - name: only sent
HEAD    send: '{"seen": {{ n }}}'
    await: false
  - name: its echo
HEAD    where:
      - json $.kind == echo
      - json $.of.seen == {{ n }}
  - name: the rest
HEAD    expect: json $.n == 2
"#
    .replace("HEAD", HEAD);
    for (route, reached, answered) in
        [(Route::Old, Reached::Old, Answered::Old), (Route::New, Reached::New, Answered::New)]
    {
        let before = world.connections.load(Ordering::SeqCst);
        let run = run(&RunContext { route, ..world.context.clone() }, &yaml).await;
        assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
        assert_eq!(world.connections.load(Ordering::SeqCst) - before, 1);
        let first = run.steps[0].last().unwrap();
        assert_eq!((first.reached, first.answered), (Some(reached), answered));
        assert!(first.parts.connect.is_some() && run.steps[1].attempts[0].parts.connect.is_none());
    }
}

#[tokio::test]
async fn a_message_that_does_not_come_is_told_with_those_that_came() {
    let world = start().await;
    let yaml = format!(
        "journey: j\nsteps:\n  - name: wait\n{HEAD}    json: {{ count: 1 }}\n    where: json $.n == 7\n    timeout: 300ms\n"
    );
    let run = run(&world.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "wait".to_owned(), kind: FailureKind::Timeout });
    let told = "no message that is wanted within 300ms; 3 were passed over, the last one: expected json $.n == 7, got nothing";
    assert!(run.detail.ends_with(told), "{}", run.detail);
}

#[tokio::test]
async fn a_peer_that_closes_is_told_and_asked_anew() {
    let world = start().await;
    let yaml = format!(
        "journey: j\nsteps:\n  - name: close\n{HEAD}    json: {{ close: 1011 }}\n    where: json $.n == 7\n    \
         retry: {{ attempts: 2, every: 1ms }}\n"
    );
    let run = run(&world.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "close".to_owned(), kind: FailureKind::Status });
    assert!(run.detail.contains("1011, an internal error: \"as you wish\""), "{}", run.detail);
    assert_eq!(world.connections.load(Ordering::SeqCst), 2);
}
