//! One try of a step: do it, look at the answer, keep what is to be kept.

use std::net::IpAddr;
use std::time::Duration;

use cutover::{AbortCause, Answered, FailureKind, Parts};
use probes::{Fault, Redirect, Timeouts};
use tokio::time::{Instant, timeout};

use super::asked::Asked;
use super::execution::Execution;
use super::record::{Attempt, Hop, Miss};
use super::unmet::Unmet;
use crate::action::Trouble;
use crate::answer::{Answer, UNREADABLE};
use crate::grammar::Query;
use crate::journey::Step;
use crate::session::Call;
use crate::vars::ScriptError;

/// The probe knows which part hung and with whom; it gets a moment to say so before the step's own clock does.
const MOMENT: Duration = Duration::from_millis(100);

/// Nothing went wrong, says a resolver.
const NO_ERROR: &str = "NOERROR";

/// There is no such name, says a resolver.
const NO_SUCH_NAME: &str = "NXDOMAIN";

/// Values that are to be kept, by their names.
type Saved = Vec<(String, serde_json::Value)>;

/// One exchange, with its answer and what is to be kept of it.
pub(super) struct Tried {
    pub(super) attempt: Attempt,
    pub(super) answer: Option<Answer>,
    pub(super) saved: Saved,
}

impl Execution<'_> {
    /// One try of a step.
    pub(super) async fn attempt(&mut self, step: &Step) -> Attempt {
        if step.everywhere {
            return self.everywhere(step).await;
        }
        let tried = self.exchange(step, None).await;
        self.kept(step, tried)
    }

    /// The attempt, when what is to be kept of its answer is kept.
    pub(super) fn kept(&mut self, step: &Step, Tried { mut attempt, saved, .. }: Tried) -> Attempt {
        if attempt.miss.is_none()
            && let Err(error) = self.vars.keep(saved)
        {
            let miss = self.miss(Fault::Aborted(AbortCause::Script), &error.to_string());
            attempt.miss = Some(self.blame(step, miss));
        }
        attempt
    }

    /// One exchange, at an address of the host or at whichever the route says.
    pub(super) async fn exchange(&mut self, step: &Step, at: Option<(&str, IpAddr)>) -> Tried {
        let (begun, aside, after) = (Instant::now(), self.session.aside(), self.clock());
        let mut tried = match self.perform(step, at).await {
            Ok(answer) => {
                let judged = self.judge(step, &answer).unwrap_or_else(|error| {
                    Err(self.miss(Fault::Aborted(AbortCause::Script), &error.to_string()))
                });
                let (saved, miss) = match judged {
                    Ok(saved) => (saved, None),
                    Err(miss) => (Vec::new(), Some(self.blame(step, miss))),
                };
                let attempt = Attempt {
                    after,
                    parts: answer.parts,
                    peer: answer.peer,
                    reached: answer.reached,
                    answered: answer.answered.unwrap_or(Answered::Unmarked),
                    redirects: answer.redirects.iter().map(|redirect| self.hop(redirect)).collect(),
                    vitals: answer.page.as_ref().map(|page| page.vitals),
                    miss,
                    asked: Vec::new(),
                    each: Vec::new(),
                };
                Tried { attempt, answer: Some(answer), saved }
            }
            Err(trouble) => {
                let aside = self.session.aside().saturating_sub(aside);
                let took = begun.elapsed().saturating_sub(aside);
                Tried { attempt: self.troubled(step, &trouble, after, took), answer: None, saved: Vec::new() }
            }
        };
        tried.attempt.asked = self.noted();
        if tried.answer.is_none() {
            tried.attempt.redirects = self.led_astray(step, &tried.attempt.asked);
        }
        tried
    }

    /// What went out for the request that was made last, if such are kept, without any secret.
    pub(super) fn noted(&mut self) -> Vec<Asked> {
        self.session.noted().iter().map(|asked| asked.cleaned(self.vars.redactor())).collect()
    }

    /// The redirects on the way to where no answer came of it.
    fn led_astray(&self, step: &Step, asked: &[Asked]) -> Vec<Hop> {
        let aim = self.world.aims.get(self.route_of(step));
        let Some((_, before)) = asked.split_last() else { return Vec::new() };
        let hop = |asked: &Asked| {
            let (peer, status) = asked.peer.zip(asked.status)?;
            Some(Hop { url: asked.url.clone(), status, peer, reached: aim.side_of(peer) })
        };
        before.iter().filter_map(hop).collect()
    }

    /// What went wrong, without any secret.
    pub(super) fn miss(&self, fault: Fault, message: &str) -> Miss {
        Miss::new(fault, self.vars.clean(message))
    }

    /// The attempt of which nothing came, after `took`.
    pub(super) fn troubled(
        &self,
        step: &Step,
        trouble: &Trouble,
        after: Duration,
        took: Duration,
    ) -> Attempt {
        let route = self.route_of(step);
        Attempt {
            after,
            parts: Parts { total: took, ..*trouble.parts },
            peer: trouble.peer,
            reached: trouble.peer.map(|peer| self.world.aims.get(route).side_of(peer)),
            answered: Answered::Unmarked,
            redirects: Vec::new(),
            vitals: None,
            miss: Some(Miss {
                at: trouble.at.clone(),
                ..self.blame(step, self.miss(trouble.fault, &trouble.message))
            }),
            asked: Vec::new(),
            each: Vec::new(),
        }
    }

    fn hop(&self, redirect: &Redirect) -> Hop {
        let Redirect { status, url, peer, reached, .. } = redirect;
        Hop { url: self.vars.clean(url.as_str()), status: status.as_u16(), peer: *peer, reached: *reached }
    }

    /// Whose fault it is that a step cannot be carried out. What it fills in was tried when the journey was loaded; what
    /// an answer of this run has put in its place since then is the target's.
    pub(super) fn blame(&self, step: &Step, miss: Miss) -> Miss {
        let script = miss.fault == Fault::Aborted(AbortCause::Script);
        match step.needs.iter().find(|name| script && self.vars.is_saved(name)) {
            Some(saved) => Miss {
                fault: Fault::Failed(FailureKind::Assertion),
                message: self
                    .vars
                    .clean(&format!("{}, with `{saved}` as it was saved from an answer", miss.message)),
                ..miss
            },
            None => miss,
        }
    }

    async fn perform(&mut self, step: &Step, at: Option<(&str, IpAddr)>) -> Result<Answer, Trouble> {
        let (route, timeouts, limit) = (self.route_of(step), self.timeouts(step), step.timeout);
        let call = Call { vars: &self.vars, route, timeouts, limit, at };
        // Boxed: a run waits most of its life, and many wait at once.
        let performed = Box::pin(step.action.perform(&mut self.session, &call));
        let outcome = match step.timeout {
            None => performed.await,
            Some(limit) => match timeout(limit + MOMENT + step.action.own_question(), performed).await {
                Ok(Ok(answer)) if answer.parts.total > limit => Err(late(limit, Some(answer))),
                Ok(outcome) => outcome,
                Err(_) => Err(late(limit, None)),
            },
        };
        self.session.rest();
        outcome
    }

    /// How long each part of an exchange of this step may take.
    pub(super) fn timeouts(&self, step: &Step) -> Timeouts {
        step.timeout.map_or(self.world.timeouts, |limit| self.world.timeouts.within(limit))
    }

    /// What is wrong with the answer; if nothing is, what is to be kept of it.
    fn judge(&mut self, step: &Step, answer: &Answer) -> Result<Result<Saved, Miss>, ScriptError> {
        let route = self.route_of(step);
        for save in step.save.iter().filter(|save| save.secret) {
            // Whatever else is wrong with the answer: what is told of that must not tell the secret, too.
            if let Some(secret) = answer.find(&save.query).into_value() {
                self.vars.learn(&save.name, &secret);
            }
        }
        let mut wrong = Vec::new();
        for expectation in &step.expect {
            let unmet = expectation.check(answer, &self.vars, route)?;
            wrong.extend(unmet.map(|unmet| Wrong {
                kind: expectation.kind(),
                message: unmet.message(),
                unmet,
            }));
        }
        wrong.extend(error_status(step, answer).or_else(|| error_rcode(step, answer)));
        if wrong.is_empty() {
            let mut kept = Vec::new();
            for save in &step.save {
                match answer.keep(save) {
                    Ok(value) => kept.push((save.name.clone(), value)),
                    Err(unmet) => wrong.push(Wrong {
                        kind: None,
                        message: format!(
                            "expected {} to save as `{}`, got {}",
                            save.text, save.name, unmet.actual
                        ),
                        unmet: *unmet,
                    }),
                }
            }
            if wrong.is_empty() {
                return Ok(Ok(kept));
            }
        }
        // It explains what else is wrong.
        wrong.sort_by_key(|wrong| !wrong.is_error());
        let said = match &answer.lookup {
            Some(lookup) => Some(self.vars.clean(&lookup.said)),
            None if wrong.iter().any(Wrong::wants_the_words) => answer.excerpt(self.vars.redactor()),
            None => None,
        };
        Ok(Err(Miss { said, ..self.unmet(failure_kind(step, answer, &wrong), &wrong) }))
    }

    /// What is wrong with the answers of all addresses when they are compared, if anything.
    pub(super) fn compare(&self, step: &Step, answers: &[&Answer]) -> Option<Miss> {
        let unmet = step.expect.iter().filter_map(|expectation| expectation.same(answers));
        let wrong: Vec<_> =
            unmet.map(|unmet| Wrong { kind: None, message: unmet.message(), unmet }).collect();
        let kind = step.failure.unwrap_or(FailureKind::Assertion);
        (!wrong.is_empty()).then(|| self.unmet(kind, &wrong))
    }

    fn unmet(&self, kind: FailureKind, wrong: &[Wrong]) -> Miss {
        let message = wrong.iter().map(|wrong| wrong.message.as_str()).collect::<Vec<_>>().join("; ");
        let unmet = wrong.iter().map(|wrong| wrong.unmet.cleaned(self.vars.redactor())).collect();
        Miss { unmet, ..self.miss(Fault::Failed(kind), &message) }
    }
}

/// Something wrong with an answer.
struct Wrong {
    /// The failure kind that goes with what was asked; `None` for a wrong answer, which a step may name.
    kind: Option<FailureKind>,
    /// `expected status == 201, got 500`
    message: String,
    unmet: Unmet<String>,
}

impl Wrong {
    /// Whether an error was answered, or another status than expected.
    fn is_error(&self) -> bool {
        matches!(self.kind, Some(FailureKind::Status | FailureKind::Resolve))
    }

    /// Whether what was answered says more than what was asked of it: a status says that something is wrong, and not what.
    fn wants_the_words(&self) -> bool {
        self.kind == Some(FailureKind::Status) || self.unmet.actual.starts_with(UNREADABLE)
    }
}

/// The kind of a failure. An error status explains the wrong answers beside it; but where a step says what a wrong
/// answer means (`failure: lost`), being told that there is no such thing means just that.
fn failure_kind(step: &Step, answer: &Answer, wrong: &[Wrong]) -> FailureKind {
    let is = |kind| wrong.iter().any(|wrong| wrong.kind == Some(kind));
    let error = [FailureKind::Status, FailureKind::Resolve].into_iter().find(|kind| is(*kind));
    let broken = answer.status.is_some_and(|status| status.is_server_error())
        || answer
            .lookup
            .as_ref()
            .is_some_and(|lookup| ![NO_ERROR, NO_SUCH_NAME].contains(&lookup.rcode.as_str()));
    match (error, step.failure) {
        (Some(_), Some(named)) if !broken => named,
        (Some(error), _) => error,
        (None, named) => {
            let first = wrong.first().and_then(|wrong| wrong.kind);
            first.or(named).unwrap_or(FailureKind::Assertion)
        }
    }
}

/// A step that says nothing of the status does not mean that an error is fine.
fn error_status(step: &Step, answer: &Answer) -> Option<Wrong> {
    let asked = step.expect.iter().any(|expectation| matches!(expectation.query, Query::Status));
    let status = answer.status.filter(|status| !asked && status.as_u16() >= 400)?;
    let actual = status.as_u16().to_string();
    Some(Wrong {
        kind: Some(FailureKind::Status),
        message: format!("expected no error status, got {actual}"),
        unmet: Unmet {
            text: "status < 400".into(),
            at: step.at.clone(),
            expected: "< 400".to_owned(),
            actual,
            diff: Vec::new(),
        },
    })
}

/// Nor that an error of DNS is, or that there is no such name.
fn error_rcode(step: &Step, answer: &Answer) -> Option<Wrong> {
    let asked = step.expect.iter().any(|expectation| matches!(expectation.query, Query::Rcode));
    let lookup = answer.lookup.as_ref().filter(|lookup| !asked && lookup.rcode != NO_ERROR)?;
    Some(Wrong {
        kind: Some(FailureKind::Resolve),
        message: format!("expected an answer without error, got {}", lookup.rcode),
        unmet: Unmet {
            text: "rcode == NOERROR".into(),
            at: step.at.clone(),
            expected: NO_ERROR.to_owned(),
            actual: lookup.rcode.clone(),
            diff: Vec::new(),
        },
    })
}

fn late(limit: Duration, answer: Option<Answer>) -> Trouble {
    let message = format!("no complete answer within {limit:?}");
    let peer = answer.as_ref().and_then(|answer| answer.peer);
    let parts = answer.map(|answer| Box::new(answer.parts)).unwrap_or_default();
    Trouble { parts, ..Trouble::failed(FailureKind::Timeout, message, peer) }
}
