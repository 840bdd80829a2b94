use std::io;
use std::time::Duration;

use smtp_proto::Request;
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver, RequestReceiver};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::Mail;

/// The largest mail that is accepted, in bytes (announced by SIZE, RFC 1870).
const MAX_MAIL: usize = 1024 * 1024;
/// How many recipients a mail may have; RFC 5321 (4.5.3.1.8) asks for a hundred.
const MAX_RECIPIENTS: usize = 100;
/// After so many refused commands the connection is closed.
const MAX_REFUSALS: usize = 20;
/// How long a client may be silent, or not take an answer. RFC 5321 (4.5.3.2) allows minutes; a rehearsal is short.
const PATIENCE: Duration = Duration::from_secs(60);

const GREETING: &str = "220 rehearsal.invalid ESMTP mail sink, delivers nothing";
const OK: &str = "250 OK";
const TOO_LARGE: &str = "552 too large a mail";

/// The envelope of the mail that is being sent.
#[derive(Debug, Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

/// What follows a command, beside its answer.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    Command,
    Data,
    End,
}

/// Speaks SMTP until the client leaves, and hands over each mail once it is complete, before it is acknowledged.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    mut keep: impl FnMut(Mail),
) -> io::Result<()> {
    let mut wire = Wire { stream, bytes: Vec::new(), at: 0 };
    let mut commands = RequestReceiver::default();
    let mut envelope = Envelope::default();
    let mut refusals = 0;
    wire.answer(GREETING).await?;
    loop {
        let mut rest = wire.rest().iter();
        let heard = commands.ingest(&mut rest).map(Request::into_owned);
        let unread = rest.as_slice().len();
        let (answer, then) = match heard {
            Ok(request) => envelope.step(request),
            Err(smtp_proto::Error::NeedsMoreData { .. }) => {
                wire.more().await?;
                continue;
            }
            Err(smtp_proto::Error::ResponseTooLong) => ("500 too long a line".into(), Then::End),
            Err(_) => ("501 not understood".into(), Then::Command),
        };
        wire.at = wire.bytes.len() - unread;
        refusals += usize::from(answer.starts_with('5'));
        wire.answer(&answer).await?;
        match then {
            Then::Command if refusals > MAX_REFUSALS => return wire.answer("421 too many errors").await,
            Then::Command => {}
            Then::Data => {
                let raw = wire.data().await?;
                let Envelope { from, to } = std::mem::take(&mut envelope);
                match (raw, from) {
                    (Some(raw), Some(from)) => {
                        keep(Mail::new(from, to, raw));
                        wire.answer(OK).await?;
                    }
                    _ => wire.answer(TOO_LARGE).await?,
                }
            }
            Then::End => return Ok(()),
        }
    }
}

impl Envelope {
    /// The answer to a command (RFC 5321, 4.1 and 4.3.2), and what comes next.
    fn step(&mut self, request: Request<String>) -> (String, Then) {
        let answer = match request {
            Request::Ehlo { .. } => {
                *self = Self::default();
                format!(
                    "250-rehearsal.invalid\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {MAX_MAIL}"
                )
            }
            Request::Helo { .. } => {
                *self = Self::default();
                "250 rehearsal.invalid".into()
            }
            Request::Rset => {
                *self = Self::default();
                OK.into()
            }
            Request::Mail { .. } if self.from.is_some() => "503 a mail is under way, RSET first".into(),
            Request::Mail { from } if from.size > MAX_MAIL => TOO_LARGE.into(),
            Request::Mail { from } => {
                self.from = Some(from.address);
                OK.into()
            }
            Request::Rcpt { .. } if self.from.is_none() => "503 MAIL first".into(),
            Request::Rcpt { .. } if self.to.len() == MAX_RECIPIENTS => "452 too many recipients".into(),
            Request::Rcpt { to } => {
                self.to.push(to.address);
                OK.into()
            }
            Request::Data if self.to.is_empty() => "503 MAIL and RCPT first".into(),
            Request::Data => return ("354 go on, end with a dot on a line of its own".into(), Then::Data),
            Request::Noop { .. } => OK.into(),
            Request::Vrfy { .. } => "252 not verified, but accepted".into(),
            Request::Quit => return ("221 bye".into(), Then::End),
            _ => "502 not implemented".into(),
        };
        (answer, Then::Command)
    }
}

/// The connection, and what was read from it but not yet used.
struct Wire<S> {
    stream: S,
    bytes: Vec<u8>,
    at: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Replaces what was read, which must be used up, by what comes next.
    async fn more(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.at = 0;
        self.bytes.reserve(4 * 1024);
        match timeout(PATIENCE, self.stream.read_buf(&mut self.bytes)).await?? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn answer(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\r\n");
        timeout(PATIENCE, self.stream.write_all(line.as_bytes())).await?
    }

    /// Reads a mail up to the dot that ends it. None when it was too large; it is read to its end all the same, so
    /// that the client hears the answer.
    async fn data(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        let mut receiver = DataReceiver::new();
        // The receiver knows a dot by the line end before it, and the first line has none: without this an empty
        // mail never ends, and a dot at its very beginning stays doubled.
        receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
        let mut skipping = None;
        loop {
            let mut rest = self.rest().iter();
            let done = match &mut skipping {
                None => receiver.ingest(&mut rest, &mut mail),
                Some(skip) => DummyDataReceiver::ingest(skip, &mut rest),
            };
            self.at = self.bytes.len() - rest.as_slice().len();
            if mail.len() > MAX_MAIL && skipping.is_none() {
                skipping = Some(DummyDataReceiver::new_data(&receiver));
            }
            if done {
                return Ok(skipping.is_none().then_some(mail));
            }
            self.more().await?;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    /// Says all of it at once (as PIPELINING allows), and returns the codes of the answers and the mails.
    async fn say(script: &[u8]) -> (Vec<u16>, Vec<Mail>) {
        let (near, far) = tokio::io::duplex(512);
        let mut mails = Vec::new();
        let mut answers = String::new();
        let (mut read, mut write) = tokio::io::split(far);
        let client = async {
            let talk = async {
                // The server may hang up in the middle.
                let _: io::Result<()> = write.write_all(script).await;
                let _: io::Result<()> = write.shutdown().await;
            };
            tokio::join!(read.read_to_string(&mut answers), talk).0.unwrap();
        };
        let _: (io::Result<()>, ()) = tokio::join!(run(near, |mail| mails.push(mail)), client);
        let finals = answers.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
        (finals.map(|line| line[..3].parse().unwrap()).collect(), mails)
    }

    #[tokio::test]
    async fn a_whole_session_in_one_go() {
        let (codes, mails) = say(b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n\
            Subject: x\r\n\r\n..y\r\n.\r\nNOOP\r\nRSET\r\nVRFY c\r\nQUIT\r\n")
        .await;
        assert_eq!(codes, [220, 250, 250, 250, 354, 250, 250, 250, 252, 221]);
        assert_eq!(mails[0].raw, "Subject: x\r\n\r\n.y\r\n");
        assert_eq!((mails[0].from.as_str(), mails[0].subject.as_str()), ("a@b.example", "x"));
    }

    #[tokio::test]
    async fn an_empty_mail_and_a_dot_at_its_very_beginning() {
        let envelope = "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
        let (codes, mails) = say(format!("{envelope}.\r\n{envelope}..x\r\n.\r\nQUIT\r\n").as_bytes()).await;
        assert_eq!(codes, [220, 250, 250, 354, 250, 250, 250, 354, 250, 221]);
        let raws: Vec<_> = mails.iter().map(|mail| mail.raw.clone()).collect();
        assert_eq!(raws, ["", ".x\r\n"]);
    }

    #[tokio::test]
    async fn commands_out_of_order_and_nonsense_are_refused_and_the_session_goes_on() {
        let (codes, mails) = say(b"DATA\r\nRCPT TO:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\n\
            DATA\r\nMAIL FROM:no\r\nHURZ 1 2\r\n\xff\xfe\r\nSTARTTLS\r\nRSET\r\nRCPT TO:<a@b.example>\r\nQUIT\r\n")
        .await;
        assert_eq!(codes, [220, 503, 503, 250, 503, 503, 501, 501, 501, 502, 250, 503, 221]);
        assert_eq!(mails, []);
    }

    #[tokio::test]
    async fn a_mail_that_is_too_large_is_refused_and_the_session_goes_on() {
        let announced = format!("MAIL FROM:<a@b.example> SIZE={}\r\n", MAX_MAIL + 1);
        let line = [b"x".repeat(998), b"\r\n".to_vec()].concat();
        let script = [
            announced.as_bytes(),
            b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n",
            &line.repeat(MAX_MAIL / 1000 + 1),
            b".\r\nQUIT\r\n",
        ];
        let (codes, mails) = say(&script.concat()).await;
        assert_eq!(codes, [220, 552, 250, 250, 354, 552, 221]);
        assert_eq!(mails, []);
    }

    #[tokio::test]
    async fn endless_lines_and_endless_errors_end_the_session() {
        let (codes, _) = say(&b"x".repeat(100_000)).await;
        assert_eq!(codes, [220, 500]);
        let (codes, _) = say(&b"HURZ\r\n".repeat(1_000)).await;
        assert_eq!((codes.len(), codes.last()), (2 + MAX_REFUSALS + 1, Some(&421)));
    }

    #[tokio::test]
    async fn recipients_are_limited() {
        let script = [
            "MAIL FROM:<a@b.example>\r\n".to_owned(),
            "RCPT TO:<c@d.example>\r\n".repeat(MAX_RECIPIENTS + 1),
        ];
        let (codes, _) = say(script.concat().as_bytes()).await;
        assert_eq!(codes.last(), Some(&452));
    }
}
