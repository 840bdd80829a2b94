//! All scopes that are compared in pairs: the journeys, their variants, and all of them together.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::health::Health;
use super::pairing::{Pair, took};
use super::scope::{Closing, ScopeEvidence, Scored, Terms};
use super::steps::{self, Steps};
use crate::evidence::{Decayed, Learned, Settings};
use crate::{Answered, Phase, Route, RunSeen, Scope, Series, Watched};

/// How fast the old side's failures are forgotten, of all journeys together.
const SHORT: TimeDelta = TimeDelta::minutes(10);

/// Kinds of evidence in each scope that share the false alarms that are tolerated: error, location, tail and guard.
const KINDS: usize = 4;

/// How much harder one scope, and all of them, are sampled where it smells.
const PACE: u32 = 10;
const PACE_ALL: u32 = 4;

/// The evidence of every scope.
#[derive(Debug)]
pub(crate) struct Scopes {
    pub(crate) pooled: ScopeEvidence,
    pub(crate) own: Vec<ScopeEvidence>,
    pub(crate) steps: Steps,
    places: HashMap<Arc<str>, Places>,
    /// Failures of the old side among pairs, over minutes, until the open block.
    pub(crate) short: Decayed,
    /// The same in the open block.
    pub(crate) open: (u64, u64),
}

/// Where a journey's evidence lies in `own`, and that of its variants.
#[derive(Debug)]
struct Places {
    journey: usize,
    variants: Vec<(Arc<str>, usize)>,
}

impl Scopes {
    pub(crate) fn new(settings: &Settings, watched: &Watched) -> Self {
        let mut names: Vec<Scope> = Vec::new();
        let mut places: HashMap<Arc<str>, Places> = HashMap::new();
        for journey in &watched.paired {
            places.entry(journey.clone()).or_insert_with(|| {
                names.push(Scope::Journey(journey.clone()));
                Places { journey: names.len() - 1, variants: Vec::new() }
            });
        }
        for (journey, variant) in &watched.variants {
            let Some(places) = places.get_mut(journey) else { continue };
            if places.variants.iter().all(|(known, _)| known != variant) {
                places.variants.push((variant.clone(), names.len()));
                names.push(Scope::Variant { journey: journey.clone(), variant: variant.clone() });
            }
        }
        // M: the pooled scope, every journey and every variant, each with its kinds. The guard may not raise
        // `rollback`, and one journey alone makes the pooled scope double: a bound too strict harms nobody.
        let mut ln_threshold = settings.ln_threshold((names.len() + 1) * KINDS);
        if !watched.steps.is_empty() {
            ln_threshold -= (1.0 - steps::SHARE).ln();
        }
        let scopes = names.len();
        let scope = |scope| {
            let terms = Terms::new(&scope, settings, ln_threshold, scopes);
            ScopeEvidence::new(scope, terms)
        };
        let pooled = scope(Scope::All);
        let own = names.into_iter().map(scope).collect();
        let steps = Steps::new(settings, &watched.steps);
        Self { pooled, own, steps, places, short: Decayed::default(), open: (0, 0) }
    }

    /// The pooled scope first, then the journeys, then the variants.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ScopeEvidence> {
        std::iter::once(&self.pooled).chain(&self.own)
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut ScopeEvidence> {
        std::iter::once(&mut self.pooled).chain(&mut self.own)
    }

    /// How many journeys there are: a variant is a part of one.
    pub(crate) fn journeys(&self) -> usize {
        self.places.len()
    }

    /// Where the evidence of a journey and of its variant lies.
    fn find(&self, journey: &str, variant: &str) -> impl Iterator<Item = usize> + use<> {
        let places = self.places.get(journey);
        let of_variant =
            places.and_then(|places| places.variants.iter().find(|(name, _)| **name == *variant));
        places.map(|places| places.journey).into_iter().chain(of_variant.map(|(_, at)| *at))
    }

    fn variants_of(&self, journey: &str) -> usize {
        self.places.get(journey).map_or(0, |places| places.variants.len())
    }

    /// How many series there are: a journey without variants is one.
    fn series(&self) -> usize {
        self.places.values().map(|places| places.variants.len().max(1)).sum()
    }

    /// Learns from a run of a pair how long the old side takes, in every phase: it may be used from the next block on.
    pub(crate) fn learn(&mut self, run: &RunSeen) {
        let Some(took) = took(run).filter(|_| run.route == Route::Old && run.answered != Answered::New)
        else {
            return;
        };
        for at in self.find(&run.journey, &run.variant) {
            self.own[at].state.learned.old(took);
        }
    }

    /// Takes one pair that compares something.
    pub(crate) fn add(&mut self, pair: &Pair, failed: (bool, bool), phase: Phase, now: DateTime<Utc>) {
        let took = pair.old.took.zip(pair.new.took);
        let places: Vec<usize> = self.find(&pair.journey, &pair.variant).collect();
        // Wherever pairs of several series come together, each is measured by what is usual for its own: else the evidence
        // would move with how often each is run, and that follows suspicion.
        let unknown = Learned::default();
        let own = places.last().map_or(&unknown, |at| &self.own[*at].state.learned);
        let (usual, slow) = (own.usual(), own.slow());
        let scored = |together: usize| Scored {
            old_failed: failed.0,
            new_failed: failed.1,
            new_ways: &pair.new.ways,
            took,
            usual: usual.among(together),
            slow,
        };
        self.pooled.add(&scored(self.series()), now);
        for (index, at) in places.iter().enumerate() {
            let together = if index + 1 == places.len() { 1 } else { self.variants_of(&pair.journey) };
            let own = &mut self.own[*at];
            own.add(&scored(together), now);
            if let Some((old, new)) = took.filter(|_| phase == Phase::Set) {
                own.state.learned.soak.add(new.ln() - old.ln());
            }
        }
        self.steps.add(pair, phase, now);
        self.open = (self.open.0 + u64::from(failed.0), self.open.1 + 1);
    }

    /// Closes the open block of every scope.
    pub(crate) fn close_block(&mut self, now: DateTime<Utc>, health: &Health) {
        let (old_fails, short_rate) = (health.old_fails(now), self.short.upper_rate());
        for scope in self.all_mut() {
            let old_fails = old_fails || health.old_fails_in(&scope.scope);
            scope.close_block(Closing { now, old_fails, short_rate });
        }
        for series in self.steps.close_block() {
            // What was shown of the journey before, and of its variant, says nothing about what is there now.
            for at in self.find(&series.journey, &series.variant) {
                self.own[at].restart();
            }
        }
        let (failed, pairs) = std::mem::take(&mut self.open);
        self.short.add(failed as f64, pairs as f64, now, SHORT);
    }

    /// A phase begins.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.open = (0, 0);
        self.all_mut().for_each(|scope| scope.enter(phase));
        self.steps.all_mut().for_each(|step| step.enter(phase));
    }

    /// How many times as often as usual the pairs of `series` should be run.
    pub(crate) fn pace(&self, series: &Series) -> u32 {
        let (journey, variant) = (&*series.journey, &*series.variant);
        let hurried = self.find(journey, variant).any(|at| self.own[at].state.hurried)
            || (self.places.contains_key(journey) && self.steps.hurried(series));
        match (hurried, self.pooled.state.hurried) {
            (true, _) => PACE,
            (false, true) => PACE_ALL,
            (false, false) => 1,
        }
    }
}
