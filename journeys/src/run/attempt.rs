//! One try of a step: do it, look at the answer, keep what is to be kept.

use std::time::Duration;

use cutover::{AbortCause, Answered, FailureKind, Parts};
use probes::Fault;
use tokio::time::{Instant, timeout};

use super::execution::Execution;
use super::record::{Attempt, Miss};
use crate::action::Trouble;
use crate::answer::{Answer, milliseconds};
use crate::check::Unmet;
use crate::grammar::Query;
use crate::journey::Step;
use crate::session::Call;
use crate::vars::ScriptError;

/// The probe knows which part hung and with whom; it gets a moment to say so before the step's own clock does.
const MOMENT: Duration = Duration::from_millis(100);

impl Execution<'_> {
    /// One try of a step.
    pub(super) async fn attempt(&mut self, step: &Step) -> Attempt {
        let begun = Instant::now();
        let after = begun.duration_since(self.started);
        let asked = self.session.asked();
        match self.perform(step).await {
            Ok(answer) => {
                let miss = self.judge(step, &answer).unwrap_or_else(|error| {
                    Some(Miss { fault: Fault::Aborted(AbortCause::Script), message: error.to_string() })
                });
                Attempt {
                    after,
                    parts: answer.parts,
                    peer: answer.peer,
                    reached: answer.reached,
                    answered: answer.answered.unwrap_or(Answered::Unmarked),
                    miss: miss.map(|miss| self.blame(step, miss)),
                }
            }
            Err(trouble) => {
                let route = self.route_of(step);
                let asked = self.session.asked().saturating_sub(asked);
                Attempt {
                    after,
                    parts: Parts { total: begun.elapsed().saturating_sub(asked), ..*trouble.parts },
                    peer: trouble.peer,
                    reached: trouble.peer.map(|peer| self.world.aims.get(route).side_of(peer)),
                    answered: Answered::Unmarked,
                    miss: Some(self.blame(step, Miss { fault: trouble.fault, message: trouble.message })),
                }
            }
        }
    }

    /// Whose fault it is that a step cannot be carried out. What it fills in was tried when the journey was loaded; what
    /// an answer of this run has put in its place since then is the target's.
    fn blame(&self, step: &Step, miss: Miss) -> Miss {
        let script = miss.fault == Fault::Aborted(AbortCause::Script);
        match step.needs.iter().find(|name| script && self.vars.is_saved(name)) {
            Some(saved) => Miss {
                fault: Fault::Failed(FailureKind::Assertion),
                message: format!("{}, with `{saved}` as it was saved from an answer", miss.message),
            },
            None => miss,
        }
    }

    async fn perform(&mut self, step: &Step) -> Result<Answer, Trouble> {
        let timeouts = match step.timeout {
            Some(limit) => self.world.timeouts.within(limit),
            None => self.world.timeouts,
        };
        let call = Call { vars: &self.vars, route: self.route_of(step), timeouts };
        // Boxed: a run waits most of its life, and many wait at once.
        let performed = Box::pin(step.action.perform(&mut self.session, &call));
        let Some(limit) = step.timeout else { return performed.await };
        match timeout(limit + MOMENT + step.action.own_question(), performed).await {
            Ok(Ok(answer)) if answer.parts.total > limit => Err(late(limit, Some(answer))),
            Ok(outcome) => outcome,
            Err(_) => Err(late(limit, None)),
        }
    }

    /// What is wrong with the answer; if nothing is, what is to be kept of it is kept.
    fn judge(&mut self, step: &Step, answer: &Answer) -> Result<Option<Miss>, ScriptError> {
        let route = self.route_of(step);
        let mut unmet: Vec<Unmet> = Vec::new();
        for expectation in &step.expect {
            unmet.extend(expectation.check(answer, &self.vars, route)?);
        }
        unmet.extend(error_status(step, answer));
        if unmet.is_empty() {
            let mut kept = Vec::new();
            for save in &step.save {
                let found = answer.find(&save.query);
                let shown = found.shown();
                match found.into_value() {
                    Some(value) => kept.push((save.name.clone(), value)),
                    None => unmet.push(Unmet {
                        message: format!("expected {} to save as `{}`, got {shown}", save.text, save.name),
                        kind: None,
                    }),
                }
            }
            if unmet.is_empty() {
                self.vars.keep(kept)?;
                return Ok(None);
            }
        }
        let kind = failure_kind(step, answer, &unmet);
        let message = unmet.into_iter().map(|unmet| unmet.message).collect::<Vec<_>>().join("; ");
        Ok(Some(Miss { fault: Fault::Failed(kind), message }))
    }
}

/// The kind of a failure. An error status explains the wrong answers beside it; but where a step says what a wrong
/// answer means (`failure: lost`), being told that there is no such thing means just that.
fn failure_kind(step: &Step, answer: &Answer, unmet: &[Unmet]) -> FailureKind {
    let kind = |wanted| unmet.iter().any(|unmet| unmet.kind == Some(wanted));
    let server_error = answer.status.is_some_and(|status| status.is_server_error());
    match (kind(FailureKind::Status), step.failure) {
        (true, Some(named)) if !server_error => named,
        (true, _) => FailureKind::Status,
        (false, named) => {
            let first = unmet.first().and_then(|unmet| unmet.kind);
            first.or(named).unwrap_or(FailureKind::Assertion)
        }
    }
}

/// A step that says nothing of the status does not mean that an error is fine.
fn error_status(step: &Step, answer: &Answer) -> Option<Unmet> {
    let asked = step.expect.iter().any(|expectation| matches!(expectation.query, Query::Status));
    let status = answer.status.filter(|status| !asked && status.as_u16() >= 400)?;
    let message = format!("expected no error status, got {}", status.as_u16());
    Some(Unmet { message, kind: Some(FailureKind::Status) })
}

fn late(limit: Duration, answer: Option<Answer>) -> Trouble {
    let message = format!("no complete answer within {}", milliseconds(limit));
    let peer = answer.as_ref().and_then(|answer| answer.peer);
    let parts = answer.map(|answer| Box::new(answer.parts)).unwrap_or_default();
    Trouble { parts, ..Trouble::failed(FailureKind::Timeout, message, peer) }
}
