//! What a run leaves behind: inert data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{Answered, Degraded, Outcome, Parts, Reached, Route, Vitals};
use probes::Fault;
use uuid::Uuid;

use super::asked::Asked;
use super::unmet::{At, Unmet};
use crate::secret::{Clean, Redactor};

/// One execution of a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Names this run in requests (`x-serin-run`, and the trace id of `traceparent`) and in messages.
    pub id: Uuid,
    /// The journey.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    pub variant: Arc<str>,
    /// How it was aimed.
    pub route: Route,
    /// The number of the row of its data that it saw, from 1, where the journey has data.
    pub row: Option<usize>,
    /// When it was meant to start.
    pub intended: DateTime<Utc>,
    /// When it really started.
    pub started: DateTime<Utc>,
    /// From the real start to the end, `finally` included.
    pub took: Duration,
    /// Its steps as far as it came, those of `finally` last.
    pub steps: Vec<StepRun>,
    /// The step that decided the outcome, by its place in `steps`: the one that failed, else the last one before
    /// `finally` that was answered by somebody, and not a pause. `None` when no step was begun.
    pub decided_by: Option<usize>,
    /// How it ended.
    pub outcome: Outcome,
    /// The failure in words; empty for a run that passed.
    pub detail: Clean,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRun {
    /// Its name.
    pub name: Arc<str>,
    /// Where what it does is written.
    pub at: At,
    /// How it was aimed: the run's route, or its own.
    pub route: Route,
    /// Whether it belongs to `finally`.
    pub finally: bool,
    /// All its attempts; the last one decides.
    pub attempts: Vec<Attempt>,
    /// Why it was not begun: it is not for this variant, or needs what was never saved.
    pub skipped: Option<String>,
    /// Of a step that says `until` and passed: from the start of its first attempt until its expectations held.
    pub visible: Option<Duration>,
    /// How it took longer than its budget (`within`), if it passed and did.
    pub degraded: Option<Degraded>,
    /// The folder in which is kept what the step left in a browser: pictures, and the page when it failed.
    pub kept: Option<PathBuf>,
}

/// One try of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// From the start of the run to the start of the attempt, in the run's own time, as `took` has it: a browser that is
    /// started and a pause are none of it.
    pub after: Duration,
    /// How long its parts took.
    pub parts: Parts,
    /// The peer that was connected.
    pub peer: Option<SocketAddr>,
    /// The side whose addresses hold that peer.
    pub reached: Option<Reached>,
    /// Who answered.
    pub answered: Answered,
    /// The redirects that were followed on the way to the answer.
    pub redirects: Vec<Hop>,
    /// Of a step in a browser: how its page felt.
    pub vitals: Option<Vitals>,
    /// What went wrong, if anything.
    pub miss: Option<Miss>,
    /// The requests that were made, over HTTP, where such are [kept](super::RunContext::keep_requests): one, and one
    /// for each redirect that was followed.
    pub asked: Vec<Asked>,
    /// Where a step goes to every address (`addresses: each`): what became of it at each, in their order. The attempt
    /// itself has the figures of the first address at which it failed, or else of the slowest.
    pub each: Vec<Attempt>,
}

/// A redirect that was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What was asked for.
    pub url: Clean,
    /// The status that sent elsewhere.
    pub status: u16,
    /// The peer that said so.
    pub peer: SocketAddr,
    /// The side whose addresses hold that peer.
    pub reached: Reached,
}

/// What went wrong with an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// Whose fault, and in which way.
    pub fault: Fault,
    /// In words, in one line.
    pub message: Clean,
    /// The expectations that do not hold, an unexpected status first and else in the order of the file; none where no
    /// answer came that could be asked.
    pub unmet: Vec<Unmet>,
    /// Where it is written what could not be done, where a step does several things: one of a browser's commands.
    pub at: Option<At>,
    /// The beginning of what was answered, where the answer is an error's or cannot be read; of a resolver, what it said.
    pub said: Option<Clean>,
}

impl StepRun {
    /// The attempt that decides.
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// Whether somebody answered it.
    pub(crate) fn has_answered(&self) -> bool {
        self.last().is_some_and(|attempt| attempt.reached.is_some())
    }

    /// How the step ended; `None` when it was skipped.
    pub fn outcome(&self) -> Option<Outcome> {
        self.last().map(|attempt| match &attempt.miss {
            None => Outcome::Passed,
            Some(miss) => miss.outcome(&self.name),
        })
    }
}

impl Attempt {
    fn clean_again(&mut self, redactor: &Redactor) {
        if let Some(miss) = &mut self.miss {
            miss.message = redactor.clean(&miss.message);
            miss.unmet = miss.unmet.iter().map(|unmet| unmet.cleaned(redactor)).collect();
            miss.said = miss.said.as_ref().map(|said| redactor.clean(said));
        }
        for hop in &mut self.redirects {
            hop.url = redactor.clean(&hop.url);
        }
        self.asked = self.asked.iter().map(|asked| asked.cleaned(redactor)).collect();
        self.each.iter_mut().for_each(|attempt| attempt.clean_again(redactor));
    }
}

impl Miss {
    /// One without expectations that do not hold.
    pub(crate) const fn new(fault: Fault, message: Clean) -> Self {
        Self { fault, message, unmet: Vec::new(), at: None, said: None }
    }

    /// The outcome of a run that fails by this.
    pub fn outcome(&self, step: &str) -> Outcome {
        match self.fault {
            Fault::Failed(kind) => Outcome::Failed { step: step.to_owned(), kind },
            Fault::Aborted(cause) => Outcome::Aborted { cause },
        }
    }
}

impl Run {
    /// Keeps out what was learned to be a secret only after some of the texts were made.
    pub(crate) fn clean_again(&mut self, redactor: &Redactor) {
        if !redactor.has_learned() {
            return;
        }
        self.detail = redactor.clean(&self.detail);
        self.steps
            .iter_mut()
            .flat_map(|step| &mut step.attempts)
            .for_each(|attempt| attempt.clean_again(redactor));
    }

    /// The trace id under which the target may have noted it (W3C Trace Context, section 3.2.2.3).
    pub fn trace(&self) -> Arc<str> {
        self.id.simple().to_string().into()
    }

    /// The step that decided the outcome.
    pub fn deciding(&self) -> Option<&StepRun> {
        self.decided_by.and_then(|index| self.steps.get(index))
    }
}
