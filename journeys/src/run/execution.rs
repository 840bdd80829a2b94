//! The course of a run: its steps, its clock, and what happens finally.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{AbortCause, Outcome, Route};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::context::RunContext;
use super::record::{Run, StepRun};
use crate::journey::{Journey, Step};
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
    id: Uuid,
    pub(super) steps: Vec<StepRun>,
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
        let id = Uuid::new_v4();
        let execution = Execution {
            world,
            vars: Vars::new(self.environment.clone()),
            session: Session::new(world, id),
            started: Instant::now(),
            journey: self,
            id,
            steps: Vec::new(),
            ending: None,
        };
        Box::pin(execution.run(Utc::now())).await
    }
}

impl Execution<'_> {
    async fn run(mut self, started: DateTime<Utc>) -> Run {
        let journey = self.journey;
        match self.begin() {
            Ok(()) => self.course(&journey.steps, journey.timeout, false).await,
            Err(error) => {
                let outcome = Outcome::Aborted { cause: AbortCause::Script };
                self.ending =
                    Some(Ending { step: None, outcome, detail: self.vars.clean(&error.to_string()) });
            }
        }
        let last = self.steps.len().checked_sub(1);
        self.course(&journey.finally, journey.finally_timeout, true).await;
        let asked = self.session.asked();
        // Nobody is waiting for an answer to a farewell.
        drop(timeout(FAREWELL, self.session.close()).await);

        let passed = Ending { step: last, outcome: Outcome::Passed, detail: Clean::default() };
        let Ending { step, outcome, detail } = self.ending.unwrap_or(passed);
        let mut run = Run {
            id: self.id,
            journey: journey.name.clone(),
            variant: self.world.variant.name().clone(),
            route: self.world.route,
            intended: self.world.intended,
            started,
            took: self.started.elapsed().saturating_sub(asked),
            steps: self.steps,
            decided_by: step,
            outcome,
            detail,
        };
        run.clean_again(self.vars.redactor());
        run
    }

    /// Sets the variables with which the run begins.
    fn begin(&mut self) -> Result<(), ScriptError> {
        self.vars.extend(self.world.vars.iter().map(|(name, value)| (name.clone(), value.clone())));
        self.vars.admit(&self.journey.secrets);
        self.vars.set("run.id", self.id.simple().to_string());
        self.vars.set("run.route", self.world.route.as_str());
        let axes = self.world.variant.values();
        self.vars.extend(axes.map(|(axis, value)| (format!("{PREFIX}{axis}"), value)));
        self.vars.lay_out(self.journey.data.as_ref(), self.world.turn)?;
        for (name, template) in &self.journey.vars {
            let value = self
                .vars
                .render(template)
                .map_err(|ScriptError(why)| ScriptError(format!("{name}: {why}")))?;
            self.vars.set(name, value);
        }
        Ok(())
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

    /// The route of a step: its own, or the run's.
    pub(super) fn route_of(&self, step: &Step) -> Route {
        step.route.unwrap_or(self.world.route)
    }
}
