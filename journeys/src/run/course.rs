//! The steps in their order: which are for this run, when they are tried again, and what cuts them short.

use std::pin::pin;
use std::time::Duration;

use cutover::{AbortCause, Answered, Degraded, FailureKind, Parts};
use probes::Fault;
use tokio::time::{Instant, sleep, sleep_until};

use super::execution::Execution;
use super::record::{Attempt, Miss, StepRun};
use crate::journey::{Again, Step};
use crate::secret::Redactor;

/// What must happen finally has at most so long when the canary is being stopped.
const FINALLY_AT_SHUTDOWN: Duration = Duration::from_secs(2);

/// Why the steps were cut short.
#[derive(Clone, Copy)]
enum Cut {
    /// The time allowed for them ran out.
    Late(Duration),
    /// The canary is being stopped.
    Shutdown,
}

impl Execution<'_> {
    /// The steps in order, within `limit`. The first failure ends them, except finally: there each is tried.
    pub(super) async fn course(&mut self, steps: &[Step], limit: Duration, finally: bool) {
        let mut deadline = Instant::now() + limit;
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
            let skipped = self.skipped(step);
            let skip = skipped.is_some();
            self.steps.push(StepRun {
                name: step.name.clone(),
                at: step.at.clone(),
                route: self.route_of(step),
                finally,
                attempts: Vec::new(),
                skipped,
                visible: None,
                degraded: None,
                kept: None,
            });
            if skip {
                continue;
            }
            if let Some(under_way) = &self.world.under_way {
                under_way.send_replace(step.name.clone());
            }
            self.write_down(step).await;
            // A browser is started, and its page opened, on nobody's time.
            let opened = self.session.aside();
            let stopped = tokio::select! {
                biased;
                () = &mut shutdown => true,
                () = self.open(step) => false,
            };
            deadline += self.session.aside().saturating_sub(opened);
            let (begun, aside, after) = (Instant::now(), self.session.aside(), self.clock());
            let mut attempts = Vec::new();
            let cut = tokio::select! {
                biased;
                // Never asked again once it has come.
                () = async { if !stopped { (&mut shutdown).await } } => Some(Cut::Shutdown),
                () = sleep_until(deadline + self.leaf.waited) => Some(Cut::Late(limit)),
                () = self.attempts(step, &mut attempts) => None,
            };
            if let Some(cut) = cut {
                self.session.rest();
                let times = (after, begun.elapsed());
                let mut attempt = cut.attempt(finally, times, attempts.last(), self.vars.redactor());
                attempt.asked = self.noted();
                attempts.push(attempt);
            }
            let aside = self.session.aside().saturating_sub(aside);
            self.steps[index].end(step, attempts, begun.elapsed().saturating_sub(aside));
            if !step.save.is_empty() {
                self.write_on().await;
            }
            self.keep(step, index).await;
            // In finally a failure of one step is no reason not to try the next; having no time left is.
            if (self.failed(index) && !finally) || cut.is_some() {
                return;
            }
        }
    }

    /// Why the step is not for this run, if it is not.
    fn skipped(&self, step: &Step) -> Option<String> {
        if !step.is_for(&self.world.variant) {
            return Some(format!("it is not for {}", self.world.variant.name()));
        }
        let missing = step.needs.iter().find(|name| !self.vars.has(name));
        missing.map(|name| format!("`{name}` was never saved"))
    }

    /// Tries a step until it passes, or until no further attempt is allowed.
    async fn attempts(&mut self, step: &Step, attempts: &mut Vec<Attempt>) {
        let begun = Instant::now();
        if let Err(error) = self.vars.enter(step.inclusion, &self.journey.inclusions) {
            let after = self.clock();
            attempts.push(self.troubled(step, &error.into(), after, Duration::ZERO));
            return;
        }
        loop {
            let attempt = self.attempt(step).await;
            // Only the target can get better by waiting.
            let hopeful = attempt.miss.as_ref().is_some_and(|miss| matches!(miss.fault, Fault::Failed(_)));
            attempts.push(attempt);
            let again = step.again.filter(|_| hopeful);
            let Some(pause) = again.and_then(|again| again.pause(attempts.len(), begun.elapsed())) else {
                return;
            };
            sleep(pause).await;
        }
    }
}

impl StepRun {
    /// The step has ended with these attempts, after `took`.
    fn end(&mut self, step: &Step, attempts: Vec<Attempt>, took: Duration) {
        // What the canary does around a single exchange is none of the step's time.
        let took = match attempts.as_slice() {
            [only] => only.parts.total,
            _ => took,
        };
        if attempts.last().is_some_and(|last| last.miss.is_none()) {
            self.visible = matches!(step.again, Some(Again::Until { .. })).then_some(took);
            self.degraded =
                step.within.filter(|budget| took > *budget).map(|budget| Degraded { took, budget });
        }
        self.attempts = attempts;
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
            redirects: Vec::new(),
            vitals: None,
            miss: Some(Miss::new(fault, redactor.clean(&message))),
            asked: Vec::new(),
            each: Vec::new(),
        }
    }
}
