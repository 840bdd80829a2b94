//! What goes on between the steps: peers are answered while other steps take their time.

use std::sync::Arc;

use cutover::{FailureKind, Outcome};
use futures_util::{SinkExt, StreamExt};
use journeys::RunContext;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::support::{OLD, context, run};

/// A peer, and a gate that says nothing until the peer has had its way.
struct World {
    context: RunContext,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Lets `peer` speak on the first connection; any further one is refused.
async fn start<F>(peer: impl FnOnce(TcpStream, Arc<Notify>) -> F + Send + 'static) -> World
where
    F: Future<Output = ()> + Send + 'static,
{
    let (peers, gates) =
        (TcpListener::bind((OLD, 0)).await.unwrap(), TcpListener::bind((OLD, 0)).await.unwrap());
    let mut context = context(9).await;
    let vars = Arc::make_mut(&mut context.vars);
    vars.insert("peer".to_owned(), peers.local_addr().unwrap().to_string());
    vars.insert("gate".to_owned(), gates.local_addr().unwrap().to_string());
    let opened = Arc::new(Notify::new());
    let open = opened.clone();
    let peer = tokio::spawn(async move {
        let (stream, _) = peers.accept().await.unwrap();
        drop(peers);
        peer(stream, open).await;
    });
    let gate = tokio::spawn(async move {
        let (mut stream, _) = gates.accept().await.unwrap();
        opened.notified().await;
        drop(stream.write_all(b"open\n").await);
    });
    World { context, tasks: vec![peer, gate] }
}

const STEPS: &str = r#"
journey: j
steps:
  - name: first
    websocket: ws://{{ peer }}/
    expect: body == first
  - name: meanwhile
    tcp: "{{ gate }}"
    read: line
    timeout: 20s
  - name: then
    websocket: ws://{{ peer }}/
    expect: body == EXPECTED
"#;

async fn greeted(stream: TcpStream) -> WebSocketStream<TcpStream> {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    socket.send(Message::text("first")).await.unwrap();
    socket
}

/// All that was sent has been heard.
async fn pinged(socket: &mut WebSocketStream<TcpStream>) {
    socket.send(Message::Ping("there?".into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("there?".into()));
}

#[tokio::test]
async fn pings_are_answered_while_other_steps_take_their_time() {
    let (ended, farewell) = tokio::sync::oneshot::channel();
    let world = start(|stream, open| async move {
        let mut socket = greeted(stream).await;
        for _ in 0..3 {
            pinged(&mut socket).await;
        }
        socket.send(Message::text("second")).await.unwrap();
        open.notify_one();
        ended.send(socket.next().await.unwrap().unwrap()).unwrap();
    });
    let world = world.await;
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let run = run(&world.context, &STEPS.replace("EXPECTED", "second")).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    assert!(farewell.await.unwrap().is_close());
    // Nothing is left over of the run; the peer and the gate have ended, too.
    while alive() > before - world.tasks.len() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn of_the_messages_that_nobody_awaits_the_last_are_kept() {
    let world = start(|stream, open| async move {
        let mut socket = greeted(stream).await;
        for n in 0..300 {
            socket.send(Message::text(n.to_string())).await.unwrap();
        }
        pinged(&mut socket).await;
        open.notify_one();
        drop(socket.next().await);
    });
    let run = run(&world.await.context, &STEPS.replace("EXPECTED", "44")).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
}

#[tokio::test]
async fn what_was_lost_meanwhile_is_told_and_not_opened_anew() {
    let world = start(|stream, open| async move {
        let mut socket = greeted(stream).await;
        let frame = CloseFrame { code: 1011.into(), reason: "too bad".into() };
        socket.close(Some(frame)).await.unwrap();
        while socket.next().await.is_some_and(|heard| heard.is_ok()) {}
        open.notify_one();
    });
    let run = run(&world.await.context, &STEPS.replace("EXPECTED", "second")).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "then".to_owned(), kind: FailureKind::Status });
    assert!(run.detail.ends_with("1011, an internal error: \"too bad\""), "{}", run.detail);
}

#[tokio::test]
async fn a_broker_is_answered_meanwhile_too() {
    const PUBLISH: &[u8] = &[0x32, 8, 0, 1, b'a', 0, 7, b'2', b'n', b'd'];
    let world = start(|mut stream, open| async move {
        let mut packet = [0; 256];
        // CONNECT, then SUBSCRIBE with its packet id behind the fixed header (MQTT 3.1.1, sections 3.2 and 3.9).
        assert!(stream.read(&mut packet).await.unwrap() > 2);
        stream.write_all(&[0x20, 2, 0, 0]).await.unwrap();
        for topic in ["served-by", "a"] {
            let length = stream.read(&mut packet).await.unwrap();
            assert!(packet[..length].ends_with(&[topic.as_bytes(), &[packet[length - 1]]].concat()));
            stream.write_all(&[0x90, 3, packet[2], packet[3], packet[length - 1]]).await.unwrap();
        }
        stream.write_all(&[0x30, 6, 0, 1, b'a', b'1', b's', b't']).await.unwrap();
        stream.write_all(PUBLISH).await.unwrap();
        // Its PUBACK.
        stream.read_exact(&mut packet[..4]).await.unwrap();
        assert_eq!(packet[..4], [0x40, 2, 0, 7]);
        open.notify_one();
        drop(stream.read(&mut packet).await);
    });
    let step = |name: &str, body: &str| {
        format!(
            "  - {{ name: {name}, mqtt: await a, broker: \"mqtt://{{{{ peer }}}}\", expect: body == {body} }}\n"
        )
    };
    let gate = "  - { name: meanwhile, tcp: \"{{ gate }}\", read: line, timeout: 20s }\n";
    let yaml = format!("journey: j\nsteps:\n{}{gate}{}", step("first", "1st"), step("then", "2nd"));
    let run = run(&world.await.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
}
