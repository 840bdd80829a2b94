//! A message that an alert causes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is said once, on every channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Names this notice for good: the same one sent again bears the same id, so that a repeat is recognisable.
    pub id: String,
    /// The id of the notice with which the alert began; its own for the first one.
    pub thread: String,
    /// Whether the alert fires or is over.
    pub kind: NoticeKind,
    /// Why it is said now.
    pub why: Why,
    /// When it was decided to say it.
    pub at: DateTime<Utc>,
    /// Since when the condition holds, or held.
    pub since: DateTime<Utc>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Whether the alert fires or is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The condition holds.
    Firing,
    /// The condition held, and does no longer.
    Resolved,
}

/// Why a notice is sent now: each has its name, so that nobody has to guess why the phone rang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The condition began.
    First,
    /// It became more urgent: from `hold` to `rollback`.
    Worse,
    /// It still holds, for another leading reason.
    ChangedScope,
    /// The evidence no longer supports it.
    ResolvedByEvidence,
    /// The traffic was sent back: nothing is left to warn of.
    RolledBack,
}

impl Why {
    /// The word used in messages and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Worse => "worse",
            Self::ChangedScope => "changed-scope",
            Self::ResolvedByEvidence => "resolved-by-evidence",
            Self::RolledBack => "rolled-back",
        }
    }
}
