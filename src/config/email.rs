//! `email:` a receiver of mail.

use std::path::Path;
use std::sync::Arc;

use alerts::{Credentials, Email, EmailError, EmailSettings, ServerError};
use document::{Fields, Node, Secret, Source};

use super::values::{one_or_more, pem};

/// From whom mails come if nobody says otherwise.
const FROM: &str = "serin@localhost";
/// A server that is right, where only addresses are looked at.
const SERVER: &str = "smtp://localhost";

/// Reads a receiver of mail.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<EmailSettings> {
    let example = "{ to: room@acme.example, smtp: smtps://mail.acme.example }";
    let mut fields = Fields::like(node, "`email`", example, source)?;
    let (smtp, to) = (fields.require("smtp"), fields.require("to"));
    let (from, user, password) = (fields.take("from"), fields.take("user"), fields.take("password"));
    let ca = fields.take("ca");
    fields.finish(source);

    let to = to.map(|node| recipients(node, source));
    let from = from.map_or_else(|| Some(FROM.to_owned()), |node| address(node, source));
    let credentials = credentials(user, password, base, source);
    let ca = ca.map(|node| pem(node, base, source));
    let smtp_text = smtp.and_then(|node| node.text(source))?;
    let settings = EmailSettings {
        smtp: smtp_text,
        from: FROM.to_owned(),
        to: vec![FROM.to_owned()],
        credentials: credentials?,
        ca: ca.clone().flatten(),
    };
    if let Err(error) = check(&settings) {
        let field = match &error {
            EmailError::Server(ServerError::NoCertificate(_) | ServerError::Ca { .. }) => "ca",
            _ => "smtp",
        };
        if let (EmailError::Server(ServerError::UserInUrl), Some(smtp)) = (&error, smtp) {
            source.hide(smtp.place);
        }
        source.complain(node.field_place(field), error.to_string(), None);
    }
    Some(EmailSettings { from: from?, to: to?, ..settings })
}

/// What can be used is known to the channel alone; asked field by field, what it says has a place.
fn check(settings: &EmailSettings) -> Result<(), EmailError> {
    Email::new(Arc::from("check"), settings).map(drop)
}

fn recipients(node: &Node, source: &mut Source<'_>) -> Vec<String> {
    if node.items().is_some_and(<[_]>::is_empty) {
        source.complain(node.place(), EmailError::Nobody.to_string(), None);
    }
    one_or_more(node, source, address)
}

fn address(node: &Node, source: &mut Source<'_>) -> Option<String> {
    let text = node.text(source)?;
    let alone = EmailSettings {
        smtp: SERVER.to_owned(),
        from: FROM.to_owned(),
        to: vec![text.clone()],
        ..EmailSettings::default()
    };
    let help = || Some("as in `room@acme.example` or `Room <room@acme.example>`".to_owned());
    match check(&alone) {
        Ok(()) => return Some(text),
        Err(EmailError::Address { .. }) => {
            source.complain(node.place(), format!("`{text}` is no mail address"), help());
        }
        Err(error) => source.complain(node.place(), error.to_string(), None),
    }
    None
}

/// Both of them or neither; `None` when there is something wrong with them.
fn credentials(
    user: Option<&Node>,
    password: Option<&Node>,
    base: &Path,
    source: &mut Source<'_>,
) -> Option<Option<Credentials>> {
    let (missing, node) = match (user, password) {
        (None, None) => return Some(None),
        (Some(user), Some(password)) => {
            let (user, password) = (user.text(source), Secret::read(password, base, source));
            return Some(Some(Credentials { user: user?, password: password?.reveal().to_owned() }));
        }
        (Some(user), None) => ("password: { env: VARIABLE }", user),
        (None, Some(password)) => ("user: NAME", password),
    };
    let help = format!("add `{missing}`");
    source.complain(node.place(), "`user` and `password` go together", Some(help));
    None
}
