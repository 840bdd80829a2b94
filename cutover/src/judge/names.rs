//! What the resolvers say of the names that move, and what of it is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::wrong_name::{Group, Wrong};
use crate::{NameAnswer, NameView, Phase, Reached, Reason, Side, Sides};

/// So many answers in a row without an address, before it is more than a lost packet.
const FAILURES: u32 = 2;

/// No answer is kept longer, whatever its TTL says (RFC 8767, section 4).
const TTL_MOST: TimeDelta = TimeDelta::days(7);

/// One resolver's view of one name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct View {
    authoritative: bool,
    sides: Vec<Reached>,
    addresses: Vec<IpAddr>,
    /// When it last gave addresses, and their TTL.
    given: Option<Kept>,
    /// The latest answer of the side that is left that may be kept by a resolver that holds to its TTL.
    left: Option<Kept>,
    since: DateTime<Utc>,
    failures: u32,
    trouble: Option<Trouble>,
}

/// An answer that may be kept.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Kept {
    at: DateTime<Utc>,
    ttl: TimeDelta,
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
    /// Since when a name was seen on the side to which it moves anywhere, at an authoritative server if there is one.
    moved: BTreeMap<Arc<str>, DateTime<Utc>>,
    /// Whether the names move back to the old side.
    back: bool,
    /// Whether no resolver answers.
    silent: bool,
}

impl Names {
    /// Takes one answer.
    pub(crate) fn observe(&mut self, answer: &NameAnswer, sides: &Sides) {
        let key = (answer.name.clone(), answer.resolver.clone());
        let (from, moved) = (self.from(), self.moved.contains_key(&answer.name));
        let view = self.views.entry(key).or_insert_with(|| View {
            authoritative: answer.authoritative,
            sides: Vec::new(),
            addresses: Vec::new(),
            given: None,
            left: None,
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
                let ttl = TimeDelta::from_std(*ttl).unwrap_or(TTL_MOST).min(TTL_MOST);
                let given = Kept { at: answer.at, ttl };
                view.given = Some(given);
                if on.contains(&from.into()) {
                    // Once the name has moved no later answer gives a resolver more time; but of a clock that was set
                    // back none was given in the future.
                    view.left = match view.left {
                        Some(left) if moved => Some(Kept { at: left.at.min(answer.at), ..left }),
                        _ if moved => None,
                        _ => Some(given),
                    };
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
        self.silent = self.views.values().all(View::silent);
        self.note_move(&answer.name, answer.at);
    }

    /// A phase begins: after a rollback the names move back, and in a new attempt forth again.
    pub(crate) fn enter(&mut self, phase: Phase, now: Option<DateTime<Utc>>) {
        let back = phase == Phase::RolledBack;
        if back == self.back {
            return;
        }
        self.back = back;
        self.moved.clear();
        let from = self.from().into();
        for view in self.views.values_mut() {
            view.left = view.given.filter(|_| view.sides.contains(&from));
        }
        let names: BTreeSet<_> = self.views.keys().map(|(name, _)| name.clone()).collect();
        if let Some(now) = now {
            names.iter().for_each(|name| self.note_move(name, now));
        }
    }

    /// The side that is left.
    const fn from(&self) -> Side {
        if self.back { Side::New } else { Side::Old }
    }

    fn note_move(&mut self, name: &Arc<str>, now: DateTime<Utc>) {
        let (from, to) = (self.from().into(), self.from().other().into());
        let authority = self.authority(name);
        let moved = self
            .of_name(name)
            .filter(|view| view.authoritative || !authority)
            .any(|view| view.sides.contains(&to) && !view.sides.contains(&from));
        if moved {
            let since = self.moved.entry(name.clone()).or_insert(now);
            *since = now.min(*since);
        } else {
            self.moved.remove(name);
        }
    }

    fn of_name(&self, name: &Arc<str>) -> impl Iterator<Item = &View> {
        self.views.iter().filter(move |((of, _), _)| of == name).map(|(_, view)| view)
    }

    /// Whether an authoritative server is asked for this name: then it decides.
    fn authority(&self, name: &Arc<str>) -> bool {
        self.of_name(name).any(|view| view.authoritative)
    }

    /// Whether every name is seen on the new side, at every resolver that has answered.
    pub(crate) fn all_moved(&self) -> bool {
        self.views.values().all(|view| view.sides == [Reached::New])
    }

    /// Whether there are resolvers, and none of them answers.
    pub(crate) const fn silent(&self) -> bool {
        self.silent
    }

    /// The reasons to hold, in a phase that was entered then: what is wrong in the same way at several names and
    /// resolvers is one reason.
    pub(crate) fn reasons(
        &self,
        phase: Phase,
        entered: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        grace: Duration,
    ) -> Vec<Reason> {
        let moves = matches!(phase, Phase::Go | Phase::Settled | Phase::RolledBack);
        let mut groups: BTreeMap<Wrong, Group<'_>> = BTreeMap::new();
        for ((name, resolver), view) in &self.views {
            let behind = || moves.then(|| self.behind(name, view, entered)).flatten();
            let late = |(_, deadline): &(Wrong, DateTime<Utc>)| now > later(*deadline, grace);
            let found = view.failing().or_else(|| view.other()).or_else(|| behind().filter(late));
            let Some((wrong, since)) = found else { continue };
            let group = groups.entry(wrong).or_insert_with(|| Group::new(since));
            group.names.insert(name);
            group.resolvers.insert(resolver);
            group.since = group.since.min(since);
        }
        groups.into_iter().map(|(wrong, group)| wrong.reason(&group, now)).collect()
    }

    /// What is wrong with a view that still gives the side that is left, if it does, and until when it is not.
    fn behind(
        &self,
        name: &Arc<str>,
        view: &View,
        entered: Option<DateTime<Utc>>,
    ) -> Option<(Wrong, DateTime<Utc>)> {
        let from = self.from();
        if !view.sides.contains(&from.into()) {
            return None;
        }
        match self.moved.get(name) {
            Some(_) if view.authoritative => None,
            Some(moved) => {
                let kept = view.left.and_then(Kept::until);
                Some((Wrong::Stale(from), kept.map_or(*moved, |until| until.max(*moved))))
            }
            None => {
                let authoritative = self.authority(name);
                let ttl = view.given.map_or(TimeDelta::zero(), |given| given.ttl);
                let until = entered?.checked_add_signed(ttl)?;
                let decides = view.authoritative || !authoritative;
                decides.then_some((Wrong::Unmoved { from, authoritative }, until))
            }
        }
    }
}

impl Kept {
    fn until(self) -> Option<DateTime<Utc>> {
        self.at.checked_add_signed(self.ttl)
    }
}

impl View {
    fn silent(&self) -> bool {
        self.failures >= FAILURES && self.trouble.as_ref().is_some_and(|trouble| trouble.silent)
    }

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
mod tests;
