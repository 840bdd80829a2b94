//! What can be wrong with a name, in words: the same trouble at several names and resolvers is said once.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::words::clock;
use crate::{Cause, Decision, Reason, Side};

/// What can be wrong with a resolver's view of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    /// It resolves to addresses of neither side: these.
    Other(Vec<IpAddr>),
    /// It does not resolve, and this is what the answer says.
    Failing(String),
    /// It resolves to the side that was left, this one, after the TTL ran out.
    Stale(Side),
    /// It was not moved away from this side, as those say who decide: authoritative servers, or else every resolver.
    Unmoved {
        /// The side to be left.
        from: Side,
        /// Whether an authoritative server says so.
        authoritative: bool,
    },
    /// The resolver does not answer: the canary's own trouble.
    Silent(String),
}

/// Where it is wrong.
pub(super) struct Group<'a> {
    pub(super) names: BTreeSet<&'a str>,
    pub(super) resolvers: BTreeSet<&'a str>,
    /// Since when it is wrong at the first of them.
    pub(super) since: DateTime<Utc>,
}

impl Group<'_> {
    pub(super) const fn new(since: DateTime<Utc>) -> Self {
        Self { names: BTreeSet::new(), resolvers: BTreeSet::new(), since }
    }
}

impl Wrong {
    /// The reason to hold, in words.
    pub(super) fn reason(&self, group: &Group<'_>, now: DateTime<Utc>) -> Reason {
        let (names, resolvers) = (listed(&group.names), listed(&group.resolvers));
        let one = group.names.len() == 1;
        let (cause, text) = match self {
            Self::Other(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                let (verb, addresses) = (if one { "resolves" } else { "resolve" }, addresses.join(", "));
                (
                    Cause::NameOther,
                    format!("{names} {verb} to {addresses} at {resolvers}: an address of neither side"),
                )
            }
            Self::Failing(why) => {
                let verb = if one { "does" } else { "do" };
                (Cause::NameFailing, format!("{names} {verb} not resolve at {resolvers}: {why}"))
            }
            Self::Stale(from) => {
                let verb = if one { "resolves" } else { "resolve" };
                let (late, deadline) = ((now - group.since).num_seconds(), clock(group.since));
                let text = format!(
                    "{names} still {verb} to the {from} side at {resolvers}, {late} s after the TTL ran out at {deadline}"
                );
                (Cause::NameStale, text)
            }
            Self::Unmoved { from, authoritative } => {
                let have = if one { "has" } else { "have" };
                let back = if *from == Side::New { " back" } else { "" };
                let give = if group.resolvers.len() == 1 { "gives" } else { "give" };
                let who = if *authoritative {
                    format!("{resolvers}, which decides, still {give}")
                } else {
                    "every resolver still gives".to_owned()
                };
                (Cause::NameStale, format!("{names} {have} not moved{back}: {who} the {from} side"))
            }
            Self::Silent(why) => {
                let verb = if group.resolvers.len() == 1 { "does" } else { "do" };
                let text = format!("the canary's resolver {resolvers} {verb} not answer for {names}: {why}");
                (Cause::Canary, text)
            }
        };
        Reason::plain(cause, Decision::Hold, text, Some(group.since))
    }
}

/// A few of them, and how many more.
fn listed(words: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<_> = words.iter().take(SHOWN).copied().collect();
    match (words.len(), shown.split_last()) {
        (0 | 1, _) | (_, None) => shown.concat(),
        (count, _) if count > SHOWN => format!("{} and {} more", shown.join(", "), count - SHOWN),
        (_, Some((last, first))) => format!("{} and {last}", first.join(", ")),
    }
}
