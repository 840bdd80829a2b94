//! Yes and no, as Flagger's webhooks understand them.
//!
//! Flagger posts to a webhook and looks at the status alone: up to 202 it has passed, everything above has failed, 204
//! too (`callWebhook` in `pkg/controller/webhook.go` of fluxcd/flagger v1.44; `docs/gitbook/usage/webhooks.md`). So the
//! answers are 200 and 403, which is what Flagger's own gates say. The body tells why; Flagger shows that of a failed
//! `rollout` hook in its events.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Router, routing};
use chrono::Utc;
use cutover::Decision;

use super::Surface;
use super::advice::Advice;

/// An event of Kubernetes holds a kilobyte, and Flagger's own words are in it too.
const BODY_CHARS: usize = 600;

/// What Flagger asks, by what a yes lets happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hook {
    /// `confirm-rollout`, `confirm-traffic-increase`, `confirm-promotion`: go on to the next step. A no waits, for as
    /// long as it takes, and counts as no failure.
    Confirm,
    /// `rollout`: nothing speaks against what was done so far. A no counts as a failed check, and Flagger rolls back
    /// when there were enough of them; so doubt is a yes here, and keeps waiting at the next confirmation.
    Rollout,
    /// `rollback`: roll back now. The inverse of the others: no is the answer that harms nobody.
    Rollback,
}

const HOOKS: [(&str, Hook); 5] = [
    ("/api/v1/gate/flagger/confirm-rollout", Hook::Confirm),
    ("/api/v1/gate/flagger/confirm-traffic-increase", Hook::Confirm),
    ("/api/v1/gate/flagger/confirm-promotion", Hook::Confirm),
    ("/api/v1/gate/flagger/rollout", Hook::Rollout),
    ("/api/v1/gate/flagger/rollback", Hook::Rollback),
];

pub(super) fn routes() -> Router<Arc<Surface>> {
    HOOKS.into_iter().fold(Router::new(), |router, (path, hook)| {
        // The body names Flagger's canary, which changes nothing: it is not even read.
        let answer = move |State(surface): State<Arc<Surface>>| async move {
            hook.answer(&Advice::of(&surface.snapshot(), Utc::now()))
        };
        router.route(path, routing::post(answer))
    })
}

impl Hook {
    const fn passes(self, decision: Decision) -> bool {
        match self {
            Self::Confirm => matches!(decision, Decision::Go),
            Self::Rollout => !matches!(decision, Decision::Rollback),
            Self::Rollback => matches!(decision, Decision::Rollback),
        }
    }

    fn answer(self, advice: &Advice) -> (StatusCode, String) {
        let status = if self.passes(advice.verdict) { StatusCode::OK } else { StatusCode::FORBIDDEN };
        let why = advice.reasons.first().map_or("no reason given", |reason| reason.text.as_str());
        let line = format!("{} in phase {}: {why}", advice.verdict, advice.phase);
        let printable = line.chars().map(|c| if c.is_control() { ' ' } else { c });
        (status, printable.take(BODY_CHARS).chain(['\n']).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hook_passes_on_what_harms_nobody() {
        let passing = |hook: Hook| Decision::ALL.into_iter().filter(move |decision| hook.passes(*decision));
        assert!(passing(Hook::Confirm).eq([Decision::Go]));
        assert!(passing(Hook::Rollout).eq([Decision::Go, Decision::Hold]));
        assert!(passing(Hook::Rollback).eq([Decision::Rollback]));
    }
}
