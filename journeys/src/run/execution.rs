//! The course of a run: its steps, its clock, and what happens finally.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{AbortCause, Outcome, Route};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::context::RunContext;
use super::record::{Run, StepRun};
use crate::journey::{Journey, Step};
use crate::ledger::{Entry, Leaf, fitting, id_of};
use crate::secret::Clean;
use crate::session::Session;
use crate::variant::PREFIX;
use crate::vars::{ScriptError, Vars};

/// How long the farewells of open sessions may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A run under way.
pub(super) struct Execution<'r> {
    pub(super) world: &'r RunContext,
    pub(super) vars: Vars,
    pub(super) session: Session<'r>,
    pub(super) started: Instant,
    pub(super) journey: &'r Journey,
    pub(super) id: Uuid,
    pub(super) steps: Vec<StepRun>,
    /// What is written down of what it makes.
    pub(super) leaf: Leaf,
    ending: Option<Ending>,
}

/// What decided the run, when it was not its passing.
struct Ending {
    step: Option<usize>,
    outcome: Outcome,
    detail: Clean,
}

impl Journey {
    /// Runs the journey once. Whatever happens, the outcome says it: this neither fails nor panics.
    pub async fn run(&self, world: &RunContext) -> Run {
        let execution = Execution::new(self, world, Uuid::new_v4(), Leaf::default());
        Box::pin(execution.run(Utc::now(), None)).await
    }

    /// Does what a run had to do `finally` that ended without it, with the variables it had then; its secrets are those
    /// of today. What was taken away is struck out of the ledger.
    pub async fn clean_up(&self, world: &RunContext, entry: &Entry) -> Run {
        let execution = Execution::new(self, world, id_of(entry), Leaf::of(entry.clone()));
        Box::pin(execution.run(Utc::now(), Some(entry))).await
    }
}

impl<'r> Execution<'r> {
    fn new(journey: &'r Journey, world: &'r RunContext, id: Uuid, leaf: Leaf) -> Self {
        Self {
            world,
            vars: Vars::new(journey.environment.clone()),
            session: Session::new(world, id),
            started: Instant::now(),
            journey,
            id,
            steps: Vec::new(),
            leaf,
            ending: None,
        }
    }

    /// A whole run, or what is left to do of the one that `left` something.
    async fn run(mut self, started: DateTime<Utc>, left: Option<&Entry>) -> Run {
        let journey = self.journey;
        match self.begin(left) {
            Ok(()) if left.is_some() => {}
            Ok(()) => self.course(&journey.steps, journey.timeout, false).await,
            Err(error) => {
                let outcome = Outcome::Aborted { cause: AbortCause::Script };
                self.ending =
                    Some(Ending { step: None, outcome, detail: self.vars.clean(&error.to_string()) });
            }
        }
        let last = self.steps.iter().rposition(StepRun::has_answered).or(self.steps.len().checked_sub(1));
        self.course(&journey.finally, journey.finally_timeout, true).await;
        self.take_leave().await;
        let row = self.row();
        let aside = self.session.aside() + self.leaf.waited;
        // Nobody is waiting for an answer to a farewell.
        drop(timeout(FAREWELL, self.session.close()).await);

        let passed = Ending { step: last, outcome: Outcome::Passed, detail: Clean::default() };
        let Ending { step, outcome, detail } = self.ending.unwrap_or(passed);
        let mut run = Run {
            id: self.id,
            journey: journey.name.clone(),
            variant: self.world.variant.name().clone(),
            route: self.world.route,
            row,
            intended: self.world.intended,
            started,
            took: self.started.elapsed().saturating_sub(aside),
            steps: self.steps,
            decided_by: step,
            outcome,
            detail,
        };
        run.clean_again(self.vars.redactor());
        run
    }

    /// The number of its row of data, if there are any.
    fn row(&self) -> Option<usize> {
        let own = self.journey.row(self.world.turn);
        own.map(|own| self.world.row.unwrap_or(own))
    }

    /// Writes down, before the step is performed, what it makes: whatever happens then, somebody knows of it.
    pub(super) async fn write_down(&mut self, step: &Step) {
        let (Some(ledger), Some(what)) = (&self.world.ledger, &step.creates) else { return };
        let entry = || Entry {
            run: self.id.simple().to_string(),
            journey: self.journey.name.clone(),
            variant: self.world.variant.name().clone(),
            route: self.world.route,
            at: Utc::now(),
            creates: Vec::new(),
            vars: fitting(self.vars.kept()),
        };
        self.leaf.open(&**ledger, what, entry).await;
    }

    /// Writes down what has been saved since.
    pub(super) async fn write_on(&mut self) {
        if let Some(ledger) = self.world.ledger.as_ref().filter(|_| self.leaf.is_open()) {
            self.leaf.update(&**ledger, fitting(self.vars.kept())).await;
        }
    }

    /// Strikes out what was written down, if all that had to be done finally succeeded.
    async fn take_leave(&mut self) {
        let undone = |step: &StepRun| step.finally && step.last().is_some_and(|last| last.miss.is_some());
        let begun = self.steps.iter().filter(|step| step.finally).count() == self.journey.finally.len();
        if let Some(ledger) = self.world.ledger.as_ref().filter(|_| begun && !self.steps.iter().any(undone)) {
            self.leaf.close(&**ledger).await;
        }
    }

    /// Sets the variables with which the run begins, or those it had when it `left` something.
    fn begin(&mut self, left: Option<&Entry>) -> Result<(), ScriptError> {
        self.vars.configure(&self.world.vars);
        self.vars.admit(&self.journey.secrets);
        self.vars.set("run.id", self.id.simple().to_string());
        self.vars.set("run.route", self.world.route.as_str());
        let axes = self.world.variant.values();
        self.vars.extend(axes.map(|(axis, value)| (format!("{PREFIX}{axis}"), value)));
        if let Some((data, number)) = self.journey.data.as_ref().zip(self.row()) {
            self.vars.lay_out(data, number)?;
        }
        let left = left.map(|entry| &entry.vars);
        let given = &self.world.given;
        self.vars.give(given)?;
        for (name, template) in &self.journey.vars {
            if given.contains_key(name) || left.is_some_and(|left| left.contains_key(name)) {
                continue;
            }
            let value = self.vars.value(template);
            let value = value.and_then(|value| self.vars.set_json(name, &value));
            value.map_err(|ScriptError(why)| ScriptError(format!("{name}: {why}")))?;
        }
        match left {
            Some(left) => self.vars.restore(left),
            None => Ok(()),
        }
    }

    /// Whether the step failed; the first failure decides the run.
    pub(super) fn failed(&mut self, index: usize) -> bool {
        let step = &self.steps[index];
        let Some(miss) = step.last().and_then(|attempt| attempt.miss.as_ref()) else { return false };
        if self.ending.is_none() {
            let outcome = miss.outcome(&step.name);
            let detail = self.vars.clean(&format!("{}: {}", step.name, miss.message));
            self.ending = Some(Ending { step: Some(index), outcome, detail });
        }
        true
    }

    /// How long the run has taken until now, without what is none of its time.
    pub(super) fn clock(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.session.aside() + self.leaf.waited)
    }

    /// The route of a step: its own, or the run's.
    pub(super) fn route_of(&self, step: &Step) -> Route {
        step.route.unwrap_or(self.world.route)
    }
}
