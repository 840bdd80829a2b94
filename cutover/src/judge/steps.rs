//! Whether a step takes longer on the new side: a change that drowns in a long journey is plain in its own step.
//!
//! Times only: a step that fails fails its journey, and a detector of its own would see the very same scores.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::pairing::Pair;
use super::scope::LN_HURRY;
use super::track::{Seen, Standing, Track};
use crate::evidence::{LOCATION_BETS, LocationBlock, LocationMargins, Moments, Settings, Soak, Usual};
use crate::{Evidence, EvidenceKind, Phase, Scope, Series};

/// The share of the tolerated false alarms that is the steps' own: the journeys' threshold hardly rises for them.
pub(crate) const SHARE: f64 = 0.1;

/// A step may become longer by so many times the margin of a journey, of which it is a part.
const TIMES: f64 = 2.5;

/// So much longer, in seconds, a step may always take: nobody feels it, and on a short step it is many times as much.
const UNFELT: f64 = 0.01;

/// The evidence of one step.
#[derive(Debug)]
pub(crate) struct StepEvidence {
    pub(crate) scope: Scope,
    margins: LocationMargins,
    ln_threshold: f64,
    pub(crate) state: StepState,
}

/// All of it that must outlive a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StepState {
    began: Option<DateTime<Utc>>,
    open: LocationBlock,
    soak: Soak,
    location: Track<Moments>,
}

/// The evidence of all steps, by their journeys, and of each variant apart: what is usual for one is not for another, and
/// how often each is run changes with what is suspected of it.
#[derive(Debug, Default)]
pub(crate) struct Steps(BTreeMap<Series, Vec<StepEvidence>>);

impl Steps {
    pub(crate) fn new(settings: &Settings, watched: &[(Series, Arc<str>)]) -> Self {
        let ln_threshold = settings.ln_threshold(watched.len()) - SHARE.ln();
        let margins = LocationMargins {
            slower: 1.0 + TIMES * settings.location_margin,
            go: 1.0 + settings.go_location_journey,
        };
        let mut steps = Self::default();
        for (series, step) in watched {
            let Series { journey, variant } = series.clone();
            let scope = Scope::Step { journey, variant, step: step.clone() };
            let of = steps.0.entry(series.clone()).or_default();
            if of.iter().all(|known| known.scope != scope) {
                of.push(StepEvidence { scope, margins, ln_threshold, state: StepState::default() });
            }
        }
        steps
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &StepEvidence> {
        self.0.values().flatten()
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut StepEvidence> {
        self.0.values_mut().flatten()
    }

    /// Takes one pair. Before Go it shows what is usual; from then on it is compared with that.
    pub(crate) fn add(&mut self, pair: &Pair, phase: Phase, now: DateTime<Utc>) {
        for step in self.0.get_mut(&pair.series()).into_iter().flatten() {
            let Scope::Step { step: name, .. } = &step.scope else { continue };
            let Some((old, new)) = pair.old.step(name).zip(pair.new.step(name)) else { continue };
            match phase {
                Phase::Ready => {}
                Phase::Set => step.state.soak.add(new.ln() - old.ln()),
                Phase::Go | Phase::Settled | Phase::RolledBack => step.add(old, new, now),
            }
        }
    }

    /// Closes the open block of each; gives the series in a step of which an alarm was raised.
    pub(crate) fn close_block(&mut self) -> Vec<Series> {
        let raised = |steps: &mut Vec<StepEvidence>| {
            steps.iter_mut().fold(false, |raised, step| step.close_block() | raised)
        };
        self.0.iter_mut().filter_map(|(series, steps)| raised(steps).then(|| series.clone())).collect()
    }

    /// Whether a step of `series` should be looked at more often.
    pub(crate) fn hurried(&self, series: &Series) -> bool {
        let steps = self.0.get(series).into_iter().flatten();
        steps.into_iter().any(|step| step.state.location.detector().ln_suspicion() >= LN_HURRY)
    }
}

impl StepEvidence {
    fn add(&mut self, old: f64, new: f64, now: DateTime<Utc>) {
        let usual = self.state.soak.usual();
        let longest = old * usual.highest() * self.margins.slower;
        let usual = Usual { slack: usual.slack + (UNFELT / longest).ln_1p(), ..usual };
        self.state.began.get_or_insert(now);
        self.state.open.add(new.ln() - old.ln(), usual, self.margins);
    }

    fn close_block(&mut self) -> bool {
        let Some(at) = self.state.began.take() else { return false };
        let block = std::mem::take(&mut self.state.open);
        let (against, well) = (&block.slower, &block.not_slower);
        let seen = Seen { at, tally: &block.ratios, against, well, clean: block.score <= 0.0 };
        self.state.location.step(&seen, self.ln_threshold)
    }

    /// A phase begins. A block belongs to one phase: the open one is dropped.
    pub(crate) fn enter(&mut self, phase: Phase) {
        let state = &mut self.state;
        (state.began, state.open) = (None, LocationBlock::default());
        match phase {
            Phase::Ready | Phase::Set => *state = StepState::default(),
            Phase::Go => {
                state.soak.end();
                state.location = Track::new(LOCATION_BETS.len());
            }
            Phase::Settled | Phase::RolledBack => {}
        }
    }

    /// What the soak showed of it.
    pub(crate) const fn usual(&self) -> Usual {
        self.state.soak.usual()
    }

    /// Whether something is suspected that is not yet shown.
    pub(crate) fn smells(&self) -> bool {
        self.state.location.detector().ln_suspicion() > self.ln_threshold / 2.0
    }

    /// The alarm, if it stands.
    pub(crate) const fn standing(&self) -> Option<&Standing<Moments>> {
        self.state.location.standing()
    }

    /// How far the evidence has come.
    pub(crate) fn evidence(&self) -> Evidence {
        let ln = self.state.location.detector().ln().max(0.0);
        Evidence {
            scope: self.scope.clone(),
            kind: EvidenceKind::Location,
            ln,
            ln_threshold: self.ln_threshold,
        }
    }
}

impl Default for StepState {
    fn default() -> Self {
        let (soak, location) = (Soak::default(), Track::new(LOCATION_BETS.len()));
        Self { began: None, open: LocationBlock::default(), soak, location }
    }
}

#[cfg(test)]
mod tests;
