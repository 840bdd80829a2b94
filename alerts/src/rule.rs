//! The closed set of rules, what they are shown, and what they remember.

use chrono::{DateTime, Utc};
use cutover::{AlertState, AlertView, Cause, Decision, FailureKind, Phase, Scope, Side, Verdict};
use serde::{Deserialize, Serialize};

use crate::notice::Notice;
use crate::verdict_rule::VerdictRule;

/// A condition that is worth waking somebody for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The verdict on the cutover.
    Verdict(VerdictRule),
}

/// What a rule is shown.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The cutover was judged.
    Judged {
        /// The phase in which it was.
        phase: Phase,
        /// What came out.
        verdict: &'a Verdict,
        /// Whether the point of no return was passed: the advice is another one then.
        no_return: bool,
    },
}

/// What one rule remembers from step to step. It can be stored, and taken up again after a crash.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) firing: Option<Firing>,
    pub(crate) ended: Option<Ended>,
}

/// An alert that fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Firing {
    /// Since when.
    pub(crate) since: DateTime<Utc>,
    /// The id of its first notice.
    pub(crate) thread: String,
    /// How many notices were made of it.
    pub(crate) notices: u32,
    /// When the last one was made.
    pub(crate) told_at: DateTime<Utc>,
    /// What the last one said.
    pub(crate) told: Lead,
    /// The subject of the last one.
    pub(crate) summary: String,
}

/// An alert that fired once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) at: DateTime<Utc>,
    pub(crate) summary: String,
}

/// What makes two verdicts the same news: all of the leading reason that does not change with every run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lead {
    pub(crate) decision: Decision,
    cause: Option<Cause>,
    scope: Option<Scope>,
    side: Option<Side>,
    kind: Option<FailureKind>,
}

impl Lead {
    pub(crate) fn of(verdict: &Verdict) -> Self {
        let reason = verdict.reasons.first();
        let finding = reason.and_then(|reason| reason.finding.as_ref());
        Self {
            decision: verdict.decision,
            cause: reason.map(|reason| reason.cause),
            scope: finding.map(|finding| finding.scope.clone()),
            side: finding.and_then(|finding| finding.side),
            kind: finding.and_then(|finding| finding.kind),
        }
    }
}

impl Rule {
    /// The rule's name, as it stands in alerts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Verdict(_) => "verdict",
        }
    }

    /// Takes note of `event`. The same events at the same times always give the same notices.
    pub fn step(&self, state: &mut State, event: &Event<'_>, now: DateTime<Utc>) -> Option<Notice> {
        match self {
            Self::Verdict(rule) => rule.step(self.name(), state, event, now),
        }
    }
}

impl State {
    /// The alert as it is shown; `None` if it never fired.
    pub fn view(&self, rule: &Rule) -> Option<AlertView> {
        let (state, since, summary) = match (&self.firing, &self.ended) {
            (Some(firing), _) => (AlertState::Firing, firing.since, &firing.summary),
            (None, Some(ended)) => (AlertState::Resolved, ended.at, &ended.summary),
            (None, None) => return None,
        };
        Some(AlertView { name: rule.name().into(), state, since, summary: summary.clone() })
    }
}
