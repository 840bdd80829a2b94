//! A notice as a mail (RFC 5322).

use std::sync::Arc;
use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};

use crate::channel::Attempt;
use crate::notice::Notice;
use crate::server::{Credentials, Server, ServerError};

/// How long one attempt may take, all told.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a server said is quoted up to this length.
const QUOTED_CHARS: usize = 300;

/// A receiver of mail, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailSettings {
    /// The server: `smtps://HOST`, `smtp+starttls://HOST` or `smtp://HOST`, with `:PORT` where it differs.
    pub smtp: String,
    /// The sender: `serin@acme.example` or `Serin <serin@acme.example>`.
    pub from: String,
    /// The recipients, in the same form.
    pub to: Vec<String>,
    /// User and password, if the server wants them.
    pub credentials: Option<Credentials>,
    /// The PEM of a CA certificate to trust beside the public ones.
    pub ca: Option<Vec<u8>>,
}

/// Why settings are not a receiver of mail.
#[derive(Debug, thiserror::Error)]
pub enum EmailError {
    /// The server cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// An address is none.
    #[error("`{given}` is no mail address: {source}")]
    Address {
        /// What was written.
        given: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
    /// An address outside ASCII, which many servers refuse (RFC 6531).
    #[error("the mail address `{0}` holds characters outside ASCII, which not every mail server takes")]
    Ascii(String),
    /// Nobody to send to.
    #[error("a receiver of mail needs at least one address in `to`")]
    Nobody,
}

/// A receiver of mail, checked and ready.
#[derive(Debug)]
pub struct Email {
    name: Arc<str>,
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
    timeout: Duration,
}

impl Email {
    /// Checks `settings`. Nothing is sent, and no server is asked.
    ///
    /// # Errors
    /// When the server's URL, an address or the CA certificate is unusable; the message names it and the way out.
    pub fn new(name: Arc<str>, settings: &EmailSettings) -> Result<Self, EmailError> {
        let server = Server::new(&settings.smtp, settings.credentials.as_ref(), settings.ca.as_deref())?;
        let to: Vec<_> = settings.to.iter().map(|text| mailbox(text)).collect::<Result<_, _>>()?;
        if to.is_empty() {
            return Err(EmailError::Nobody);
        }
        Ok(Self { name, server, from: mailbox(&settings.from)?, to, timeout: TIMEOUT })
    }

    /// Another limit for one attempt than 10 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) async fn send(&self, notice: &Notice) -> Attempt {
        let mail = match self.mail(notice) {
            Ok(mail) => mail.formatted(),
            Err(error) => return Attempt::Rejected(format!("no mail can be made of it: {error}")),
        };
        let to: Vec<_> = self.to.iter().map(|mailbox| mailbox.email.clone()).collect();
        let conversation = self.server.deliver(&self.from.email, &to, &mail);
        match tokio::time::timeout(self.timeout, conversation).await {
            Ok(Ok(receipt)) => {
                let mut words = format!("{}: {}", self.server, receipt.words);
                if !receipt.refused.is_empty() {
                    words = format!("{words}; refused: {}", receipt.refused.join(", "));
                }
                receipt.part().await;
                Attempt::Sent(quoted(&words))
            }
            Ok(Err(error)) if error.is_permanent() => {
                Attempt::Rejected(quoted(&format!("{}: {}", self.server, with_sources(&error))))
            }
            Ok(Err(error)) => Attempt::Retry(quoted(&format!("{}: {}", self.server, with_sources(&error)))),
            Err(_) => Attempt::Retry(format!(
                "{}: no end of it within {}",
                self.server,
                humantime::format_duration(self.timeout)
            )),
        }
    }

    fn mail(&self, notice: &Notice) -> Result<Message, lettre::error::Error> {
        let message_id = |id: &str| format!("<{id}@{}>", self.from.email.domain());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(notice.subject.clone())
            .date(notice.at.into())
            .message_id(Some(message_id(&notice.id)));
        for mailbox in &self.to {
            builder = builder.to(mailbox.clone());
        }
        if notice.thread != notice.id {
            let first = message_id(&notice.thread);
            builder = builder.in_reply_to(first.clone()).references(first);
        }
        // RFC 3834: nobody's out-of-office shall answer.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        builder
            .raw_header(HeaderValue::new(name, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(notice.body.clone())
    }
}

fn mailbox(text: &str) -> Result<Mailbox, EmailError> {
    let mailbox: Mailbox =
        text.parse().map_err(|source| EmailError::Address { given: text.to_owned(), source })?;
    let address: &str = mailbox.email.as_ref();
    if address.is_ascii() { Ok(mailbox) } else { Err(EmailError::Ascii(text.to_owned())) }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}

/// A server's words, harmless in a line of a log or a page.
fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
