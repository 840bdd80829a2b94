//! MQTT steps, against a broker and against peers that misbehave.

use std::sync::Arc;
use std::time::Duration;

use cutover::{Answered, FailureKind, Outcome, Reached, Route};
use journeys::{Journey, Known, RunContext, Secrets};
use rehearsal::broker::{Broker, Inbound};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct World {
    context: RunContext,
    inbound: mpsc::Receiver<Inbound>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// A broker on each side, which says whose it is.
async fn start() -> World {
    brokers(true).await
}

/// A broker on each side.
async fn brokers(marked: bool) -> World {
    let (old, new) = crate::support::both_sides().await;
    let context = crate::support::context(old.local_addr().unwrap().port()).await;
    let (sender, inbound) = mpsc::channel(16);
    let serve = |listener: TcpListener, side: &'static str| {
        let broker = Broker::new(|user, pass| user == "me" && pass == "secret", sender.clone());
        if marked {
            broker.publish("served-by", side.into(), true);
        }
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let broker = broker.clone();
                tokio::spawn(async move { broker.serve(stream, CancellationToken::new()).await });
            }
        })
    };
    let tasks = vec![serve(old, "old"), serve(new, "new")];
    World { context, inbound, tasks }
}

const PUBLISH: &str = r#"
journey: j
steps:
  - name: publish
    mqtt: publish devices/{{ run.route }}/datapoints
    broker: "{{ mqtt }}"
    credentials: { username: me, password: secret }
    json: { seq: 1, value: 21.5 }
    expect: [answered == route, reached == route, duration < 10s]
"#;

#[tokio::test]
async fn a_message_is_published_and_acknowledged_on_each_route() {
    let mut world = start().await;
    for (route, reached, answered) in
        [(Route::Old, Reached::Old, Answered::Old), (Route::New, Reached::New, Answered::New)]
    {
        let context = RunContext { route, ..world.context.clone() };
        let run = crate::support::run(&context, PUBLISH).await;
        assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
        let attempt = run.steps[0].last().unwrap();
        assert_eq!((attempt.reached, attempt.answered), (Some(reached), answered));
        assert!(attempt.parts.connect.is_some() && attempt.parts.wait.is_some());
        let message = world.inbound.recv().await.unwrap();
        assert_eq!(message.topic, format!("devices/{route}/datapoints"));
        assert_eq!(message.payload.as_ref(), br#"{"seq":1,"value":21.5}"#);
        let id = run.id.simple().to_string();
        assert_eq!(message.client_id, format!("serin{}0", &id[..16]));
    }
}

#[tokio::test]
async fn a_message_is_awaited_asked_and_saved() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: leave a message
    mqtt: publish notes/{{ run.id }}
    broker: "{{ mqtt }}"
    credentials: { username: me, password: secret }
    json: { note: [1, 2] }
    retain: true
  - name: marker
    mqtt: await served-by
    broker: "{{ mqtt }}"
    credentials: { username: me, password: secret }
    expect: [body == old, topic == served-by, answered == old]
    save: { side: body }
  - name: read it
    mqtt: await notes/+
    broker: "{{ mqtt }}"
    credentials: { username: me, password: secret }
    expect:
      - json $.note[1] == 2
      - topic == "notes/{{ run.id }}"
  - name: say it
    mqtt: publish said
    broker: "{{ mqtt }}"
    credentials: { username: me, password: secret }
    text: "{{ side }}"
    qos: 0
"#;
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    // One session for the whole run: only its first step connects.
    let connects: Vec<_> = run.steps.iter().map(|step| step.attempts[0].parts.connect.is_some()).collect();
    assert_eq!(connects, [true, false, false, false]);
}

#[tokio::test]
async fn a_wrong_password_is_a_status() {
    let world = start().await;
    let run = crate::support::run(&world.context, &PUBLISH.replace("secret", "guess")).await;
    assert_eq!(
        run.outcome,
        Outcome::Failed { step: "publish".to_owned(), kind: FailureKind::Status },
        "{}",
        run.detail
    );
    assert_eq!(run.steps[0].last().unwrap().reached, Some(Reached::Old));
}

#[tokio::test]
async fn a_message_that_does_not_come_times_out() {
    let world = start().await;
    let yaml = r#"
journey: j
steps:
  - name: wait
    mqtt: await no/such/topic
    broker: "{{ mqtt }}"
    credentials: { username: me, password: secret }
    timeout: 100ms
"#;
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "wait".to_owned(), kind: FailureKind::Timeout });
    assert!(run.detail.ends_with("no message on `no/such/topic` within 100ms"), "{}", run.detail);
}

#[tokio::test]
async fn a_marker_that_is_missing_costs_a_step_nothing_and_is_waited_for_once() {
    let world = brokers(false).await;
    let steps = ["one", "two", "three"].map(|client| {
        format!(
            "  - name: {client}\n    mqtt: publish said\n    broker: \"{{{{ mqtt }}}}\"\n    client-id: {client}\n    \
             credentials: {{ username: me, password: secret }}\n    text: x\n    timeout: 950ms\n    \
             expect: [duration < 950ms, answered == unmarked]\n"
        )
    });
    let begun = tokio::time::Instant::now();
    let run = crate::support::run(&world.context, &format!("journey: j\nsteps:\n{}", steps.concat())).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    assert_eq!(run.steps.iter().filter(|step| step.attempts[0].parts.connect.is_some()).count(), 3);
    // Three sessions, a second of waiting in one of them, and that second is not the run's.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert!(run.took + Duration::from_millis(900) < took, "{:?} of {took:?}", run.took);
}

/// A peer that accepts, says what it was told to, and then acts as told.
async fn peer(says: &'static [u8], closes: bool) -> World {
    let (listener, _other) = crate::support::both_sides().await;
    let context = crate::support::context(listener.local_addr().unwrap().port()).await;
    let task = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut scratch = [0; 1024];
            let _ = stream.read(&mut scratch).await;
            stream.write_all(says).await.unwrap();
            if !closes {
                open.push(stream);
            }
        }
    });
    let (_, inbound) = mpsc::channel(1);
    World { context, inbound, tasks: vec![task] }
}

const CONNACK: [u8; 4] = [0x20, 0x02, 0x00, 0x00];

#[tokio::test]
async fn a_broker_that_hangs_cuts_off_or_babbles_fails_in_its_own_way() {
    let yaml = PUBLISH.replace("    expect:", "    timeout: 200ms\n    expect:");
    for (says, closes, kind) in [
        (&[][..], false, FailureKind::Timeout),
        (&CONNACK[..], false, FailureKind::Timeout),
        (&CONNACK[..], true, FailureKind::Reset),
        (b"HTTP/1.1 400 Bad Request\r\n", false, FailureKind::Protocol),
        (&[0x20, 0x02, 0x00, 0x05], false, FailureKind::Status),
    ] {
        let world = peer(says, closes).await;
        let run = crate::support::run(&world.context, &yaml).await;
        let expected = Outcome::Failed { step: "publish".to_owned(), kind };
        assert_eq!(run.outcome, expected, "{says:?}: {}", run.detail);
    }
}

#[tokio::test]
async fn a_broker_that_lets_nobody_read_its_marker_is_unmarked() {
    // CONNACK, a SUBACK that refuses the first packet, a PUBACK for the second one.
    let world = peer(b"\x20\x02\x00\x00\x90\x03\x00\x01\x80\x40\x02\x00\x02", false).await;
    let yaml = PUBLISH.replace("answered == route", "answered == unmarked");
    let run = crate::support::run(&world.context, &yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
}

#[tokio::test]
async fn a_session_that_broke_is_opened_anew_at_the_next_attempt() {
    let (listener, _other) = crate::support::both_sides().await;
    let mut context = crate::support::context(listener.local_addr().unwrap().port()).await;
    context.markers = Arc::default();
    let (sender, mut inbound) = mpsc::channel(4);
    let broker = Broker::new(|_, _| true, sender);
    let task = tokio::spawn(async move {
        let (first, _) = listener.accept().await.unwrap();
        drop(first);
        let (second, _) = listener.accept().await.unwrap();
        broker.serve(second, CancellationToken::new()).await;
    });
    let yaml = PUBLISH.replace(
        "    expect: [answered == route, reached == route, duration < 10s]",
        "    until: 10s\n    every: 10ms",
    );
    let journey =
        Journey::parse(&yaml, "test.yaml", Known { vars: &context.vars, secrets: &Secrets::default() });
    let journey = journey.unwrap_or_else(|rejected| panic!("{rejected}"));
    let run = journey.run(&context).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    assert_eq!(run.steps[0].attempts.len(), 2);
    assert!(inbound.recv().await.is_some());
    task.await.unwrap();
}
