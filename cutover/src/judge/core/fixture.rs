//! Observations for tests.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Answered, FailureKind, Outcome, Phase, Reached, Route, RunSeen, Side};

/// A run that passed, without a pair.
pub(crate) fn run(journey: &str, route: Route, at: DateTime<Utc>) -> RunSeen {
    let side = route.pinned().unwrap_or(Side::Old);
    RunSeen {
        at,
        lag: Duration::ZERO,
        took: Duration::from_millis(120),
        journey: journey.into(),
        variant: "".into(),
        route,
        reached: Some(Reached::from(side)),
        answered: Answered::from(side),
        phase: Phase::Go,
        outcome: Outcome::Passed,
        detail: String::new(),
        trace: Arc::default(),
        pair: None,
        steps: Vec::new(),
    }
}

/// How a run fails at its step `post`.
pub(crate) fn failed(kind: FailureKind) -> Outcome {
    Outcome::Failed { step: "post".to_owned(), kind }
}
