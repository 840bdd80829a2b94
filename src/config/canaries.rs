//! `canaries:` the real devices that move first.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::cutover::RealCanary;
use ::devices::{Account, CanaryPlan, CanaryTopic, Pick, WatchPlan};
use dashboards::Token;
use document::{Fields, Key, Node, Secret, Source};
use probes::{MqttTarget, Pins, needs_no_resolver};

use super::values::{duration, interval, parsed};
use super::{CanaryConfig, account, hosts, names};

/// They are designated one by one, and each is a label.
const MOST: usize = 100;
/// Nobody expects a sign of life oftener.
const OFTENEST: Duration = Duration::from_millis(200);
/// A grace that nobody has stated is half an interval, and this at least.
const LEAST_GRACE: Duration = Duration::from_secs(5);
const EXAMPLE: &str =
    "{ every: 60s, watch: { broker: mqtts://mqtt.acme.example, topic: \"devices/{device}/datapoints\" } }";
const WATCH: &str = "{ broker: mqtts://mqtt.acme.example, topic: \"devices/{device}/datapoints\" }";

/// What stands around the section.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// The folder from which paths count.
    pub(super) base: &'a Path,
    /// The DNS names that move.
    pub(super) names: &'a [Arc<str>],
    /// Where they are; `None` where that is not known because `cutover:` is wrong.
    pub(super) pins: Option<&'a Pins>,
    /// The account that a watch has if it states none.
    pub(super) operator: Option<&'a Account>,
}

/// Reads the section.
pub(super) fn read(node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Vec<CanaryConfig> {
    let entries = node.entries("names of canaries with how they are heard", source).unwrap_or_default();
    if entries.len() > MOST {
        let help = "name those who move first; the others are watched as a fleet's figures".to_owned();
        let message = format!("{} canaries are more than {MOST}", entries.len());
        source.complain(entries[MOST].0.place, message, Some(help));
    }
    entries.iter().filter_map(|(key, value)| one(key, value, around, source)).collect()
}

fn one(key: &Key, node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Option<CanaryConfig> {
    let mut fields = Fields::like(node, "a canary", EXAMPLE, source)?;
    let fit = names::fit(key, source);
    let (device, every) = (fields.take("device"), fields.require("every"));
    let (grace, watch, check_in) = (fields.take("grace"), fields.take("watch"), fields.take("check-in"));
    let place = fields.place();
    fields.finish(source);

    let device = match device {
        Some(node) => identified(node, source),
        None => {
            let error = CanaryPlan::check_device(&key.name).err().filter(|_| fit && watch.is_some());
            if let Some(error) = error {
                let help = "name the device's own id with `device:`".to_owned();
                source.complain(key.place, error.to_string(), Some(help));
            }
            Some(key.name.as_str().into())
        }
    };
    let every = every.and_then(|node| interval(node, OFTENEST, source));
    let grace = match grace {
        Some(node) => duration(node, source),
        None => every.map(|every| (every / 2).max(LEAST_GRACE)),
    };
    // What is wrong with it has been said: it is no reason to say that there is none.
    let check_in = check_in.map_or(Some(CheckIn::Never), |node| desk(node, around.base, source));
    if watch.is_none() && matches!(check_in, Some(CheckIn::Never)) {
        let help = "add `watch:` with its broker and topic, or `check-in: true`".to_owned();
        source.complain(place, "nothing would ever be heard of this canary", Some(help));
    }
    let heard = watch.map(|node| listened(node, around, source));
    let watch = match heard {
        Some(None) => return None,
        watch => watch.flatten(),
    };
    let canary = RealCanary {
        name: key.name.as_str().into(),
        every: every?,
        grace: grace?,
        subscribed: watch.is_some(),
    };
    let (checks_in, token) = match check_in? {
        CheckIn::Never => (false, None),
        CheckIn::Shared => (true, None),
        CheckIn::Own(token) => (true, Some(token)),
    };
    Some(CanaryConfig { plan: CanaryPlan { canary, device: device?, watch }, checks_in, token })
}

fn identified(node: &Node, source: &mut Source<'_>) -> Option<Arc<str>> {
    let id = node.text(source)?;
    match CanaryPlan::check_device(&id) {
        Ok(()) => Some(id.into()),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}

/// How a canary checks in.
enum CheckIn {
    Never,
    /// With the token that `serin run` was given.
    Shared,
    /// With one of its own.
    Own(Token),
}

/// `true`, or `{ token: { env|file: .. } }`.
fn desk(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<CheckIn> {
    if node.items().is_none() && matches!(node.kind, document::Kind::Bool(_)) {
        let checks_in = node.boolean(source)?;
        return Some(if checks_in { CheckIn::Shared } else { CheckIn::Never });
    }
    let mut fields = Fields::like(node, "a check-in", "{ token: { file: secrets/van.token } }", source)?;
    let token = fields.require("token");
    fields.finish(source);
    let secret = token.and_then(|node| Secret::read(node, base, source))?;
    Token::new(secret.reveal()).map(CheckIn::Own)
}

fn listened(node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Option<WatchPlan> {
    let mut fields = Fields::like(node, "a watch", WATCH, source)?;
    let (broker, topic) = (fields.require("broker"), fields.require("topic"));
    let (id, at, account) = (fields.take("id"), fields.take("at"), fields.take("account"));
    fields.finish(source);
    let broker = broker.and_then(|node| brokered(node, around, source));
    let topic = topic.and_then(|node| Some((node, parsed::<CanaryTopic>(node, source)?)));
    if let Some((node, topic)) = topic.as_ref().filter(|(_, topic)| topic.names_the_device() == id.is_some())
    {
        let (message, help) = if topic.names_the_device() {
            ("the device's id is in the topic: in the payload it is not looked for", "leave `id` out")
        } else {
            (
                "whose message it is cannot be told: the topic does not name the `{device}`",
                "put `{device}` where its id is, or say where it is in the payload with `id: json $.device`",
            )
        };
        source.complain(node.place(), message, Some(help.to_owned()));
    }
    let id = id.map(|node| picked(node, source));
    let at = at.map(|node| picked(node, source));
    let account = match account {
        Some(node) => Some(account::read(node, around.base, source)?),
        None => around.operator.cloned(),
    };
    let (_, topic) = topic?;
    let (id, at) = (optional(id)?, optional(at)?);
    Some(WatchPlan { broker: broker?, topic, id, at, account })
}

/// What was left out is there as nothing; what is wrong is not there.
fn optional<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

fn picked(node: &Node, source: &mut Source<'_>) -> Option<Pick> {
    let text = node.text(source)?;
    match text.parse::<Pick>() {
        Ok(pick) => Some(pick),
        Err(error) => {
            let place = node.within(source, error.at, text.len().saturating_sub(error.at).max(1));
            source.complain(place, error.to_string(), None);
            None
        }
    }
}

/// A broker that is on both sides under one name.
fn brokered(node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Option<MqttTarget> {
    let text = node.text(source)?;
    if !text.contains("://") {
        let shown = hosts::shown(node, &text, source);
        let help = "with TLS `mqtts://HOST`, without `mqtt://HOST`, and `:PORT` if it is not the usual one";
        source.complain(node.place(), format!("`{shown}` is no broker"), Some(help.to_owned()));
        return None;
    }
    if text.contains('@') {
        source.hide(node.place);
    }
    let target = parsed::<MqttTarget>(node, source)?;
    let host = &target.host;
    let pinned = around
        .pins
        .is_none_or(|pins| ::cutover::Side::BOTH.into_iter().all(|side| pins.get(side, host).is_some()));
    if !pinned {
        let why = if needs_no_resolver(host) { "is an address" } else { "is none of the names that move" };
        let message = format!("{host} {why}: canaries are listened for on both sides");
        let help = document::did_you_mean(host, around.names.iter().map(|name| &**name));
        source.complain(node.place(), message, Some(help));
    }
    Some(target)
}
