//! The end of the recorder, with those who do not want to end.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use alerts::{Backoff, Channel, Email, EmailSettings, NoticeKind, Pending, Why};
use cutover::evidence::Settings;
use cutover::{Sides, Watched};
use store::Store;
use tokio::net::TcpListener;

use super::*;
use crate::deadline::DRAIN;

fn notice() -> Notice {
    let at = Utc::now();
    Notice {
        id: "acme.verdict.1".to_owned(),
        thread: "acme.verdict.0".to_owned(),
        kind: NoticeKind::Firing,
        why: Why::First,
        at,
        since: at,
        subject: "ROLLBACK acme".to_owned(),
        body: "ROLL BACK acme\n".to_owned(),
    }
}

fn watched() -> Watch {
    let net = |text: &str| vec![text.parse().unwrap()];
    Watch {
        name: "acme".into(),
        sides: Arc::new(Sides::new(net("192.0.2.1/32"), net("198.51.100.1/32")).unwrap()),
        phase: Phase::Go,
        settings: Settings::default(),
        watched: Watched::default(),
        rules: vec![],
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_in_time_though_an_actor_and_the_mail_server_hang() {
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = EmailSettings {
        smtp: format!("smtp://{}", silent.local_addr().unwrap()),
        from: "Serin <serin@acme.example>".to_owned(),
        to: vec!["ann@acme.example".to_owned()],
        ..EmailSettings::default()
    };
    let room = Channel::Email(Email::new("room".into(), &settings).unwrap());
    let pending = vec![Pending { channel: "room".into(), notice: notice() }];
    let (actor, observations) = mpsc::channel(8);
    let (_commands, commands) = mpsc::channel(8);
    let (report, deliveries) = mpsc::channel(8);
    let (draining, drain) = watch::channel(None);
    let inbox = Inbox { observations, commands, deliveries, waits: Arc::default(), drain };
    let now = Utc::now();
    let verdict = cutover::Verdict::bare(cutover::Decision::Hold, now);
    let outlets = Outlets {
        snapshots: watch::channel(Arc::new(Snapshot::first("acme".into(), Phase::Go, verdict, now))).0,
        phase: watch::channel(Phase::Go).0,
        paces: watch::channel(Paces::default()).0,
        metrics: Arc::new(Metrics::new().unwrap()),
        outbox: Outbox::start(vec![room], pending, Backoff::default(), &report),
        journal: Journal::new(Store::none(), Duration::MAX, now),
        vigil: Vigil::new(),
    };
    let recorder = tokio::spawn(Recorder::new(watched(), Memory::default(), inbox, outlets).run());
    let begun = Instant::now();
    draining.send_replace(Some(Deadline::of_drain()));
    let ended = recorder.await.unwrap();
    assert!(begun.elapsed() <= DRAIN, "{:?}", begun.elapsed());
    assert!(ended.cut_short, "the actor is still there");
    let undelivered: Vec<_> = ended.undelivered.iter().map(|delivery| &*delivery.notice).collect();
    assert_eq!(undelivered, ["acme.verdict.1"]);
    assert!(actor.is_closed());
}
