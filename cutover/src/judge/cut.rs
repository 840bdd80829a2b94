//! Whether the canary itself is cut off: nothing can be reached on either side, and no resolver answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words::clock;
use crate::{Cause, Decision, FailureKind, Outcome, Reason, RunSeen};

/// So many runs in a row on each side that no answer came of.
const UNREACHED: u32 = 3;

/// Runs in a row that no answer came of, on each side.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Cut {
    unreached: [u32; 2],
    since: Option<DateTime<Utc>>,
}

impl Cut {
    /// Takes one run. One that got through, whichever way it went, shows that there is a network.
    pub(crate) fn observe(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        match &run.outcome {
            Outcome::Failed { kind, .. } if hidden(*kind) => {
                let Some(side) = run.route.pinned() else { return };
                self.since.get_or_insert(now);
                let count = &mut self.unreached[side as usize];
                *count = count.saturating_add(1);
            }
            Outcome::Passed | Outcome::Failed { .. } => *self = Self::default(),
            Outcome::Aborted { .. } => {}
        }
    }

    /// Whether nothing can be reached on either side.
    pub(crate) fn nothing_reached(&self) -> bool {
        self.unreached.iter().all(|count| *count >= UNREACHED)
    }

    /// The reason to hold.
    pub(crate) fn reason(&self) -> Reason {
        let since = self.since.map_or_else(String::new, |since| format!(" since {}", clock(since)));
        let text = format!(
            "the canary itself is cut off{since}: nothing can be reached on either side, and no resolver answers; \
             neither side is judged"
        );
        Reason::plain(Cause::Canary, Decision::Hold, text, self.since)
    }
}

/// What a run looks like to which nobody answers.
const fn hidden(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Resolve | FailureKind::Refused | FailureKind::Unreachable | FailureKind::Timeout
    )
}
