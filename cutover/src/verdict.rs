//! The answer to the command center's question: go, hold or roll back, and why.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Finding, Scope};

/// What to do. Ordered by urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The new side was shown to be no worse than the old one by more than the margins.
    Go,
    /// Neither `go` nor `rollback` is earned, or something must be looked at first.
    Hold,
    /// The new side was shown to be worse than the old one.
    Rollback,
}

/// A decision with everything that led to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// Since when the decision is this one.
    pub since: DateTime<Utc>,
    /// Why, the most urgent reason first; never empty.
    pub reasons: Vec<Reason>,
    /// How far each piece of evidence has come, for metrics and the page. Shared: with thousands of scopes it is long,
    /// and it changes only when a block is over.
    pub evidence: Arc<[Evidence]>,
    /// The weakest scope: the one that speaks most against the new side, or whose test for `go` is furthest behind.
    pub weakest: Option<Evidence>,
    /// What would change the decision, in one sentence.
    pub would_change: String,
    /// While it holds for want of data: how long until `go` can be earned, if nothing fails.
    #[serde(serialize_with = "crate::seconds::some")]
    pub estimate: Option<Duration>,
}

/// One reason, in words for people and in fields for programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of reason it is.
    pub cause: Cause,
    /// The decision that this reason alone would lead to.
    pub raises: Decision,
    /// The whole reason in one sentence.
    pub text: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// The figures, where the reason is a measured difference or rate.
    pub finding: Option<Finding>,
}

/// The closed set of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The new side fails more than the old one.
    NewErrors,
    /// The new side takes longer than the old one.
    NewSlow,
    /// More runs are slow on the new side than on the old one, though most are not.
    NewTail,
    /// Runs reach, or are answered by, a side on which they should not be.
    WrongSide,
    /// What was written is lost, or there more than once.
    Inconsistent,
    /// The new side alone fails more often than the old side used to.
    Guard,
    /// The old side is itself failing: no comparison with it is worth anything.
    OldUnhealthy,
    /// Runs that have no counterpart on the other side fail more than they did.
    Unpaired,
    /// A name resolves to an address of neither side.
    NameOther,
    /// A resolver keeps the old answer after its TTL ran out.
    NameStale,
    /// A name does not resolve.
    NameFailing,
    /// An address is answered by the other side's application.
    Forwarded,
    /// Devices are in session with both sides.
    Split,
    /// Devices have no session.
    Lost,
    /// Datapoints that the devices should have delivered are missing.
    Heartbeats,
    /// A fleet has more trouble on the new side than its devices there explain.
    FleetTrouble,
    /// A real canary is silent, or on both sides at once.
    RealCanary,
    /// A real canary is overdue, and cannot be heard where it may be.
    RealCanaryUnwatched,
    /// The canary itself is at fault: neither side is blamed.
    Canary,
    /// Too little was seen for a decision.
    TooLittle,
    /// The phase allows no other decision.
    Phase,
    /// Non-inferiority was shown.
    NonInferior,
}

/// How far one piece of evidence has come towards its threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Over what it is gathered.
    pub scope: Scope,
    /// What it is evidence of.
    pub kind: EvidenceKind,
    /// The natural logarithm of the evidence.
    pub ln: f64,
    /// The natural logarithm of its threshold: at or above it, the evidence is enough.
    pub ln_threshold: f64,
}

/// What a piece of evidence speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// That the new side fails more than the old one: for `rollback`.
    Error,
    /// That the new side takes longer: for `rollback`.
    Location,
    /// That more runs are slow on the new side: for `rollback`.
    Tail,
    /// That the new side alone fails more often than the old side used to: for `hold`.
    Guard,
    /// That the new side fails no more than the old one: for `go`.
    NonInferiority,
    /// That the new side takes no longer: for `go`.
    NotSlower,
    /// That runs without a counterpart fail more than they did: for `hold`.
    Unpaired,
    /// That datapoints of a fleet, or signs of life of a real canary, are missing: for `hold`.
    Heartbeat,
    /// That a fleet has more trouble on the new side: for `hold`.
    FleetTrouble,
    /// That a name is looked up in vain more often than it was: for `hold`.
    Lookup,
}

impl Decision {
    /// All decisions, the least urgent first.
    pub const ALL: [Self; 3] = [Self::Go, Self::Hold, Self::Rollback];

    /// The word used in labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Hold => "hold",
            Self::Rollback => "rollback",
        }
    }
}

impl EvidenceKind {
    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Location => "location",
            Self::Tail => "tail",
            Self::Guard => "guard",
            Self::NonInferiority => "non-inferiority",
            Self::NotSlower => "not-slower",
            Self::Unpaired => "unpaired",
            Self::Heartbeat => "heartbeat",
            Self::FleetTrouble => "fleet-trouble",
            Self::Lookup => "lookup",
        }
    }
}

impl Evidence {
    /// How far it has come: 0 at nothing, 1 at its threshold and beyond.
    pub fn share(&self) -> f64 {
        (self.ln / self.ln_threshold).clamp(0.0, 1.0)
    }
}

impl Verdict {
    /// A decision without anything that led to it: where nothing was judged yet.
    pub fn bare(decision: Decision, since: DateTime<Utc>) -> Self {
        Self {
            decision,
            since,
            reasons: Vec::new(),
            evidence: Arc::default(),
            weakest: None,
            would_change: String::new(),
            estimate: None,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Reason {
    /// A reason without figures.
    pub(crate) const fn plain(
        cause: Cause,
        raises: Decision,
        text: String,
        since: Option<DateTime<Utc>>,
    ) -> Self {
        Self { cause, raises, text, since, finding: None }
    }

    /// The same reason with its figures.
    pub(crate) fn with(self, finding: Finding) -> Self {
        Self { finding: Some(finding), ..self }
    }
}
