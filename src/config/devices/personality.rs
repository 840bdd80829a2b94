//! `personality:` which share of a fleet treats DNS in which way.

use cutover::Personality;
use devices::Shares;
use document::{Node, Source};

use crate::config::values::share;

/// Reads the shares.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<Shares> {
    let what = "personalities with their shares, such as `{ reset-only: 80%, at-ttl: 20% }`";
    let entries = node.entries(what, source)?;
    let mut shares = Vec::new();
    for (key, value) in entries {
        let personality = key.name.parse::<Personality>();
        if personality.is_err() {
            let help = document::did_you_mean(&key.name, Personality::ALL.map(Personality::as_str));
            source.complain(key.place, format!("`{}` is no personality", key.name), Some(help));
        }
        let share = share(value, source);
        shares.extend(personality.ok().zip(share.map(|share| share * 100.0)));
    }
    if shares.len() < entries.len() {
        // What the rest sums up to says nothing.
        return None;
    }
    match Shares::new(shares) {
        Ok(shares) => Some(shares),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}
