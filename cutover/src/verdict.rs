//! The answer to the command center's question: go, hold or roll back, and why.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{FailureKind, Side};

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
    /// The canary itself is at fault: neither side is blamed.
    Canary,
    /// Too little was seen for a decision.
    TooLittle,
    /// The phase allows no other decision.
    Phase,
    /// Non-inferiority was shown.
    NonInferior,
}

/// A measured difference between the sides, or a rate on one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The journeys over which it was measured.
    pub scope: Scope,
    /// The journey that contributes most.
    pub journey: Option<Arc<str>>,
    /// Its step that fails most.
    pub step: Option<Arc<str>>,
    /// The side to blame.
    pub side: Option<Side>,
    /// The kind of failure seen most.
    pub kind: Option<FailureKind>,
    /// What `size`, `low` and `high` measure.
    pub measure: Measure,
    /// How large it is.
    pub size: f64,
    /// The lower end of its 95 % confidence interval.
    pub low: f64,
    /// The upper end of its 95 % confidence interval.
    pub high: f64,
    /// The number of pairs, or of runs, in it.
    pub count: u64,
}

/// What the size of a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// A difference of failure rates, new - old; a fraction of 1.
    Difference,
    /// A rate itself; a fraction of 1.
    Rate,
    /// A ratio of durations, new / old.
    Ratio,
    /// A difference of the shares of slow runs, new - old; a fraction of 1.
    SlowShare,
}

/// Over what a piece of evidence is gathered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All paired journeys together.
    All,
    /// One journey.
    Journey(Arc<str>),
    /// One variant of a journey.
    Variant {
        /// The journey.
        journey: Arc<str>,
        /// The variant.
        variant: Arc<str>,
    },
    /// One fleet.
    Fleet(Arc<str>),
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
    /// That datapoints are missing: for `hold`.
    Heartbeat,
    /// That a fleet has more trouble on the new side: for `hold`.
    FleetTrouble,
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
        }
    }
}

impl Evidence {
    /// How far it has come: 0 at nothing, 1 at its threshold and beyond.
    pub fn share(&self) -> f64 {
        (self.ln / self.ln_threshold).clamp(0.0, 1.0)
    }
}

impl Scope {
    /// The journey that it is, or belongs to.
    pub const fn journey(&self) -> Option<&Arc<str>> {
        match self {
            Self::Journey(journey) | Self::Variant { journey, .. } => Some(journey),
            Self::All | Self::Fleet(_) => None,
        }
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

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.pad("all"),
            Self::Journey(name) => f.pad(name),
            Self::Variant { journey, variant } => f.pad(&format!("{journey} / {variant}")),
            Self::Fleet(name) => f.pad(&format!("fleet {name}")),
        }
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
}
