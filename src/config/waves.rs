//! `waves:` in which order devices are reset.

use std::time::Duration;

use devices::FleetPlan;
use document::{Fields, Node, Source, did_you_mean};

use super::values::{duration_or_none, one_or_more, share};
use crate::reset::{Wave, Who};

/// The word that means all waves, one after the other.
const ALL: &str = "all";

/// Reads the section.
pub(super) fn read(node: &Node, fleets: &[FleetPlan], source: &mut Source<'_>) -> Vec<Wave> {
    let what = "waves, such as `[{ name: first, share: 10%, pause: 2m }, { name: rest, share: 100% }]`";
    let items = node.list(what, source).unwrap_or_default();
    let mut waves: Vec<Wave> = Vec::new();
    for item in items {
        let Some((wave, place)) = one(item, fleets, source) else { continue };
        if waves.iter().any(|known| known.name == wave.name) {
            source.complain(place.place(), format!("there are two waves `{}`", wave.name), None);
        }
        waves.push(wave);
    }
    for fleet in fleets.iter().filter(|fleet| fleet.mqtt().is_some()) {
        if !waves.is_empty() && fleet.topic_of(&fleet.device(0)).is_none() {
            let message =
                format!("the devices of `{}` cannot be reset in waves: they have no topic each", fleet.name);
            let help = "add one with {device} to its `commands:`, or `reset: { topic: .. }`".to_owned();
            source.complain(node.place(), message, Some(help));
        }
    }
    waves
}

fn one<'n>(node: &'n Node, fleets: &[FleetPlan], source: &mut Source<'_>) -> Option<(Wave, &'n Node)> {
    let mut fields = Fields::like(node, "a wave", "{ name: first, share: 10%, pause: 2m }", source)?;
    let (name, pause) = (fields.require("name"), fields.take("pause"));
    let (devices, share) = (fields.take("devices"), fields.take("share"));
    fields.finish(source);
    let named = name?;
    let name = named.text(source)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name == ALL || !(1..=64).contains(&name.len()) || !name.chars().all(plain) {
        let message = format!("`{name}` is no name of a wave");
        let help = "1 to 64 letters, digits, `-`, `_` or `.`; `all` means all of them".to_owned();
        source.complain(named.place(), message, Some(help));
    }
    let pause = pause.map_or(Some(Duration::ZERO), |node| duration_or_none(node, source));
    let who = match (devices, share) {
        (Some(devices), None) => Who::Devices(self::devices(devices, fleets, source)),
        (None, Some(node)) => Who::Share(part(node, source)?),
        _ => {
            let help =
                "`devices: [NAME, ..]` names them, `share: 10%` takes so many of each fleet".to_owned();
            source.complain(node.place(), "a wave has either `devices` or `share`", Some(help));
            return None;
        }
    };
    Some((Wave { name: name.into(), who, pause: pause? }, named))
}

fn part(node: &Node, source: &mut Source<'_>) -> Option<f64> {
    let part = share(node, source)?;
    if part == 0.0 {
        source.complain(node.place(), "a wave of nobody", None);
    }
    Some(part)
}

fn devices(node: &Node, fleets: &[FleetPlan], source: &mut Source<'_>) -> Vec<String> {
    one_or_more(node, source, |node, source| {
        let name = node.text(source)?;
        if fleets.iter().all(|fleet| fleet.index(&name).is_none()) {
            let like: Vec<_> = fleets.iter().map(|fleet| fleet.device(0)).collect();
            let help = did_you_mean(&name, like.iter().map(String::as_str));
            source.complain(node.place(), format!("`{name}` is no device of any fleet"), Some(help));
        }
        Some(name)
    })
}
