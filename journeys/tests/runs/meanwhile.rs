//! What goes on between the steps: peers are answered while other steps take their time.

use std::sync::Arc;

use cutover::{FailureKind, Outcome};
use futures_util::{SinkExt, StreamExt};
use journeys::RunContext;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, yield_now};
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

/// What the step between the others waits for.
#[derive(Default)]
struct Gate {
    reached: Notify,
    open: Notify,
}

/// Lets `peer` speak on the first connection; any further one is refused.
async fn start<F>(peer: impl FnOnce(TcpStream, Arc<Gate>) -> F + Send + 'static) -> World
where
    F: Future<Output = ()> + Send + 'static,
{
    let (peers, gates) =
        (TcpListener::bind((OLD, 0)).await.unwrap(), TcpListener::bind((OLD, 0)).await.unwrap());
    let mut context = context(9).await;
    let vars = Arc::make_mut(&mut context.vars);
    vars.insert("peer".to_owned(), peers.local_addr().unwrap().to_string());
    vars.insert("gate".to_owned(), gates.local_addr().unwrap().to_string());
    let ours = Arc::new(Gate::default());
    let gate = ours.clone();
    let peer = tokio::spawn(async move {
        let (stream, _) = peers.accept().await.unwrap();
        drop(peers);
        peer(stream, gate).await;
    });
    let gate = tokio::spawn(async move {
        let (mut stream, _) = gates.accept().await.unwrap();
        ours.reached.notify_one();
        ours.open.notified().await;
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

/// Whoever listens has had the time to hear what was sent.
async fn all_is_heard() {
    for _ in 0..10_000 {
        yield_now().await;
    }
}

/// All that was sent has been heard.
async fn pinged(socket: &mut WebSocketStream<TcpStream>) {
    socket.send(Message::Ping("there?".into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("there?".into()));
}

#[tokio::test]
async fn pings_are_answered_while_other_steps_take_their_time() {
    let (ended, farewell) = tokio::sync::oneshot::channel();
    let world = start(|stream, gate| async move {
        let mut socket = greeted(stream).await;
        for _ in 0..3 {
            pinged(&mut socket).await;
        }
        socket.send(Message::text("second")).await.unwrap();
        gate.open.notify_one();
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
        yield_now().await;
    }
}

#[tokio::test]
async fn what_comes_first_meanwhile_is_there_still_after_a_crowd() {
    let world = start(|stream, gate| async move {
        let mut socket = greeted(stream).await;
        socket.send(Message::text("second")).await.unwrap();
        for n in 0..400 {
            socket.send(Message::text(n.to_string())).await.unwrap();
        }
        all_is_heard().await;
        gate.open.notify_one();
        drop(socket.next().await);
    });
    let run = run(&world.await.context, &STEPS.replace("EXPECTED", "second")).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
}

#[tokio::test]
async fn how_many_messages_made_room_is_told() {
    let world = start(|stream, _| async move {
        let mut socket = greeted(stream).await;
        for n in 0..300 {
            socket.send(Message::text(n.to_string())).await.unwrap();
        }
        socket.send(Message::text("last")).await.unwrap();
        drop(socket.next().await);
    });
    let step = |name: &str, body: &str, timeout: &str| {
        format!(
            "  - {{ name: {name}, websocket: \"ws://{{{{ peer }}}}/\", where: body == {body}, timeout: {timeout} }}\n"
        )
    };
    let yaml = format!("journey: j\nsteps:\n{}{}", step("passed", "last", "20s"), step("gone", "0", "50ms"));
    let run = run(&world.await.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "gone".to_owned(), kind: FailureKind::Timeout });
    assert!(run.detail.contains("; 256 were passed over, the last one: "), "{}", run.detail);
    let told = "; 45 older ones were dropped, as 256 messages or 4 MiB are kept at most";
    assert!(run.detail.ends_with(told), "{}", run.detail);
}

#[tokio::test]
async fn what_was_lost_meanwhile_is_told_and_not_opened_anew() {
    let world = start(|stream, gate| async move {
        let mut socket = greeted(stream).await;
        let frame = CloseFrame { code: 1011.into(), reason: "too bad".into() };
        socket.close(Some(frame)).await.unwrap();
        while socket.next().await.is_some_and(|heard| heard.is_ok()) {}
        gate.open.notify_one();
    });
    let run = run(&world.await.context, &STEPS.replace("EXPECTED", "second")).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "then".to_owned(), kind: FailureKind::Status });
    assert!(run.detail.ends_with("1011, an internal error: \"too bad\""), "{}", run.detail);
}

/// Accepts a session, of MQTT 3.1.1 or with `more` behind its CONNACK (MQTT 3.1.1, section 3.2), and has no marker.
async fn accepted(stream: &mut TcpStream, more: &[u8]) {
    let mut packet = [0; 256];
    assert!(stream.read(&mut packet).await.unwrap() > 2);
    let length = 2 + u8::try_from(more.len()).unwrap();
    stream.write_all(&[&[0x20, length, 0, 0], more].concat()).await.unwrap();
    // A refusal (section 3.9.3), so that no retained message is waited for.
    answered(stream, "served-by", &[more, &[0x80]].concat()).await;
}

/// Answers SUBSCRIBE, whose packet id is behind the fixed header (section 3.8).
async fn answered(stream: &mut TcpStream, topic: &str, answer: &[u8]) {
    let mut packet = [0; 256];
    let length = stream.read(&mut packet).await.unwrap();
    assert!(packet[..length].ends_with(&[topic.as_bytes(), &[packet[length - 1]]].concat()));
    let header = [0x90, 2 + u8::try_from(answer.len()).unwrap(), packet[2], packet[3]];
    stream.write_all(&[&header, answer].concat()).await.unwrap();
}

/// A message on the topic `a`, with QoS 1 under the id 7, or with QoS 0.
fn publication(text: &str, acknowledged: bool, more: &[u8]) -> Vec<u8> {
    let (kind, id): (_, &[u8]) = if acknowledged { (0x32, &[0, 7]) } else { (0x30, &[]) };
    let body = [&[0, 1, b'a'], id, more, text.as_bytes()].concat();
    [&[kind, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}

/// The client's PUBACK of that message: all before it has been heard.
async fn acknowledged(stream: &mut TcpStream) {
    let mut packet = [0; 4];
    stream.read_exact(&mut packet).await.unwrap();
    assert_eq!(packet, [0x40, 2, 0, 7]);
}

const GATE: &str = "  - { name: meanwhile, tcp: \"{{ gate }}\", read: line, timeout: 5s }\n";

fn awaited(name: &str, body: &str) -> String {
    format!(
        "  - {{ name: {name}, mqtt: await a, broker: \"mqtt://{{{{ peer }}}}\", expect: body == {body} }}\n"
    )
}

fn published(topic: &str, more: &str) -> String {
    format!(
        "  - {{ name: {topic}, mqtt: publish {topic}, broker: \"mqtt://{{{{ peer }}}}\", protocol: \"5\", \
         text: x, {more} }}\n"
    )
}

#[tokio::test]
async fn a_broker_is_answered_meanwhile_too() {
    let world = start(|mut stream, gate| async move {
        accepted(&mut stream, &[]).await;
        answered(&mut stream, "a", &[1]).await;
        stream.write_all(&publication("1st", false, &[])).await.unwrap();
        stream.write_all(&publication("2nd", true, &[])).await.unwrap();
        acknowledged(&mut stream).await;
        gate.open.notify_one();
        drop(stream.read(&mut [0; 256]).await);
    });
    let yaml = format!("journey: j\nsteps:\n{}{GATE}{}", awaited("first", "1st"), awaited("then", "2nd"));
    let run = run(&world.await.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
}

#[tokio::test]
async fn what_a_broker_says_first_is_there_still_after_a_crowd() {
    let world = start(|mut stream, gate| async move {
        accepted(&mut stream, &[]).await;
        answered(&mut stream, "a", &[1]).await;
        for text in ["1st", "2nd"] {
            stream.write_all(&publication(text, false, &[])).await.unwrap();
        }
        for n in 0..400 {
            stream.write_all(&publication(&n.to_string(), false, &[])).await.unwrap();
        }
        all_is_heard().await;
        gate.open.notify_one();
        drop(stream.read(&mut [0; 256]).await);
    });
    let yaml = format!("journey: j\nsteps:\n{}{GATE}{}", awaited("first", "1st"), awaited("then", "2nd"));
    let run = run(&world.await.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
}

#[tokio::test]
async fn a_message_that_is_refused_too_late_is_not_another_steps_affair() {
    let world = start(|mut stream, gate| async move {
        accepted(&mut stream, &[0]).await;
        let mut packet = [0; 256];
        let mut refusals = vec![];
        for _ in 0..2 {
            assert!(stream.read(&mut packet).await.unwrap() > 2);
            // PUBACK (MQTT 5, section 3.4): not authorized.
            refusals.push([0x40, 3, packet[5], packet[6], 0x87]);
        }
        gate.reached.notified().await;
        stream.write_all(&refusals[0]).await.unwrap();
        stream.write_all(&publication("heard", true, &[0])).await.unwrap();
        acknowledged(&mut stream).await;
        gate.open.notify_one();
        assert!(stream.read(&mut packet).await.unwrap() > 2);
        assert_eq!(packet[2..5], [0, 1, b'b']);
        stream.write_all(&refusals[1]).await.unwrap();
        stream.write_all(&[0x40, 2, packet[5], packet[6]]).await.unwrap();
        drop(stream.read(&mut packet).await);
    });
    let a = published("a", "timeout: 500ms, retry: { attempts: 2, every: 1ms }");
    let b = published("b", "timeout: 5s");
    let run = run(&world.await.context, &format!("journey: j\nsteps:\n{a}finally:\n{GATE}{b}")).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "a".to_owned(), kind: FailureKind::Timeout });
    let passed: Vec<_> = run.steps.iter().map(|step| step.last().unwrap().miss.is_none()).collect();
    assert_eq!(passed, [false, true, true], "{:?}", run.steps);
}

#[tokio::test]
async fn a_session_that_a_broker_has_ended_is_not_used_again() {
    let world = start(|mut stream, _| async move {
        accepted(&mut stream, &[0]).await;
        assert!(stream.read(&mut [0; 256]).await.unwrap() > 2);
        // DISCONNECT (MQTT 5, section 3.14): the server is busy.
        stream.write_all(&[0xe0, 1, 0x89]).await.unwrap();
    });
    let step = published("a", "retry: { attempts: 2, every: 1ms }, timeout: 5s");
    let run = run(&world.await.context, &format!("journey: j\nsteps:\n{step}")).await;
    // A new one is asked for.
    assert_eq!(run.outcome, Outcome::Failed { step: "a".to_owned(), kind: FailureKind::Refused });
}
