//! A fleet that talks with an MQTT broker.

use std::path::Path;
use std::sync::Arc;

use devices::{
    Authority, Identities, MqttPlan, SESSION_EXPIRY, Session, Slot, Template, TopicPattern, WillPlan,
};
use document::{Fields, Node, Source, file};
use probes::mqtt::Qos;
use probes::{MqttTarget, MqttVersion};

use crate::config::hosts;
use crate::config::values::{duration, one_or_more, parsed};

/// The keys that say how devices talk with a broker, beside `broker` itself.
pub(super) const KEYS: [&str; 9] = [
    "mqtt",
    "qos",
    "session",
    "session-expiry",
    "will",
    "client-certificates",
    "keep-alive",
    "commands",
    "datapoints",
];
/// The largest certificate or key that is read.
const LARGEST: u64 = 64 << 10;

/// Takes the keys, as far as they are there.
pub(super) fn take<'n>(fields: &mut Fields<'n>) -> Vec<(&'static str, &'n Node)> {
    KEYS.into_iter().filter_map(|key| fields.take(key).map(|node| (key, node))).collect()
}

/// Reads the plan. What is wrong is told with its own place, and leaves the plan as it was.
pub(super) fn read(
    node: &Node,
    keys: &[(&'static str, &Node)],
    base: &Path,
    names: &[Arc<str>],
    source: &mut Source<'_>,
) -> Option<MqttPlan> {
    let mut plan = match MqttPlan::new(broker(node, names, source)?) {
        Ok(plan) => plan,
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            return None;
        }
    };
    for (key, node) in keys {
        let mut changed = plan.clone();
        if change(&mut changed, key, node, base, source).is_none() {
            continue;
        }
        match changed.check() {
            Ok(()) => plan = changed,
            Err(error) => source.complain(node.place(), error.to_string(), None),
        }
    }
    let place = |key| keys.iter().find(|(known, _)| *known == key).map(|(_, node)| node.place());
    if let Some(place) = place("session-expiry") {
        let message = match (plan.version, plan.session) {
            (MqttVersion::V5, Session::Persistent(_)) => None,
            (_, Session::Clean) => Some("a clean session does not expire: it ends with its connection"),
            (MqttVersion::V3_1_1, _) => {
                Some("with MQTT 3.1.1 the broker itself decides how long a session is kept")
            }
        };
        if let Some(message) = message {
            let help = "`session: persistent` with `mqtt: 5`, or leave it out".to_owned();
            source.complain(place, message, Some(help));
        }
    }
    if let (Some(place), false) = (place("client-certificates"), plan.broker.tls) {
        let help = "the broker needs `mqtts://` or `wss://`".to_owned();
        source.complain(place, "without TLS no device can show a certificate", Some(help));
    }
    Some(plan)
}

fn change(plan: &mut MqttPlan, key: &str, node: &Node, base: &Path, source: &mut Source<'_>) -> Option<()> {
    match key {
        "mqtt" => {
            plan.version = word(node, &[("3.1.1", MqttVersion::V3_1_1), ("5", MqttVersion::V5)], source)?;
        }
        "qos" => plan.qos = qos(node, source)?,
        "session" => {
            let kinds = [("clean", Session::Clean), ("persistent", Session::Persistent(SESSION_EXPIRY))];
            plan.session = word(node, &kinds, source)?;
        }
        // Read after `session`.
        "session-expiry" => {
            let expiry = duration(node, source)?;
            if let Session::Persistent(present) = &mut plan.session {
                *present = expiry;
            }
        }
        "will" => plan.will = Some(will(node, source)?),
        "client-certificates" => plan.identities = identities(node, base, source)?,
        "keep-alive" => plan.keep_alive = duration(node, source)?,
        "commands" => plan.commands = commands(node, source),
        _ => plan.datapoints = parsed(node, source)?,
    }
    Some(())
}

/// One of a few words.
fn word<T: Copy>(node: &Node, words: &[(&str, T)], source: &mut Source<'_>) -> Option<T> {
    let text = node.text(source)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        source.complain(node.place(), format!("`{text}` is none of {}", known.join(", ")), None);
    }
    found
}

fn qos(node: &Node, source: &mut Source<'_>) -> Option<Qos> {
    word(node, &[("0", Qos::AtMostOnce), ("1", Qos::AtLeastOnce), ("2", Qos::ExactlyOnce)], source)
}

fn will(node: &Node, source: &mut Source<'_>) -> Option<WillPlan> {
    let example = "{ topic: 'devices/{device}/status', payload: gone }";
    let mut fields = Fields::like(node, "a will", example, source)?;
    let (topic, payload) = (fields.require("topic"), fields.require("payload"));
    let (quality, retain) = (fields.take("qos"), fields.take("retain"));
    fields.finish(source);
    let topic = topic.and_then(|node| parsed(node, source));
    let payload = payload.and_then(|node| {
        let text = node.text(source)?;
        let template = Template::new(&text, &Slot::NAMES);
        template.map_err(|error| source.complain(node.place(), format!("payload: {error}"), None)).ok()
    });
    let qos = quality.map_or(Some(Qos::AtLeastOnce), |node| qos(node, source));
    let retain = retain.map_or(Some(false), |node| node.boolean(source));
    Some(WillPlan { topic: topic?, payload: payload?, qos: qos?, retain: retain? })
}

/// A folder with `DEVICE.pem` and `DEVICE.key`, or the authority that makes them.
fn identities(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Identities> {
    if node.spelling(source).is_some() {
        let path = base.join(node.text(source)?);
        if !path.is_dir() {
            let help =
                "a folder with `DEVICE.pem` and `DEVICE.key`, or `{ ca: ca.pem, key: ca.key }`".to_owned();
            source.complain(node.place(), format!("there is no folder {}", path.display()), Some(help));
            return None;
        }
        return Some(Identities::Folder(path));
    }
    let example = "{ ca: ca.pem, key: ca.key }";
    let mut fields = Fields::like(node, "a certificate authority", example, source)?;
    let (ca, key) = (fields.require("ca"), fields.require("key"));
    fields.finish(source);
    let mut text = |node: &Node| {
        let path = base.join(node.text(source)?);
        let text = file::text(&path, LARGEST);
        let unreadable = |why| format!("the file {} cannot be read: {why}", path.display());
        text.map_err(|why| source.complain(node.place(), unreadable(why), None)).ok()
    };
    let (ca_text, key) = (ca.and_then(&mut text), key.and_then(&mut text));
    match Authority::new(&ca_text?, &key?) {
        Ok(authority) => Some(Identities::Authority(Arc::new(authority))),
        Err(error) => {
            source.complain(ca.map_or_else(|| node.place(), Node::place), error.to_string(), None);
            None
        }
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
