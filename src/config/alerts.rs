//! `alerts:` who is told of what.

use std::path::Path;

use cutover::Decision;
use document::{Fields, Node, Source};

use super::names::fit;
use super::values::one_or_more;
use super::{AlertPlan, email};

const EXAMPLE: &str =
    "receivers: { room: { email: { to: room@acme.example, smtp: smtps://mail.acme.example } } }";

/// Reads the section.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<AlertPlan> {
    let mut fields = Fields::like(node, "`alerts`", EXAMPLE, source)?;
    let (receivers, on) = (fields.require("receivers"), fields.take("on"));
    fields.finish(source);
    let on = on.map_or_else(|| vec![Decision::Rollback], |node| decisions(node, source));
    let receivers = receivers?;
    let entries = receivers.entries("names of receivers with their channels", source)?;
    if entries.is_empty() {
        let help = Some(format!("such as `{EXAMPLE}`, or leave `alerts` out"));
        source.complain(receivers.place(), "nobody would be told: there is no receiver", help);
    }
    let mut plan = AlertPlan { on, email: Vec::new() };
    for (key, value) in entries {
        let settings = receiver(value, base, source);
        if fit(key, source) {
            plan.email.extend(settings.map(|settings| (key.name.as_str().into(), settings)));
        }
    }
    Some(plan)
}

fn decisions(node: &Node, source: &mut Source<'_>) -> Vec<Decision> {
    if node.items().is_some_and(<[_]>::is_empty) {
        let help = "write `on: rollback`, which is usual, or leave it out".to_owned();
        source.complain(node.place(), "an alert that fires on nothing tells nobody", Some(help));
    }
    one_or_more(node, source, decision)
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

fn receiver(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<alerts::EmailSettings> {
    let example = "{ email: { to: room@acme.example, smtp: smtps://mail.acme.example } }";
    let mut fields = Fields::like(node, "a receiver", example, source)?;
    let email = fields.require("email");
    fields.finish(source);
    email::read(email?, base, source)
}
