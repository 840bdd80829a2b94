//! `alerts:` who is told of what.

use std::path::Path;
use std::sync::Arc;

use alerts::{Credentials, Email, EmailSettings};
use cutover::Decision;
use document::{Fields, Node, Source};

use super::AlertPlan;
use super::names::fit;
use super::secret::Secret;
use super::values::one_or_more;

/// From whom mails come if nobody says otherwise.
const FROM: &str = "serin@localhost";

/// Reads the section.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<AlertPlan> {
    let mut fields = Fields::of(node, "`alerts`", source)?;
    let (receivers, on) = (fields.require("receivers", source), fields.take("on"));
    fields.finish(source);
    let on = on.map_or_else(|| vec![Decision::Rollback], |node| one_or_more(node, source, decision));
    let entries = receivers?.entries("names of receivers with their channels", source).unwrap_or_default();
    let mut email = Vec::new();
    for (key, value) in entries {
        let settings = receiver(value, base, source);
        email.extend(
            settings.filter(|_| fit(key, source)).map(|settings| (key.name.as_str().into(), settings)),
        );
    }
    Some(AlertPlan { on, email })
}

fn decision(node: &Node, source: &mut Source<'_>) -> Option<Decision> {
    let text = node.text(source)?;
    let found = [Decision::Rollback, Decision::Hold].into_iter().find(|decision| decision.as_str() == text);
    if found.is_none() {
        let help = "an alert fires on `rollback`, and on `hold` if you like".to_owned();
        source.complain(node.place(), format!("`{text}` is no decision to be alerted of"), Some(help));
    }
    found
}

fn receiver(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<EmailSettings> {
    let mut fields = Fields::of(node, "a receiver", source)?;
    let email = fields.require("email", source);
    fields.finish(source);
    let node = email?;
    let mut fields = Fields::of(node, "`email`", source)?;
    let (smtp, to) = (fields.require("smtp", source), fields.require("to", source));
    let (from, user, password) = (fields.take("from"), fields.take("user"), fields.take("password"));
    let ca = fields.take("ca");
    fields.finish(source);
    let credentials = match (user, password) {
        (Some(user), Some(password)) => {
            let password = Secret::read(password, base, source);
            let user = user.text(source);
            Some(Credentials { user: user?, password: password?.reveal().to_owned() })
        }
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => {
            source.complain(one.place(), "`user` and `password` go together".to_owned(), None);
            None
        }
    };
    let settings = EmailSettings {
        smtp: smtp.and_then(|node| node.text(source))?,
        from: from.map_or_else(|| Some(FROM.to_owned()), |node| node.text(source))?,
        to: one_or_more(to?, source, Node::text),
        credentials,
        ca: ca.and_then(|node| super::load::pem(node, base, source)),
    };
    // Whether it can be used is known to the channel alone; what it says is told here, where there is a place.
    match Email::new(Arc::from("check"), &settings) {
        Ok(_) => Some(settings),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}
