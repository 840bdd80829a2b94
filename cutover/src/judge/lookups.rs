//! How often each name is looked up in vain, against how often it used to be: a name that fails one time in five is
//! there again at the next look.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rate_watch::RateWatch;
use super::words::{counted, percent, tolerated};
use crate::{Cause, Decision, Evidence, EvidenceKind, Finding, NameAnswer, NameView, Phase, Reason, Scope};

/// One name, at all resolvers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Lookup {
    rate: RateWatch,
    /// What was said when it failed last, and by whom.
    last: Option<(Arc<str>, String)>,
}

/// A guard for each name that moves.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Lookups(BTreeMap<Arc<str>, Lookup>);

impl Lookups {
    /// Takes one answer. In `ready` the guard learns what is usual; from `set` on it watches. A resolver that does not
    /// answer says nothing about the name.
    pub(crate) fn observe(&mut self, answer: &NameAnswer, phase: Phase, now: DateTime<Utc>) {
        let lookup = self.0.entry(answer.name.clone()).or_default();
        let failed = match &answer.view {
            NameView::Addresses { .. } => false,
            NameView::Failed(text) => {
                lookup.last = Some((answer.resolver.clone(), text.clone()));
                true
            }
            NameView::Silent(_) => return,
        };
        if phase == Phase::Ready { lookup.rate.learn(failed) } else { lookup.rate.observe(failed, now) }
    }

    /// Closes the open block of each.
    pub(crate) fn close_block(&mut self, now: DateTime<Utc>, margin: f64, ln_threshold: f64) {
        self.0.values_mut().for_each(|lookup| lookup.rate.close_block(now, margin, ln_threshold));
    }

    /// A phase begins: before a new attempt what was suspected is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        match phase {
            Phase::Ready => self.0.clear(),
            Phase::Set => self.0.values_mut().for_each(|lookup| {
                *lookup = Lookup { rate: lookup.rate.renewed(), last: None };
            }),
            Phase::Go | Phase::Settled | Phase::RolledBack => {}
        }
    }

    /// How far the evidence has come.
    pub(crate) fn evidence(&self, ln_threshold: f64) -> impl Iterator<Item = Evidence> {
        self.0.iter().map(move |(name, lookup)| Evidence {
            scope: Scope::Name(name.clone()),
            kind: EvidenceKind::Lookup,
            ln: lookup.rate.guard().detector().ln().max(0.0),
            ln_threshold,
        })
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, now: DateTime<Utc>, margin: f64) -> impl Iterator<Item = Reason> {
        self.0.iter().filter_map(move |(name, lookup)| {
            let (since, (failed, all)) = (lookup.rate.since()?, lookup.rate.counts(now));
            let finding = Finding::of_rate(Scope::Name(name.clone()), failed, all);
            let said = lookup.last.as_ref();
            let said = said.map_or_else(String::new, |(who, what)| format!("; last at {who}: {what}"));
            let text = format!(
                "{name} is looked up in vain in {} of {} of the last minute (tolerated: {}){said}",
                percent(finding.size),
                counted(all, "lookup"),
                tolerated(lookup.rate.guard(), margin),
            );
            Some(Reason::plain(Cause::NameFailing, Decision::Hold, text, Some(since)).with(finding))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeDelta;

    use super::*;

    /// A name looked up 4 times in each of so many blocks of 10 s; every so manyth lookup fails (0: none).
    fn blocks(lookups: &mut Lookups, now: &mut DateTime<Utc>, count: u32, phase: Phase, every: u32) -> usize {
        for lookup in 0..count * 4 {
            let failed = every > 0 && lookup.is_multiple_of(every);
            let view = if failed {
                NameView::Failed("SERVFAIL".to_owned())
            } else {
                NameView::Addresses { addresses: vec![], ttl: Duration::from_secs(5) }
            };
            let (name, resolver) = ("api.acme.example".into(), "office".into());
            let took = Duration::from_millis(1);
            let answer = NameAnswer { at: *now, name, resolver, authoritative: false, took, view };
            lookups.observe(&answer, phase, *now);
            *now += TimeDelta::milliseconds(2_500);
            if lookup % 4 == 3 {
                lookups.close_block(*now, 0.0025, 14.0);
            }
        }
        lookups.reasons(*now, 0.0025).count()
    }

    #[test]
    fn a_name_that_fails_one_time_in_five_holds_though_it_always_comes_back() {
        let (mut lookups, mut now) = (Lookups::default(), DateTime::UNIX_EPOCH);
        blocks(&mut lookups, &mut now, 200, Phase::Ready, 0);
        lookups.enter(Phase::Set);
        assert_eq!(blocks(&mut lookups, &mut now, 1_000, Phase::Set, 0), 0);
        assert_eq!(blocks(&mut lookups, &mut now, 60, Phase::Go, 5), 1);
        let text = lookups.reasons(now, 0.0025).next().map(|reason| reason.text).unwrap_or_default();
        assert!(text.starts_with("api.acme.example is looked up in vain in "), "{text}");
        assert!(text.ends_with("; last at office: SERVFAIL"), "{text}");
        assert_eq!(blocks(&mut lookups, &mut now, 12, Phase::Go, 0), 0, "it is well again");
    }

    #[test]
    fn a_name_that_always_failed_so_often_is_no_news() {
        let (mut lookups, mut now) = (Lookups::default(), DateTime::UNIX_EPOCH);
        blocks(&mut lookups, &mut now, 500, Phase::Ready, 5);
        lookups.enter(Phase::Set);
        assert_eq!(blocks(&mut lookups, &mut now, 2_000, Phase::Set, 5), 0);
    }
}
