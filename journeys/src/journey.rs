//! A journey: valid by construction, ready to be run any number of times.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cutover::{FailureKind, Route};
use minijinja::Environment;

use crate::action::Action;
use crate::grammar::{Expectation, Query};
use crate::run::At;
use crate::secret::Secrets;
use crate::template::Template;

/// A scripted sequence of a user's or a device's actions.
#[derive(Debug)]
pub struct Journey {
    pub(crate) name: Arc<str>,
    pub(crate) timeout: Duration,
    pub(crate) secrets: Secrets,
    pub(crate) vars: Vec<(String, Template)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) finally: Vec<Step>,
    pub(crate) environment: Arc<Environment<'static>>,
}

/// One exchange, and what is expected of it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: Arc<str>,
    /// Where what it does is written.
    pub(crate) at: At,
    pub(crate) action: Action,
    /// Overrides the run's route.
    pub(crate) route: Option<Route>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) expect: Vec<Expectation>,
    pub(crate) save: Vec<Save>,
    pub(crate) until: Option<Until>,
    /// What it means when the answer is wrong, if the step says so.
    pub(crate) failure: Option<FailureKind>,
    /// The variables that it needs.
    pub(crate) needs: BTreeSet<String>,
}

/// A value kept for later steps.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) name: String,
    pub(crate) query: Query,
    /// Whether what it finds is kept out of every text about the run.
    pub(crate) secret: bool,
    /// As it was written, for messages.
    pub(crate) text: Arc<str>,
    /// Where it is written.
    pub(crate) at: At,
}

/// Tries again until the expectations hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until {
    /// No attempt begins later than this after the first.
    pub(crate) limit: Duration,
    /// From the end of one attempt to the beginning of the next.
    pub(crate) every: Duration,
}

impl Journey {
    /// Its name.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How long its steps may take together; what must happen `finally` has a time of its own.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether a step has a route of its own: such a journey is on both sides at once, and cannot be one of a pair.
    pub fn pinned_elsewhere(&self) -> bool {
        self.steps.iter().chain(&self.finally).any(|step| step.route.is_some())
    }

    /// The names of the steps whose time is a part of its own, if there is more than one: without those of `finally`.
    pub fn parts(&self) -> impl Iterator<Item = &Arc<str>> {
        let steps = if self.steps.len() > 1 { self.steps.as_slice() } else { &[] };
        steps.iter().map(|step| &step.name)
    }

    /// The names of its steps, in order, those of `finally` last.
    pub fn step_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.steps.iter().chain(&self.finally).map(|step| &step.name)
    }
}
