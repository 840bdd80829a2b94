//! Something that happened.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::{Decision, DeliveryResult, FleetReset, Phase, PhaseChange};
use serde::{Deserialize, Serialize};

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: What,
}

/// The closed set of what can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "kebab-case")]
pub enum What {
    /// A life of the canary began.
    Started {
        /// Its version.
        version: String,
        /// The phase in which it began.
        phase: Phase,
        /// Whether it went on from what an earlier life had left.
        resumed: bool,
    },
    /// A life of the canary ended in order. One that was killed leaves no such trace.
    Stopped {
        /// The phase in which it ended.
        phase: Phase,
        /// The last verdict.
        decision: Decision,
    },
    /// The phase changed.
    Phase(PhaseChange),
    /// The verdict became another one.
    Verdict {
        /// What it is now.
        decision: Decision,
        /// Its leading reason.
        reason: String,
        /// The trace id of the last run that failed so, where the reason is about failures.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace: Option<Arc<str>>,
    },
    /// A notice was made: an alert began, changed or ended.
    Notice {
        /// Its id.
        id: String,
        /// `firing` or `resolved`.
        state: String,
        /// Why it was made, such as `first` or `resolved-by-evidence`.
        why: String,
        /// One line.
        subject: String,
    },
    /// An attempt to deliver a notice.
    Delivery {
        /// The channel.
        channel: Arc<str>,
        /// The notice's id.
        notice: String,
        /// Its subject.
        subject: String,
        /// What became of it.
        result: DeliveryResult,
        /// The number of the attempt, from 1; 0 if none was made.
        attempt: u32,
        /// The channel's words.
        detail: String,
    },
    /// Devices of one fleet obeyed a reset, one after the other.
    Reset {
        /// The fleet.
        fleet: Arc<str>,
        /// How many obeyed.
        devices: u64,
        /// When the last of them did.
        until: DateTime<Utc>,
    },
    /// What had become of a reset in one fleet. It is said again when that has changed.
    ResetSums(FleetReset),
    /// Something that a person, or a program on behalf of one, did and said so.
    Note {
        /// Who.
        by: String,
        /// What.
        text: String,
    },
}

impl What {
    /// The word under which it is kept.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Stopped { .. } => "stopped",
            Self::Phase(_) => "phase",
            Self::Verdict { .. } => "verdict",
            Self::Notice { .. } => "notice",
            Self::Delivery { .. } => "delivery",
            Self::Reset { .. } => "reset",
            Self::ResetSums(_) => "reset-sums",
            Self::Note { .. } => "note",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use cutover::ResetSums;

    use super::*;

    #[test]
    fn an_event_is_kept_under_its_kind_and_read_back() {
        let (decision, reason) = (Decision::Rollback, "worse".to_owned());
        let what = What::Verdict { decision, reason, trace: Some("4bf9".into()) };
        let json = serde_json::to_value(&what).unwrap();
        // As it was written before there were traces in it.
        let older = serde_json::json!({ "kind": "verdict", "data": { "decision": "go", "reason": "well" } });
        assert!(matches!(serde_json::from_value(older).unwrap(), What::Verdict { trace: None, .. }));
        assert_eq!(json["kind"], what.kind());
        assert_eq!(serde_json::from_value::<What>(json).unwrap(), what);
        let sums = ResetSums { id: "go".into(), meant: 3, ..ResetSums::default() };
        let what = What::ResetSums(FleetReset { fleet: "lamps".into(), sums });
        let json = serde_json::to_value(&what).unwrap();
        assert_eq!(json["kind"], what.kind());
        assert_eq!(serde_json::from_value::<What>(json).unwrap(), what);
    }
}
