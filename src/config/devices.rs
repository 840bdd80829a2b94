//! `devices:` the fleets.

use std::path::Path;

use cutover::Personality;
use devices::{FleetPlan, Login, Shares};
use document::{Fields, Key, Node, Source};
use probes::MqttTarget;
use url::Url;

use super::values::{count, one_or_more, parsed, share};

/// Reads the section.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Vec<FleetPlan> {
    let entries = node.entries("names of fleets with what they are", source).unwrap_or_default();
    entries.iter().filter_map(|(key, value)| one(key, value, base, source)).collect()
}

fn one(key: &Key, node: &Node, base: &Path, source: &mut Source<'_>) -> Option<FleetPlan> {
    let mut fields = Fields::of(node, "a fleet", source)?;
    let (devices, broker) = (fields.require("count", source), fields.require("broker", source));
    let devices = devices.and_then(|node| count(node, source));
    let broker = broker.and_then(|node| parsed::<MqttTarget>(node, source));
    let (Some(devices), Some(broker)) = (devices, broker) else {
        return None;
    };
    let mut plan = match FleetPlan::new(&key.name, devices, broker) {
        Ok(plan) => plan,
        Err(error) => {
            source.complain(key.place, error.to_string(), None);
            return None;
        }
    };
    let (register, account) = (fields.take("register"), fields.take("account"));
    if let (Some(_), Some(account)) = (register, account) {
        source.complain(account.place(), "a fleet has either `register` or `account`".to_owned(), None);
    }
    if let Some(url) = register.and_then(|node| registration(node, source)) {
        plan.login = Login::Register(url);
    } else if let Some(account) = account.and_then(|node| super::account::read(node, base, source)) {
        plan.login = Login::Account(account);
    }
    for (name, field) in [
        ("datapoint-every", &mut plan.datapoint_every),
        ("keep-alive", &mut plan.keep_alive),
        ("grace", &mut plan.grace),
    ] {
        if let Some(value) = fields.take(name).and_then(|node| node.duration(source)) {
            *field = value;
        }
    }
    if let Some(value) = fields.take("ramp").and_then(|node| count(node, source)) {
        plan.ramp = value;
    }
    if let Some(node) = fields.take("commands") {
        plan.commands = one_or_more(node, source, parsed);
    }
    if let Some(value) = fields.take("datapoints").and_then(|node| parsed(node, source)) {
        plan.datapoints = value;
    }
    if let Some(value) = fields.take("personality").and_then(|node| personality(node, source)) {
        plan.shares = value;
    }
    fields.finish(source);
    if let Err(error) = plan.check() {
        source.complain(key.place, error.to_string(), None);
        return None;
    }
    Some(plan)
}

/// `POST URL`, as a step of a journey is written.
fn registration(node: &Node, source: &mut Source<'_>) -> Option<Url> {
    let text = node.text(source)?;
    let url = text.strip_prefix("POST ").and_then(|url| Url::parse(url.trim()).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.is_none() {
        let help = "as in `POST https://api.acme.example/devices`".to_owned();
        source.complain(node.place(), format!("`{text}` is no request that registers a device"), Some(help));
    }
    url
}

fn personality(node: &Node, source: &mut Source<'_>) -> Option<Shares> {
    let mut shares = Vec::new();
    for (key, value) in node.entries("personalities with their shares", source)? {
        match key.name.parse::<Personality>() {
            Ok(personality) => shares.extend(share(value, source).map(|share| (personality, share * 100.0))),
            Err(error) => {
                let help = document::did_you_mean(&key.name, Personality::ALL.map(Personality::as_str));
                source.complain(key.place, error.to_string(), Some(help));
            }
        }
    }
    match Shares::new(shares) {
        Ok(shares) => Some(shares),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}
