//! `devices:` the fleets.

use std::path::Path;
use std::sync::Arc;

use devices::{FleetPlan, Login, TopicPattern};
use document::{Fields, Key, Node, Source};
use probes::MqttTarget;
use url::Url;

use super::values::{count, duration, one_or_more, parsed};
use super::{account, hosts, personality};

const EXAMPLE: &str = r#"{ count: 200, broker: "mqtts://mqtt.acme.example" }"#;

/// What stands around the section.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// The folder from which paths count.
    pub(super) base: &'a Path,
    /// The DNS names that move.
    pub(super) names: &'a [Arc<str>],
    /// Whether the reset has an account of its own.
    pub(super) operator: bool,
}

/// Reads the section.
pub(super) fn read(node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Vec<FleetPlan> {
    let entries = node.entries("names of fleets with what they are", source).unwrap_or_default();
    entries.iter().filter_map(|(key, value)| one(key, value, around, source)).collect()
}

/// What is wrong is told with its own place, and leaves the plan as it was: the file is refused anyway.
fn one(key: &Key, node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Option<FleetPlan> {
    let mut fields = Fields::like(node, "a fleet", EXAMPLE, source)?;
    let mut plan = named(key, source)?;
    if let Some(node) = fields.require("count", source) {
        let devices = count(node, source).unwrap_or(plan.count);
        if devices == 0 {
            source.complain(node.place(), "a fleet without devices shows nothing", None);
        }
        set(&mut plan, node, source, |plan| plan.count = devices);
    }
    if let Some(node) = fields.require("broker", source) {
        plan.broker = broker(node, around.names, source).unwrap_or(plan.broker);
    }
    let (register, account) = (fields.take("register"), fields.take("account"));
    plan.login = login(register, account, around, source);
    for (name, field) in [
        ("datapoint-every", (|plan| &mut plan.datapoint_every) as fn(&mut FleetPlan) -> &mut _),
        ("keep-alive", |plan| &mut plan.keep_alive),
        ("grace", |plan| &mut plan.grace),
    ] {
        let Some(node) = fields.take(name) else { continue };
        if let Some(value) = duration(node, source) {
            set(&mut plan, node, source, |plan| *field(plan) = value);
        }
    }
    if let Some(node) = fields.take("ramp") {
        let value = count(node, source).unwrap_or(plan.ramp);
        set(&mut plan, node, source, |plan| plan.ramp = value);
    }
    if let Some(node) = fields.take("commands") {
        let topics = commands(node, source);
        set(&mut plan, node, source, |plan| plan.commands = topics);
    }
    if let Some(node) = fields.take("datapoints")
        && let Some(topic) = parsed(node, source)
    {
        set(&mut plan, node, source, |plan| plan.datapoints = topic);
    }
    if let Some(shares) = fields.take("personality").and_then(|node| personality::read(node, source)) {
        plan.shares = shares;
    }
    fields.finish(source);
    Some(plan)
}

/// A plan of that name with the usual habits; what must be stated is a stand-in as yet.
fn named(key: &Key, source: &mut Source<'_>) -> Option<FleetPlan> {
    let nowhere = || MqttTarget { host: "localhost".into(), port: 1883, tls: false };
    match FleetPlan::new(&key.name, 1, nowhere()) {
        Ok(plan) => Some(plan),
        Err(error) => {
            source.complain(key.place, error.to_string(), None);
            FleetPlan::new("unnamed", 1, nowhere()).ok()
        }
    }
}

/// Makes a change to the plan if a fleet can live by it, else says why not.
fn set(plan: &mut FleetPlan, node: &Node, source: &mut Source<'_>, change: impl FnOnce(&mut FleetPlan)) {
    let mut changed = plan.clone();
    change(&mut changed);
    match changed.check() {
        Ok(()) => *plan = changed,
        Err(error) => source.complain(node.place(), error.to_string(), None),
    }
}

/// The topics on which devices listen: on one of them the reset must be sent.
fn commands(node: &Node, source: &mut Source<'_>) -> Vec<TopicPattern> {
    let topics = one_or_more(node, source, parsed::<TopicPattern>);
    let written = node.items().map_or(1, <[_]>::len);
    if written == 0 {
        let help = "leave `commands` out for the usual topics".to_owned();
        source.complain(node.place(), "no device would hear the reset: there is no topic", Some(help));
    } else if topics.len() == written && topics.iter().all(|topic| topic.clone().single().is_err()) {
        let help =
            "add one without, such as `fleets/{fleet}/commands`; the others are listened on".to_owned();
        let message =
            "the reset cannot be sent: every topic has a wildcard, and nothing is published on those";
        source.complain(node.place(), message, Some(help));
    }
    topics
}

fn broker(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<MqttTarget> {
    let text = node.text(source)?;
    let shown = hosts::shown(node, &text, source);
    if !text.contains("://") {
        let help = "with TLS `mqtts://HOST`, without `mqtt://HOST`, and `:PORT` if it is not the usual one";
        source.complain(node.place(), format!("`{shown}` is no broker"), Some(help.to_owned()));
        return None;
    }
    let target = parsed::<MqttTarget>(node, source)?;
    hosts::broker(node, &target.host, names, source);
    Some(target)
}

fn login(
    register: Option<&Node>,
    account: Option<&Node>,
    around: Around<'_>,
    source: &mut Source<'_>,
) -> Login {
    if let (Some(_), Some(account)) = (register, account) {
        let help = "`register`: each device asks for an account of its own; `account`: all have the same one";
        let message = "a fleet has either `register` or `account`";
        source.complain(account.place(), message, Some(help.to_owned()));
    }
    if let Some(register) = register.filter(|_| !around.operator) {
        let help =
            "add `operator: { username: NAME, password: { env: VARIABLE } }`, which may publish the reset";
        let message = "without `operator:` the reset is sent anonymously: each device's account is its own";
        source.remark(register.place(), message, Some(help.to_owned()));
    }
    let url = register.and_then(|node| registration(node, around.names, source));
    let account = account.and_then(|node| account::read(node, around.base, source));
    url.map(Login::Register).or(account.map(Login::Account)).unwrap_or(Login::Anonymous)
}

/// `POST URL`, as a step of a journey is written.
fn registration(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<Url> {
    let text = node.text(source)?;
    let url = text.strip_prefix("POST ").and_then(|url| Url::parse(url.trim()).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match &url {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            source.hide(node.place);
            let help = "leave it out: devices register without a password".to_owned();
            source.complain(node.place(), "a secret does not belong into this file", Some(help));
        }
        Some(url) => hosts::url(node, url, names, source),
        None => {
            let help = "as in `POST https://api.acme.example/devices`".to_owned();
            let shown = hosts::shown(node, &text, source);
            let message = format!("`{shown}` is no request that registers a device");
            source.complain(node.place(), message, Some(help));
        }
    }
    url
}
