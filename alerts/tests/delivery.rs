//! Notices on their way to real sockets, with everything that a mail server can do to them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::Duration;

use alerts::{
    Attempt, Backoff, Channel, Delivery, Email, EmailSettings, Notice, NoticeKind, Outbox, Pending, Why,
};
use chrono::DateTime;
use common::{HANG, Peer, Script};
use cutover::DeliveryResult::{self, Rejected, Retry, Sent, Undelivered};
use tokio::sync::mpsc;

fn notice(number: u32) -> Notice {
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    Notice {
        id: format!("acme.verdict.{number}"),
        thread: "acme.verdict.0".to_owned(),
        kind: NoticeKind::Firing,
        why: Why::First,
        at,
        since: at,
        subject: format!("[serin] ROLLBACK acme: Anmeldung für {number}\r\nBcc: x@evil.example"),
        body: "ROLL BACK acme\n.\nstill the body: ü\n".to_owned(),
    }
}

fn room(port: u16, to: &[&str]) -> Email {
    let settings = EmailSettings {
        smtp: format!("smtp://127.0.0.1:{port}"),
        from: "Serin <serin@acme.example>".to_owned(),
        to: to.iter().map(|&address| address.to_owned()).collect(),
        ..EmailSettings::default()
    };
    Email::new("room".into(), &settings).unwrap()
}

async fn attempt(script: Script) -> Attempt {
    let peer = Peer::start(vec![script]).await;
    Channel::Email(room(peer.port, &["ann@acme.example"])).send(&notice(0)).await
}

#[tokio::test]
async fn a_mail_arrives_whole_and_is_recognisable() {
    let mut peer = Peer::start(vec![&[]]).await;
    let channel = Channel::Email(room(peer.port, &["ann@acme.example", "Bob <bob@acme.example>"]));
    let sent = channel.send(&notice(3)).await;
    assert!(matches!(&sent, Attempt::Sent(words) if words.ends_with(": queued as 7")), "{sent:?}");
    let mail = peer.mails.recv().await.unwrap();
    for line in [
        "From: Serin <serin@acme.example>",
        "To: ann@acme.example, Bob <bob@acme.example>",
        "Message-ID: <acme.verdict.3@acme.example>",
        "In-Reply-To: <acme.verdict.0@acme.example>",
        "Auto-Submitted: auto-generated",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
    ] {
        assert!(mail.lines().any(|found| found == line), "no `{line}` in\n{mail}");
    }
    let headers = mail.split("\n\n").next().unwrap();
    assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
}

#[tokio::test]
async fn an_answer_for_now_is_tried_again_and_one_for_good_is_not() {
    for script in [
        &[("greeting", "421 too busy")][..],
        &[("MAIL", "451 try later")],
        &[("RCPT", "450 greylisted")],
        &[(".", "452 disk full")],
        &[("greeting", "whatever this is")],
        &[("EHLO", "\u{7f}\u{0}250")],
    ] {
        let outcome = attempt(script).await;
        assert!(matches!(outcome, Attempt::Retry(_)), "{script:?}: {outcome:?}");
    }
    for script in [&[("MAIL", "550 no")][..], &[("RCPT", "550 no such user")], &[(".", "554 spam")]] {
        let outcome = attempt(script).await;
        let words = script[0].1;
        assert!(matches!(&outcome, Attempt::Rejected(why) if why.contains(&words[4..])), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_or_refuses_is_tried_again() {
    for script in [&[("greeting", HANG)][..], &[("EHLO", HANG)], &[(".", HANG)]] {
        let peer = Peer::start(vec![script]).await;
        let email = room(peer.port, &["ann@acme.example"]).with_timeout(Duration::from_millis(200));
        let outcome = Channel::Email(email).send(&notice(0)).await;
        assert!(matches!(&outcome, Attempt::Retry(why) if why.contains("no end of it")), "{outcome:?}");
    }
    let port = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let outcome = Channel::Email(room(port, &["ann@acme.example"])).send(&notice(0)).await;
    assert!(matches!(&outcome, Attempt::Retry(why) if why.contains("refused")), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_took_the_mail_and_hangs_at_the_farewell_is_not_sent_it_again() {
    assert!(matches!(attempt(&[("QUIT", HANG)]).await, Attempt::Sent(_)));
}

#[tokio::test]
async fn one_bad_recipient_does_not_keep_the_mail_from_the_others() {
    let mut peer = Peer::start(vec![&[("RCPT TO:<gone@", "550 no such user")]]).await;
    let channel = Channel::Email(room(peer.port, &["gone@acme.example", "ann@acme.example"]));
    let outcome = channel.send(&notice(0)).await;
    assert!(
        matches!(&outcome, Attempt::Sent(words) if words.contains("refused: gone@acme.example")),
        "{outcome:?}"
    );
    assert!(peer.mails.recv().await.is_some());
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_in_plain_text() {
    let mut peer = Peer::start(vec![&[]]).await;
    let settings = EmailSettings {
        smtp: format!("smtp+starttls://127.0.0.1:{}", peer.port),
        from: "serin@acme.example".to_owned(),
        to: vec!["ann@acme.example".to_owned()],
        ..EmailSettings::default()
    };
    let email = Email::new("room".into(), &settings).unwrap();
    let outcome = Channel::Email(email).send(&notice(0)).await;
    assert!(matches!(&outcome, Attempt::Retry(why) if why.contains("STARTTLS")), "{outcome:?}");
    assert!(peer.mails.try_recv().is_err());
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let told = |from: &str, to: &[&str]| {
        let settings = EmailSettings {
            smtp: "smtp://127.0.0.1".to_owned(),
            from: from.to_owned(),
            to: to.iter().map(|&address| address.to_owned()).collect(),
            ..EmailSettings::default()
        };
        Email::new("room".into(), &settings).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(told("serin", &["ann@acme.example"]).starts_with("`serin` is no mail address"));
    assert!(told("serin@acme.example", &["ann"]).starts_with("`ann` is no mail address"));
    assert!(told("serin@acme.example", &[]).contains("at least one address"));
    assert!(told("serin@acme.example", &["jörg@acme.example"]).contains("outside ASCII"));
}

const SOON: Backoff = Backoff {
    first: Duration::from_millis(1),
    longest: Duration::from_millis(5),
    give_up: Duration::from_secs(60),
};

async fn results(report: &mut mpsc::Receiver<Delivery>, count: usize) -> Vec<(String, DeliveryResult, u32)> {
    let mut found = Vec::new();
    for _ in 0..count {
        let delivery = report.recv().await.unwrap();
        found.push((delivery.notice, delivery.result, delivery.attempt));
    }
    found
}

fn line(number: u32, result: DeliveryResult, attempt: u32) -> (String, DeliveryResult, u32) {
    (notice(number).id, result, attempt)
}

#[tokio::test]
async fn the_outbox_tries_again_keeps_the_order_and_takes_up_what_was_pending() {
    let scripts: Vec<Script> = vec![&[("MAIL", "451 later")], &[("MAIL", "550 no")], &[]];
    let peer = Peer::start(scripts).await;
    let (report, mut reports) = mpsc::channel(8);
    let pending = vec![
        Pending { channel: "room".into(), notice: notice(1) },
        Pending { channel: "pager".into(), notice: notice(2) },
    ];
    let channels = vec![Channel::Email(room(peer.port, &["ann@acme.example"]))];
    let outbox = Outbox::start(channels, pending, SOON, &report);
    assert_eq!(outbox.post(&notice(3)), []);
    assert_eq!(
        results(&mut reports, 4).await,
        [line(2, Undelivered, 0), line(1, Retry, 1), line(1, Rejected, 2), line(3, Sent, 1)]
    );
    assert_eq!(outbox.close(Duration::from_secs(5)).await, []);
}

#[tokio::test]
async fn what_is_queued_at_the_end_still_leaves_without_waiting_for_the_next_attempt() {
    let peer = Peer::start(vec![&[("MAIL", "451 later")], &[]]).await;
    let (report, mut reports) = mpsc::channel(8);
    let hour = Duration::from_secs(3600);
    let patient = Backoff { first: hour, longest: hour, give_up: hour };
    let channels = vec![Channel::Email(room(peer.port, &["ann@acme.example"]))];
    let outbox = Outbox::start(channels, vec![], patient, &report);
    assert_eq!(outbox.post(&notice(1)), []);
    assert_eq!(results(&mut reports, 1).await, [line(1, Retry, 1)]);
    assert_eq!(outbox.post(&notice(2)), []);
    assert_eq!(outbox.close(Duration::from_secs(30)).await, []);
    assert_eq!(results(&mut reports, 2).await, [line(1, Sent, 2), line(2, Sent, 1)]);
}

#[tokio::test]
async fn a_dead_server_holds_up_neither_the_poster_nor_the_end_and_nothing_is_lost_silently() {
    let peer = Peer::start(vec![&[("greeting", HANG)]]).await;
    let (report, _reports) = mpsc::channel(1);
    let email = room(peer.port, &["ann@acme.example"]).with_timeout(Duration::from_secs(3600));
    let outbox = Outbox::start(vec![Channel::Email(email)], vec![], SOON, &report);
    let full: Vec<_> = (0..100).flat_map(|number| outbox.post(&notice(number))).collect();
    let left = outbox.close(Duration::from_millis(10)).await;
    assert_eq!(full.len() + left.len(), 100);
    assert!(!full.is_empty() && full.iter().chain(&left).all(|delivery| delivery.result == Undelivered));
}
