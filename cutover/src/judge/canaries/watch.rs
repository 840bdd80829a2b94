//! All real canaries.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::row::Row;
use crate::{
    CanaryLink, CanarySeen, CanaryState, CanaryView, Evidence, EvidenceKind, Phase, RealCanary, Reason, Scope,
};

/// Oftener than this nobody needs to look whether somebody is overdue.
const LOOK: TimeDelta = TimeDelta::milliseconds(200);
/// When nobody has looked for so long, it was not the canaries that were away.
const GAP: TimeDelta = TimeDelta::seconds(10);
/// Canaries that are named as reasons.
const NAMED: usize = 20;

/// The watch over real canaries.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Canaries {
    rows: BTreeMap<Arc<str>, Row>,
    looked: Option<DateTime<Utc>>,
}

impl Canaries {
    /// Watches these canaries, and goes on with what is known of them.
    #[must_use]
    pub(crate) fn configured(mut self, canaries: &[RealCanary]) -> Self {
        let row = |canary: &RealCanary| {
            let known = self.rows.remove(&canary.name);
            let row = known.map_or_else(|| Row::new(canary.clone()), |row| row.reconfigured(canary.clone()));
            (canary.name.clone(), row)
        };
        let rows = canaries.iter().map(row).collect();
        Self { rows, ..self }
    }

    /// The watch begins at `now`: what was said since somebody looked last, nobody could hear.
    pub(crate) fn begin(&mut self, now: DateTime<Utc>) {
        self.looked = Some(now);
        self.rows.values_mut().for_each(|row| row.begin(now));
    }

    /// Lets time pass; `cut` tells whether this machine hears nothing at all.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>, phase: Phase, cut: impl FnOnce() -> bool) {
        if self.rows.is_empty() {
            return;
        }
        let since = self.looked.map(|looked| now.signed_duration_since(looked));
        if since.is_some_and(|since| TimeDelta::zero() <= since && since < LOOK) {
            return;
        }
        self.looked = Some(now);
        let gap = since.is_none_or(|since| since < TimeDelta::zero() || since > GAP);
        let cut = cut();
        for row in self.rows.values_mut() {
            if gap {
                row.again(now);
            }
            row.tick(now, phase, cut);
        }
    }

    /// Takes a sign of life, folded at `now`. A canary that nobody has named is none.
    pub(crate) fn heard(&mut self, seen: &CanarySeen, phase: Phase, now: DateTime<Utc>) {
        if let Some(row) = self.rows.get_mut(&seen.canary) {
            // What waited to be folded was heard before; nothing was heard after now.
            let seen = CanarySeen { at: seen.at.min(now), ..seen.clone() };
            row.heard(&seen, phase);
        }
    }

    /// Takes how the watch fares on one side, folded at `now`.
    pub(crate) fn link(&mut self, link: &CanaryLink, now: DateTime<Utc>) {
        for canary in link.canaries.iter() {
            if let Some(row) = self.rows.get_mut(canary) {
                row.link(link, now);
            }
        }
    }

    /// Closes the open blocks.
    pub(crate) fn close_block(&mut self, margin: f64, ln_threshold: f64) {
        self.rows.values_mut().for_each(|row| row.close_block(margin, ln_threshold));
    }

    /// A phase begins.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.rows.values_mut().for_each(|row| row.enter(phase));
    }

    /// How far the evidence has come.
    pub(crate) fn evidence(&self, ln_threshold: f64) -> Vec<Evidence> {
        let of = |(name, row): (&Arc<str>, &Row)| Evidence {
            scope: Scope::Canary(name.clone()),
            kind: EvidenceKind::Heartbeat,
            ln: row.ln(),
            ln_threshold,
        };
        self.rows.iter().map(of).collect()
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, phase: Phase, now: DateTime<Utc>) -> Vec<Reason> {
        self.rows.values().flat_map(|row| row.reasons(phase, now)).take(NAMED).collect()
    }

    /// What withholds `go` before it is a reason of its own.
    pub(crate) fn suspect(&self, now: DateTime<Utc>) -> Option<String> {
        self.rows.values().find_map(|row| row.suspect(now))
    }

    /// Those that are still on the old side.
    pub(crate) fn on_old(&self, now: DateTime<Utc>) -> Vec<&str> {
        let old = self.rows.iter().filter(|(_, row)| row.state(now) == CanaryState::Old);
        old.map(|(name, _)| &**name).collect()
    }

    /// The lines of the snapshot.
    pub(crate) fn view(&self, now: DateTime<Utc>) -> Vec<CanaryView> {
        self.rows.values().map(|row| row.view(now)).collect()
    }
}
