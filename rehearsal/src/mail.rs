//! An SMTP sink (RFC 5321): accepts every mail over plain TCP, delivers none, and keeps the last hundred to be looked
//! at.
//!
//! Commands and the dot-stuffing of DATA are read by smtp-proto, subject and body by mail-parser.

mod session;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mail_parser::MessageParser;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// How many mails are kept.
const KEPT: usize = 100;
/// How many connections are served at once; further ones wait to be accepted.
const MAX_SESSIONS: usize = 64;
/// How long to rest when the listener fails, which mostly means that there are no file descriptors left.
const REST: Duration = Duration::from_millis(100);

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender (MAIL FROM); empty for a notification of non-delivery.
    pub from: String,
    /// The envelope's recipients (RCPT TO), one or more.
    pub to: Vec<String>,
    /// The subject, decoded; empty when there is none.
    pub subject: String,
    /// The text, decoded, lines ending as they came; empty when there is none.
    pub body: String,
    /// Headers and body as they were sent, with the dot-stuffing undone.
    pub raw: Bytes,
}

impl Mail {
    fn new(from: String, to: Vec<String>, raw: Vec<u8>) -> Self {
        let message = MessageParser::default().parse(&raw);
        let text = message.as_ref().and_then(|message| message.body_text(0));
        let body = text.unwrap_or_default().into_owned();
        let subject = message.as_ref().and_then(|message| message.subject()).unwrap_or_default().to_owned();
        drop(message);
        Self { from, to, subject, body, raw: raw.into() }
    }
}

/// A running SMTP sink.
#[derive(Debug, Clone)]
pub struct MailSink {
    received: watch::Receiver<Arc<Vec<Arc<Mail>>>>,
}

impl MailSink {
    /// Starts to serve the listener, in a task of its own, until `stop`. Must be called within a tokio runtime.
    pub fn start(listener: TcpListener, stop: CancellationToken) -> Self {
        let (sender, received) = watch::channel(Arc::default());
        tokio::spawn(async move {
            stop.run_until_cancelled(accept(&listener, &Arc::new(sender), &stop)).await;
        });
        Self { received }
    }

    /// The mails so far, oldest first, at most the last hundred; changes with every mail.
    pub fn received(&self) -> watch::Receiver<Arc<Vec<Arc<Mail>>>> {
        self.received.clone()
    }
}

type Mailbox = watch::Sender<Arc<Vec<Arc<Mail>>>>;

async fn accept(listener: &TcpListener, mailbox: &Arc<Mailbox>, stop: &CancellationToken) {
    let sessions = Arc::new(Semaphore::new(MAX_SESSIONS));
    while let Ok(permit) = sessions.clone().acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!("the mail sink cannot accept a connection, and goes on in a moment: {error}");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let (mailbox, stop) = (mailbox.clone(), stop.clone());
        tokio::spawn(async move {
            let keep = |mail| keep(&mailbox, mail);
            if let Some(Err(error)) = stop.run_until_cancelled(session::run(stream, keep)).await {
                debug!("an SMTP session ended early: {error}");
            }
            drop(permit);
        });
    }
}

fn keep(mailbox: &Mailbox, mail: Mail) {
    mailbox.send_modify(|mails| {
        let surplus = (mails.len() + 1).saturating_sub(KEPT);
        *mails = Arc::new(mails.iter().skip(surplus).cloned().chain([Arc::new(mail)]).collect());
    });
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use lettre::message::header::ContentType;
    use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

    use super::*;

    type Smtp = AsyncSmtpTransport<Tokio1Executor>;

    async fn sink() -> (MailSink, Smtp, tokio_util::sync::DropGuard) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        let sink = MailSink::start(listener, stop.clone());
        (sink, Smtp::builder_dangerous("127.0.0.1").port(port).build(), stop.drop_guard())
    }

    fn message(subject: &str, body: &str) -> Message {
        Message::builder()
            .from("Serin <serin@acme.example>".parse().unwrap())
            .to("room@acme.example".parse().unwrap())
            .to("night@acme.example".parse().unwrap())
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body.to_owned())
            .unwrap()
    }

    #[tokio::test]
    async fn a_mail_arrives_as_it_was_written() {
        let (sink, smtp, _stop) = sink().await;
        let body = ".a dot first\r\n\r\n..two\r\n.\r\nZürich: 5 % über 800 ms";
        smtp.send(message("Rücknahme: die neue Seite läuft nicht – 5 %", body)).await.unwrap();
        let mails = sink.received().borrow().clone();
        let mail = &mails[0];
        assert_eq!(mail.subject, "Rücknahme: die neue Seite läuft nicht – 5 %");
        // The sender ends the last line, as SMTP wants it.
        assert_eq!(mail.body, format!("{body}\r\n"));
        assert_eq!(mail.from, "serin@acme.example");
        assert_eq!(mail.to, ["room@acme.example", "night@acme.example"]);
        assert!(mail.raw.starts_with(b"From: Serin <serin@acme.example>\r\n"));
    }

    #[tokio::test]
    async fn dots_in_a_plain_seven_bit_mail_survive() {
        let (sink, smtp, _stop) = sink().await;
        smtp.send(message("plain", ".\r\n.x\r\nend")).await.unwrap();
        let mails = sink.received().borrow().clone();
        assert_eq!(mails[0].body.trim_end(), ".\r\n.x\r\nend");
    }

    #[test]
    fn only_the_last_hundred_are_kept() {
        let (mailbox, received) = watch::channel(Arc::default());
        for number in 0..KEPT + 5 {
            keep(&mailbox, Mail::new(number.to_string(), vec![], vec![]));
        }
        let mails = received.borrow().clone();
        assert_eq!((mails.len(), mails[0].from.as_str(), mails[KEPT - 1].from.as_str()), (KEPT, "5", "104"));
    }

    #[tokio::test]
    async fn a_stopped_sink_takes_no_more() {
        let (sink, smtp, stop) = sink().await;
        let mut received = sink.received();
        drop(stop);
        // The sender is gone once the accepting task and every session are.
        while received.changed().await.is_ok() {}
        assert!(smtp.send(message("late", "x")).await.is_err());
    }
}
