//! What the resolvers say of the names that move, and what of it is wrong.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::wrong_name::{Group, Wrong};
use crate::{NameAnswer, NameView, Phase, Reached, Reason, Sides};

/// So many answers in a row without an address, before it is more than a lost packet.
const FAILURES: u32 = 2;

/// One resolver's view of one name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct View {
    authoritative: bool,
    sides: Vec<Reached>,
    addresses: Vec<IpAddr>,
    /// Until when the latest answer may be kept by a resolver that holds to its TTL.
    old_until: Option<DateTime<Utc>>,
    since: DateTime<Utc>,
    failures: u32,
    trouble: Option<Trouble>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Trouble {
    silent: bool,
    text: String,
    since: DateTime<Utc>,
}

/// The views of all names at all resolvers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    #[serde(with = "crate::entries")]
    views: BTreeMap<(Arc<str>, Arc<str>), View>,
    /// Since when a name was seen on the new side anywhere, at an authoritative server if there is one.
    moved: BTreeMap<Arc<str>, DateTime<Utc>>,
}

impl Names {
    /// Takes one answer.
    pub(crate) fn observe(&mut self, answer: &NameAnswer, sides: &Sides) {
        let key = (answer.name.clone(), answer.resolver.clone());
        let view = self.views.entry(key).or_insert_with(|| View {
            authoritative: answer.authoritative,
            sides: Vec::new(),
            addresses: Vec::new(),
            old_until: None,
            since: answer.at,
            failures: 0,
            trouble: None,
        });
        match &answer.view {
            NameView::Addresses { addresses, ttl } => {
                let on = answer.view.sides(sides);
                if on != view.sides {
                    view.since = answer.at;
                }
                if on.contains(&Reached::Old) && !self.moved.contains_key(&answer.name) {
                    view.old_until = Some(later(answer.at, *ttl));
                }
                (view.sides, view.addresses) = (on, addresses.clone());
                (view.failures, view.trouble) = (0, None);
            }
            NameView::Failed(text) | NameView::Silent(text) => {
                view.failures = view.failures.saturating_add(1);
                let silent = matches!(answer.view, NameView::Silent(_));
                let since = view.trouble.as_ref().map_or(answer.at, |trouble| trouble.since);
                view.trouble = Some(Trouble { silent, text: text.clone(), since });
            }
        }
        self.note_move(&answer.name, answer.at);
    }

    fn note_move(&mut self, name: &Arc<str>, now: DateTime<Utc>) {
        let of_name = || self.views.iter().filter(|((of, _), _)| of == name).map(|(_, view)| view);
        let authority = of_name().any(|view| view.authoritative);
        let moved = of_name()
            .filter(|view| view.authoritative || !authority)
            .any(|view| view.sides.contains(&Reached::New) && !view.sides.contains(&Reached::Old));
        if !moved {
            self.moved.remove(name);
        } else if !self.moved.contains_key(name) {
            self.moved.insert(name.clone(), now);
        }
    }

    /// Whether every name is seen on the new side, at every resolver that has answered.
    pub(crate) fn all_moved(&self) -> bool {
        self.views.values().all(|view| view.sides == [Reached::New])
    }

    /// The reasons to hold: what is wrong in the same way at several names and resolvers is one reason.
    pub(crate) fn reasons(&self, phase: Phase, now: DateTime<Utc>, grace: Duration) -> Vec<Reason> {
        let mut groups: BTreeMap<Wrong, Group<'_>> = BTreeMap::new();
        for ((name, resolver), view) in &self.views {
            let stale = || (phase == Phase::Go).then(|| self.stale(name, view, now, grace)).flatten();
            let found = view.failing().or_else(|| view.other()).or_else(stale);
            let Some((wrong, since)) = found else { continue };
            let group = groups.entry(wrong).or_insert_with(|| Group::new(since));
            group.names.insert(name);
            group.resolvers.insert(resolver);
            group.since = group.since.min(since);
        }
        groups.into_iter().map(|(wrong, group)| wrong.reason(&group, now)).collect()
    }

    fn stale(
        &self,
        name: &Arc<str>,
        view: &View,
        now: DateTime<Utc>,
        grace: Duration,
    ) -> Option<(Wrong, DateTime<Utc>)> {
        let moved = *self.moved.get(name)?;
        if view.authoritative || !view.sides.contains(&Reached::Old) {
            return None;
        }
        let deadline = view.old_until.map_or(moved, |until| until.max(moved));
        (now > later(deadline, grace)).then_some((Wrong::Stale, deadline))
    }
}

impl View {
    fn failing(&self) -> Option<(Wrong, DateTime<Utc>)> {
        let trouble = self.trouble.as_ref().filter(|_| self.failures >= FAILURES)?;
        let text = trouble.text.clone();
        Some((if trouble.silent { Wrong::Silent(text) } else { Wrong::Failing(text) }, trouble.since))
    }

    fn other(&self) -> Option<(Wrong, DateTime<Utc>)> {
        let shown = || self.addresses.iter().take(4).copied().collect();
        self.sides.contains(&Reached::Other).then(|| (Wrong::Other(shown()), self.since))
    }
}

/// `at` plus a duration from outside, which may be absurd.
fn later(at: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(2);

    fn sides() -> Sides {
        Sides::new(vec!["127.0.1.0/24".parse().unwrap()], vec!["127.0.2.0/24".parse().unwrap()]).unwrap()
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn answer(resolver: &str, second: i64, address: &str, ttl: u64) -> NameAnswer {
        NameAnswer {
            at: at(second),
            name: "api.acme.example".into(),
            resolver: resolver.into(),
            authoritative: resolver == "zone",
            took: Duration::from_millis(1),
            view: NameView::Addresses {
                addresses: vec![address.parse().unwrap()],
                ttl: Duration::from_secs(ttl),
            },
        }
    }

    fn texts(names: &Names, second: i64) -> Vec<String> {
        names.reasons(Phase::Go, at(second), GRACE).into_iter().map(|reason| reason.text).collect()
    }

    #[test]
    fn a_resolver_has_until_its_ttl_runs_out_and_is_then_named() {
        let mut names = Names::default();
        names.observe(&answer("zone", 0, "127.0.1.1", 30), &sides());
        names.observe(&answer("office", 0, "127.0.1.1", 30), &sides());
        names.observe(&answer("zone", 10, "127.0.2.1", 30), &sides());
        names.observe(&answer("office", 20, "127.0.1.1", 10), &sides());
        assert_eq!(texts(&names, 31), Vec::<String>::new());
        names.observe(&answer("office", 40, "127.0.1.1", 25), &sides());
        assert_eq!(
            texts(&names, 40),
            [
                "api.acme.example still resolves to the old side at office, 10 s after the TTL ran out at 00:00:30 UTC"
            ]
        );
        assert!(!names.all_moved());
        names.observe(&answer("office", 41, "127.0.2.1", 30), &sides());
        assert_eq!(texts(&names, 41), Vec::<String>::new());
        assert!(names.all_moved());
    }

    #[test]
    fn an_address_of_neither_side_holds_at_once_and_a_lost_packet_does_not() {
        let mut names = Names::default();
        names.observe(&answer("office", 0, "10.9.9.9", 30), &sides());
        assert_eq!(
            texts(&names, 1),
            ["api.acme.example resolves to 10.9.9.9 at office: an address of neither side"]
        );
        names.observe(&answer("office", 2, "127.0.1.1", u64::MAX), &sides());
        let failed = |second| NameAnswer {
            view: NameView::Failed("SERVFAIL".to_owned()),
            ..answer("office", second, "::", 1)
        };
        names.observe(&failed(3), &sides());
        assert_eq!(texts(&names, 3), Vec::<String>::new());
        names.observe(&failed(4), &sides());
        assert_eq!(texts(&names, 4), ["api.acme.example does not resolve at office: SERVFAIL"]);
    }

    #[test]
    fn what_is_wrong_everywhere_is_said_once() {
        let mut names = Names::default();
        for name in ["api.acme.example", "mqtt.acme.example"] {
            for resolver in ["office", "mobile", "zone"] {
                let wrong = NameAnswer { name: name.into(), ..answer(resolver, 0, "10.9.9.9", 30) };
                names.observe(&wrong, &sides());
            }
        }
        assert_eq!(
            texts(&names, 1),
            [
                "api.acme.example and mqtt.acme.example resolve to 10.9.9.9 at mobile, office and zone: an address of \
                 neither side"
            ]
        );
    }
}
