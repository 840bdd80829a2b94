//! `personality:` which share of a fleet treats DNS in which way.

use cutover::Personality;
use devices::{Delay, Delays, Shares};
use document::{Fields, Kind, Node, Source};

use crate::config::values::{parsed, share};

/// Reads the shares, and how long the devices of each take to come back.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<(Shares, Delays)> {
    let what = "personalities with their shares, such as `{ reset-only: 80%, at-ttl: 20% }`";
    let entries = node.entries(what, source)?;
    let (mut shares, mut delays) = (Vec::new(), Delays::default());
    for (key, value) in entries {
        let personality = key.name.parse::<Personality>();
        if personality.is_err() {
            let help = document::did_you_mean(&key.name, Personality::ALL.map(Personality::as_str));
            source.complain(key.place, format!("`{}` is no personality", key.name), Some(help));
        }
        let (share, delay) = one(value, source);
        if let (Ok(personality), Some(delay)) = (&personality, delay) {
            delays = delays.with(*personality, delay);
        }
        shares.extend(personality.ok().zip(share.map(|share| share * 100.0)));
    }
    if shares.len() < entries.len() {
        // What the rest sums up to says nothing.
        return None;
    }
    match Shares::new(shares) {
        Ok(shares) => Some((shares, delays)),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}

/// A share, or a share and a delay.
fn one(node: &Node, source: &mut Source<'_>) -> (Option<f64>, Option<Delay>) {
    if !matches!(node.kind, Kind::Map(_)) {
        return (share(node, source), None);
    }
    let example = "{ share: 80%, delay: 0s..30s }";
    let Some(mut fields) = Fields::like(node, "a personality", example, source) else { return (None, None) };
    let (part, delay) = (fields.require("share"), fields.take("delay"));
    fields.finish(source);
    (part.and_then(|node| share(node, source)), delay.and_then(|node| parsed(node, source)))
}
