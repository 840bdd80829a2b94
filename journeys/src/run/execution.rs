//! The course of a run: its steps, its clock, and what happens finally.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{AbortCause, Answered, FailureKind, Outcome, Parts, Route};
use probes::Fault;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use super::context::RunContext;
use super::record::{Attempt, Miss, Run, StepRun};
use crate::journey::{Journey, Step};
use crate::secret::{Clean, Redactor};
use crate::session::Session;
use crate::vars::{ScriptError, Vars};

/// What must happen finally has so long, whatever the steps before it took.
const FINALLY: Duration = Duration::from_secs(10);

/// The same when the canary is being stopped.
const FINALLY_AT_SHUTDOWN: Duration = Duration::from_secs(2);

/// How long the farewells of open sessions may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A run under way.
pub(super) struct Execution<'r> {
    pub(super) world: &'r RunContext,
    pub(super) vars: Vars,
    pub(super) session: Session<'r>,
    pub(super) started: Instant,
    journey: &'r Journey,
    id: Uuid,
    steps: Vec<StepRun>,
    ending: Option<Ending>,
}

/// What decided the run, when it was not its passing.
struct Ending {
    step: Option<usize>,
    outcome: Outcome,
    detail: Clean,
}

/// Why the steps were cut short.
#[derive(Clone, Copy)]
enum Cut {
    /// The time allowed for them ran out.
    Late(Duration),
    /// The canary is being stopped.
    Shutdown,
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
        self.course(&journey.finally, FINALLY, true).await;
        let asked = self.session.asked();
        // Nobody is waiting for an answer to a farewell.
        drop(timeout(FAREWELL, self.session.close()).await);

        let passed = Ending { step: last, outcome: Outcome::Passed, detail: Clean::default() };
        let Ending { step, outcome, detail } = self.ending.unwrap_or(passed);
        let mut run = Run {
            id: self.id,
            journey: journey.name.clone(),
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
        for (name, template) in &self.journey.vars {
            let value = self
                .vars
                .render(template)
                .map_err(|ScriptError(why)| ScriptError(format!("{name}: {why}")))?;
            self.vars.set(name, value);
        }
        Ok(())
    }

    /// The steps in order, within `limit`. The first failure ends them, except finally: there each is tried.
    async fn course(&mut self, steps: &[Step], limit: Duration, finally: bool) {
        let deadline = Instant::now() + limit;
        let cancel = self.world.cancel.clone();
        // Finally is for cleaning up: a shutdown gives it less time, and does not forbid it.
        let mut shutdown = pin!(async {
            cancel.cancelled().await;
            if finally {
                sleep(FINALLY_AT_SHUTDOWN).await;
            }
        });
        for step in steps {
            let index = self.steps.len();
            let missing = step.needs.iter().find(|name| !self.vars.has(name));
            let skipped = missing.map(|name| format!("`{name}` was never saved"));
            let skip = skipped.is_some();
            let route = self.route_of(step);
            self.steps.push(StepRun {
                name: step.name.clone(),
                at: step.at.clone(),
                route,
                finally,
                attempts: Vec::new(),
                skipped,
            });
            if skip {
                continue;
            }
            let begun = Instant::now();
            let mut attempts = Vec::new();
            let cut = tokio::select! {
                biased;
                () = &mut shutdown => Some(Cut::Shutdown),
                () = sleep_until(deadline) => Some(Cut::Late(limit)),
                () = self.attempts(step, &mut attempts) => None,
            };
            if let Some(cut) = cut {
                let after = begun.duration_since(self.started);
                let attempt =
                    cut.attempt(finally, (after, begun.elapsed()), attempts.last(), self.vars.redactor());
                attempts.push(attempt);
            }
            self.steps[index].attempts = attempts;
            // In finally a failure of one step is no reason not to try the next; having no time left is.
            if (self.failed(index) && !finally) || cut.is_some() {
                return;
            }
        }
    }

    /// Tries a step until it passes, or until no further attempt is allowed.
    async fn attempts(&mut self, step: &Step, attempts: &mut Vec<Attempt>) {
        let begun = Instant::now();
        loop {
            let attempt = self.attempt(step).await;
            // Only the target can get better by waiting.
            let hopeful = attempt.miss.as_ref().is_some_and(|miss| matches!(miss.fault, Fault::Failed(_)));
            attempts.push(attempt);
            let Some(until) = step.until.filter(|_| hopeful) else { return };
            if begun.elapsed() + until.every >= until.limit {
                return;
            }
            sleep(until.every).await;
        }
    }

    /// Whether the step failed; the first failure decides the run.
    fn failed(&mut self, index: usize) -> bool {
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

impl Cut {
    /// The attempt that was under way when the steps were cut short.
    fn attempt(
        self,
        finally: bool,
        (after, took): (Duration, Duration),
        before: Option<&Attempt>,
        redactor: &Redactor,
    ) -> Attempt {
        let (fault, mut message) = match self {
            Self::Shutdown => {
                (Fault::Aborted(AbortCause::Shutdown), "the canary is being stopped".to_owned())
            }
            Self::Late(limit) => {
                let what = if finally { "finally" } else { "the journey" };
                let limit = humantime::format_duration(limit);
                (
                    Fault::Failed(FailureKind::Timeout),
                    format!("the {limit} of {what} ran out during this step"),
                )
            }
        };
        if let Some(miss) = before.and_then(|attempt| attempt.miss.as_ref()) {
            message = format!("{message}; the attempt before it: {}", miss.message);
        }
        Attempt {
            after,
            parts: Parts { total: took, ..Parts::default() },
            peer: before.and_then(|attempt| attempt.peer),
            reached: before.and_then(|attempt| attempt.reached),
            answered: before.map_or(Answered::Unmarked, |attempt| attempt.answered),
            miss: Some(Miss::new(fault, redactor.clean(&message))),
        }
    }
}
