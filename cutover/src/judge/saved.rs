//! The judge's memory, as it outlives a restart.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::before_after::Baseline;
use super::canaries::Canaries;
use super::consistency::Consistency;
use super::fleets::Fleets;
use super::health::Health;
use super::lookups::Lookups;
use super::names::Names;
use super::scope::ScopeState;
use super::scopes::Scopes;
use super::steps::StepState;
use super::traces::Traces;
use super::unpaired::Unpaired;
use crate::evidence::{Decayed, Settings};
use crate::{Decision, Phase, Scope};

/// All evidence, to be kept by a store and given back to [`Judge::restore`](crate::Judge::restore). A restored judge
/// goes on bit for bit as the one that was saved; a format must therefore give back the very same numbers, as
/// `serde_json` does with its feature `float_roundtrip`.
///
/// Only halves of pairs that wait for the other one are not in it: their numbers are those of one life of the canary,
/// and what was running when it ended never comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Saved {
    settings: Settings,
    pooled: ScopeState,
    own: Vec<(Scope, ScopeState)>,
    steps: Vec<(Scope, StepState)>,
    short: Decayed,
    open: (u64, u64),
    pub(crate) memory: Memory,
}

/// All that a judge remembers beside its scopes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) phase: Phase,
    /// The time that was told last.
    pub(crate) now: Option<DateTime<Utc>>,
    /// Since when it is in this phase; `None` until a time was told.
    pub(crate) entered: Option<DateTime<Utc>>,
    /// The share at which the point of no return was passed. It stays passed until a new attempt: nothing syncs back.
    pub(crate) passed_it: Option<f64>,
    pub(crate) pairs: u64,
    pub(crate) crossed: u64,
    pub(crate) block_ends: Option<DateTime<Utc>>,
    pub(crate) unpaired: Unpaired,
    pub(crate) health: Health,
    pub(crate) consistency: Consistency,
    pub(crate) names: Names,
    pub(crate) lookups: Lookups,
    pub(crate) fleets: Fleets,
    #[serde(default)]
    pub(crate) canaries: Canaries,
    pub(crate) baseline: Baseline,
    #[serde(default)]
    pub(crate) traces: Traces,
    pub(crate) decided: Option<(Decision, DateTime<Utc>)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            phase: Phase::Ready,
            now: None,
            entered: None,
            passed_it: None,
            pairs: 0,
            crossed: 0,
            block_ends: None,
            unpaired: Unpaired::default(),
            health: Health::default(),
            consistency: Consistency::default(),
            names: Names::default(),
            lookups: Lookups::default(),
            fleets: Fleets::default(),
            canaries: Canaries::default(),
            baseline: Baseline::default(),
            traces: Traces::default(),
            decided: None,
        }
    }
}

impl Saved {
    pub(crate) fn new(settings: &Settings, scopes: &Scopes, memory: &Memory) -> Self {
        Self {
            settings: settings.clone(),
            pooled: scopes.pooled.state.clone(),
            own: scopes.own.iter().map(|scope| (scope.scope.clone(), scope.state.clone())).collect(),
            steps: scopes.steps.all().map(|step| (step.scope.clone(), step.state.clone())).collect(),
            short: scopes.short.clone(),
            open: scopes.open,
            memory: memory.clone(),
        }
    }

    /// The phase in which it was saved.
    pub const fn phase(&self) -> Phase {
        self.memory.phase
    }

    /// Puts what was saved back where it belongs. Scopes that are no longer watched are forgotten. Evidence gathered
    /// against other margins is none: then only what was learned is taken over.
    pub(crate) fn into_scopes(self, settings: &Settings, scopes: &mut Scopes) -> Memory {
        let same = self.settings.same_hypotheses(settings);
        let as_many = self.own.len() == scopes.own.len();
        (scopes.short, scopes.open) = (self.short, self.open);
        let mut own: HashMap<_, _> = self.own.into_iter().collect();
        own.insert(Scope::All, self.pooled);
        for scope in scopes.all_mut() {
            let Some(state) = own.remove(&scope.scope) else { continue };
            if same {
                scope.state = state;
            } else {
                scope.state.learned = state.learned;
            }
            // The level of `go` is shared by all scopes: with other scopes it is another one.
            if !as_many {
                scope.restart();
            }
        }
        if same {
            let steps: HashMap<_, _> = self.steps.into_iter().collect();
            for step in scopes.steps.all_mut() {
                // Until variants had steps of their own, their journey's stood for all of them.
                let state = steps.get(&step.scope).or_else(|| steps.get(&pooled(&step.scope)));
                if let Some(state) = state {
                    step.state = state.clone();
                }
            }
        }
        self.memory
    }
}

/// A step's scope in a journey without variants.
fn pooled(scope: &Scope) -> Scope {
    match scope {
        Scope::Step { journey, step, .. } => {
            Scope::Step { journey: journey.clone(), variant: Arc::default(), step: step.clone() }
        }
        other => other.clone(),
    }
}
