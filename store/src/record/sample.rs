//! How things stood, every few seconds: small enough to be kept for weeks.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::{CanaryState, Cause, Decision, DeviceState, FailureKind, Phase, Route, Snapshot, Stragglers};
use serde::{Deserialize, Serialize};

use super::Sketch;

/// A reason longer than this is cut: it may quote what a peer wrote.
const REASON_CHARS: usize = 400;
/// What a resolver said is kept up to this length.
const VIEW_CHARS: usize = 100;
/// So many stragglers are kept by name: each sample has them.
const NAMES: usize = 5;

/// How things stood at one moment, and what happened since the sample before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The end of the time that it covers.
    pub at: DateTime<Utc>,
    /// How much time it covers, in seconds.
    pub over: f64,
    /// The phase at its end.
    pub phase: Phase,
    /// The verdict at its end.
    pub decision: Decision,
    /// The verdict's leading reason.
    pub lead: Option<Lead>,
    /// The runs that ended in this time, a line for each journey, variant and route that had any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunsSample>,
    /// The fleets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fleets: Vec<FleetSample>,
    /// What each resolver says of each name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameSample>,
    /// Where each real canary stands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub canaries: BTreeMap<Arc<str>, CanaryState>,
}

/// The leading reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// What kind of reason it is.
    pub cause: Cause,
    /// In one sentence.
    pub text: String,
}

/// The runs of one journey, variant and route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunsSample {
    /// The journey's name.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub variant: Arc<str>,
    /// How the runs were aimed.
    pub route: Route,
    /// Runs that passed.
    pub passed: u64,
    /// Runs in which the target failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: u64,
    /// Runs that say nothing about the target.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub aborted: u64,
    /// Runs in which a step passed and took longer than its budget.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub degraded: u64,
    /// How long the runs that passed took.
    #[serde(default, skip_serializing_if = "Sketch::is_empty")]
    pub took: Sketch,
    /// The last of those that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<FailureSample>,
}

/// A run in which the target failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureSample {
    /// Its intended start.
    pub at: DateTime<Utc>,
    /// The step that failed.
    pub step: Arc<str>,
    /// In which way.
    pub kind: FailureKind,
    /// The trace id under which the target may have noted it.
    pub trace: Arc<str>,
}

/// Where the devices of one fleet stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetSample {
    /// The fleet's name.
    pub fleet: Arc<str>,
    /// How many devices stand where.
    pub states: BTreeMap<DeviceState, u32>,
    /// Devices still on the old side only, once they should have left it: how many, and a few by name.
    #[serde(default, skip_serializing_if = "nobody")]
    pub still_old: Stragglers,
}

/// What one resolver says of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameSample {
    /// The name.
    pub name: Arc<str>,
    /// The resolver.
    pub resolver: Arc<str>,
    /// Where the addresses lie (`old`, `old+new`), or what went wrong.
    pub view: String,
}

impl Sample {
    /// What `snapshot` shows, with the `runs` of the last `over` seconds.
    pub fn of(snapshot: &Snapshot, over: f64, runs: Vec<RunsSample>) -> Self {
        let lead = snapshot.verdict.reasons.first();
        Self {
            at: snapshot.now,
            over,
            phase: snapshot.phase,
            decision: snapshot.verdict.decision,
            lead: lead.map(|reason| Lead { cause: reason.cause, text: cut(&reason.text, REASON_CHARS) }),
            runs,
            fleets: snapshot
                .fleets
                .iter()
                .map(|fleet| FleetSample {
                    fleet: fleet.fleet.clone(),
                    states: fleet.states.clone(),
                    still_old: Stragglers {
                        count: fleet.still_old.count,
                        names: fleet.still_old.names.iter().take(NAMES).cloned().collect(),
                    },
                })
                .collect(),
            canaries: snapshot.canaries.iter().map(|view| (view.canary.clone(), view.state)).collect(),
            names: snapshot
                .names
                .iter()
                .map(|line| NameSample {
                    name: line.name.clone(),
                    resolver: line.resolver.clone(),
                    view: cut(&line.view, VIEW_CHARS),
                })
                .collect(),
        }
    }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

const fn nobody(stragglers: &Stragglers) -> bool {
    stragglers.count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_is_short_and_leaves_out_what_did_not_happen() {
        let mut took = Sketch::default();
        took.record(Duration::from_millis(20));
        let line = RunsSample {
            journey: "sign in".into(),
            variant: "".into(),
            route: Route::New,
            passed: 1,
            failed: 0,
            aborted: 0,
            degraded: 0,
            took,
            last_failure: None,
        };
        let json = serde_json::to_string(&line).unwrap();
        assert_eq!(json, r#"{"journey":"sign in","route":"new","passed":1,"took":{"252":1}}"#);
        assert_eq!(serde_json::from_str::<RunsSample>(&json).unwrap(), line);
        let last_failure = FailureSample {
            at: DateTime::UNIX_EPOCH,
            step: "post".into(),
            kind: FailureKind::Status,
            trace: "4bf9".into(),
        };
        let line = RunsSample { failed: 1, last_failure: Some(last_failure), ..line };
        let json = serde_json::to_string(&line).unwrap();
        assert!(json.ends_with(
            r#""last_failure":{"at":"1970-01-01T00:00:00Z","step":"post","kind":"status","trace":"4bf9"}}"#
        ));
        assert_eq!(serde_json::from_str::<RunsSample>(&json).unwrap(), line);
    }
}
