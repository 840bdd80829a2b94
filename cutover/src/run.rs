//! What one run of a journey says.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Answered, CanaryLink, CanarySeen, FleetTally, NameAnswer, Outcome, Parts, Phase, Reached, Route, Series,
    Vitals,
};

/// The only thing that flows from those who act to those who judge.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// One run of a journey.
    Run(RunSeen),
    /// A second of a fleet's life, summed up.
    Fleet(FleetTally),
    /// What one resolver says of one name.
    Name(NameAnswer),
    /// Starts of a journey that could not be made in time: counted, never silently dropped.
    Skipped(StartsSkipped),
    /// The watch over real canaries begins, and with it each life of this process: nobody listened before.
    CanaryWatch,
    /// A sign of life of a real canary.
    Canary(CanarySeen),
    /// How the watch over real canaries fares on one side.
    CanaryLink(CanaryLink),
}

/// Starts that were not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartsSkipped {
    /// The journey, in one of its variants.
    pub series: Series,
    /// The route on which it would have run.
    pub route: Route,
    /// How many.
    pub starts: u64,
}

/// The two runs of a pair bear the same number; it is unique within one life of the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PairId(pub u64);

/// One run of a journey, as it is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSeen {
    /// The intended start: a late start is latency of the canary, never hidden.
    pub at: DateTime<Utc>,
    /// How much later than intended it really started.
    pub lag: Duration,
    /// From the real start to the end.
    pub took: Duration,
    /// The journey's name.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    pub variant: Arc<str>,
    /// How the run was aimed.
    pub route: Route,
    /// The side reached by the step that decided the outcome; `None` when no connection came about.
    pub reached: Option<Reached>,
    /// Who answered that step.
    pub answered: Answered,
    /// The phase in which the run was started.
    pub phase: Phase,
    /// How it ended.
    pub outcome: Outcome,
    /// The failure in words, for people: never a label. Empty for a run that passed.
    pub detail: String,
    /// The trace id under which the target may have noted it (W3C Trace Context, section 3.2.2.3): never a label.
    pub trace: Arc<str>,
    /// The pair to which it belongs, if it has a counterpart on the other side.
    pub pair: Option<PairId>,
    /// Its steps in order, as far as it came.
    pub steps: Vec<StepSeen>,
}

/// One step of a run, as it is judged: its last attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepSeen {
    /// The step's name.
    pub name: Arc<str>,
    /// How it was aimed: the run's route, or its own.
    pub route: Route,
    /// How it ended.
    pub outcome: Outcome,
    /// How long its parts took.
    pub parts: Parts,
    /// The side reached.
    pub reached: Option<Reached>,
    /// Who answered.
    pub answered: Answered,
    /// How often it was tried. All attempts before the last one failed.
    pub attempts: u32,
    /// Of a step that passed and says `until`: from the start of its first attempt until its expectations held.
    pub visible: Option<Duration>,
    /// How it took longer than its budget, if it passed and did.
    pub degraded: Option<Degraded>,
    /// Of a step in a browser: how its page felt.
    pub vitals: Option<Vitals>,
}

/// A step that passed, and took longer than its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Degraded {
    /// How long it took.
    pub took: Duration,
    /// How long it may take.
    pub budget: Duration,
}

impl RunSeen {
    /// The journey in its variant.
    pub fn series(&self) -> Series {
        Series { journey: self.journey.clone(), variant: self.variant.clone() }
    }

    /// The steps that took longer than their budgets, with both.
    pub fn degraded(&self) -> impl Iterator<Item = (&StepSeen, Degraded)> {
        self.steps.iter().filter_map(|step| Some((step, step.degraded?)))
    }
}
