//! What was done by people, and by programs on behalf of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Decision, Phase};

/// What a person, or a program on behalf of one, did and said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    /// When it was said.
    pub at: DateTime<Utc>,
    /// Who said it.
    pub by: String,
    /// What.
    pub text: String,
}

/// A change of phase, with what is needed to judge it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseChange {
    /// When.
    pub at: DateTime<Utc>,
    /// From which phase.
    pub from: Phase,
    /// To which.
    pub to: Phase,
    /// Who said so.
    pub by: String,
    /// What the verdict was at that moment.
    pub decision: Decision,
    /// The figures of the moment by name, such as the devices on each side.
    pub figures: BTreeMap<String, u64>,
}
