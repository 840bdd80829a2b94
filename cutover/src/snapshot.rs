//! The picture of the cutover that is shown: immutable, and published whole.
//!
//! The recorder makes one after each fold; the page, the exporter, the gate and the terminal only read. In JSON,
//! times are RFC 3339, durations are seconds, and the members of closed sets are their words.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AbortCause, Answered, CanaryView, Decision, DeviceEvent, DeviceState, Outcome, Personality, Phase,
    Reached, ResetSums, Route, Series, Side, Stragglers, Verdict,
};

/// Everything that is shown of a cutover at one moment.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// The cutover's name.
    pub name: Arc<str>,
    /// The phase it is in.
    pub phase: Phase,
    /// Since when.
    pub phase_since: DateTime<Utc>,
    /// The moment of this picture. One that stays behind the reader's clock is stale.
    pub now: DateTime<Utc>,
    /// When this life of the canary began.
    pub started: DateTime<Utc>,
    /// The answer: go, hold or roll back, and why.
    pub verdict: Verdict,
    /// Whether the point of no return was passed: from then on nobody goes back, whatever the verdict.
    pub past_no_return: bool,
    /// The journeys, a line each, sorted by journey, variant and route.
    pub journeys: Vec<JourneyView>,
    /// The real canaries, sorted by name.
    pub canaries: Vec<CanaryView>,
    /// The fleets, sorted by name.
    pub fleets: Vec<FleetView>,
    /// What each resolver says of each name, sorted by name and resolver.
    pub names: Vec<NameViewLine>,
    /// The pairs judged so far.
    pub pairs: PairsView,
    /// The alerts that fire, and those that lately did.
    pub alerts: Vec<AlertView>,
    /// The last 20 attempts to deliver a notice, newest last.
    pub deliveries: Vec<DeliveryView>,
    /// How the canary itself fares.
    pub health: HealthView,
    /// Every change of phase, oldest first.
    pub phase_log: Vec<PhaseChange>,
    /// The last 20 notes, newest last.
    pub notes: Vec<NoteView>,
}

/// One journey on one route.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JourneyView {
    /// The journey's name.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    pub variant: Arc<str>,
    /// How its runs are aimed.
    pub route: Route,
    /// Runs that ended, in whichever way.
    pub runs: u64,
    /// Runs that passed.
    pub passed: u64,
    /// Runs in which the target failed.
    pub failed: u64,
    /// Runs that say nothing about the target.
    pub aborted: u64,
    /// Starts that could not be made in time.
    pub skipped: u64,
    /// Runs in which a step passed and took longer than its budget.
    pub degraded: u64,
    /// The last run that ended.
    pub last: Option<LastRun>,
    /// The last run that failed: it stays in sight after the next one passed.
    pub last_failure: Option<LastRun>,
    /// The last step that took longer than its budget.
    pub last_degraded: Option<DegradedStep>,
    /// The median duration of the runs that passed, in seconds.
    pub p50: Option<f64>,
    /// The 99th percentile of the same, in seconds.
    pub p99: Option<f64>,
    /// The share of failed runs among those of the last 60 s that say something (0 to 1); `None` without any.
    pub error_rate_60s: Option<f64>,
}

/// How a journey's last run ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastRun {
    /// Its intended start.
    pub at: DateTime<Utc>,
    /// From its real start to its end.
    #[serde(serialize_with = "crate::seconds::one")]
    pub took: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// The failure in words; empty for a run that passed. It may hold text that the target wrote.
    pub detail: String,
    /// The trace id under which the target may have noted it.
    pub trace: Arc<str>,
    /// The side reached by the step that decided.
    pub reached: Option<Reached>,
    /// Who answered that step.
    pub answered: Answered,
}

/// A step that passed, and took longer than its budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DegradedStep {
    /// The intended start of its run.
    pub at: DateTime<Utc>,
    /// The step's name.
    pub step: Arc<str>,
    /// How the step was aimed.
    pub route: Route,
    /// How long it took.
    #[serde(serialize_with = "crate::seconds::one")]
    pub took: Duration,
    /// How long it may take.
    #[serde(serialize_with = "crate::seconds::one")]
    pub budget: Duration,
    /// The trace id under which the target may have noted it.
    pub trace: Arc<str>,
}

/// One fleet.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FleetView {
    /// The fleet's name.
    pub fleet: Arc<str>,
    /// How many devices it has.
    pub total: u32,
    /// How many of them stand where.
    pub states: BTreeMap<DeviceState, u32>,
    /// The same by personality.
    pub by_personality: BTreeMap<Personality, BTreeMap<DeviceState, u32>>,
    /// How often each event happened since the start.
    pub events: BTreeMap<DeviceEvent, BySide>,
    /// The devices that came back after a reset.
    pub returned: Returned,
    /// Devices in session with both sides at once: the first ones, by name.
    pub split: Vec<String>,
    /// Devices lost: the first ones, by name.
    pub lost: Vec<String>,
    /// Devices still in session with the old side only, once they should have left it (phases `go` and `settled`).
    pub still_old: Stragglers,
    /// What became of the last reset instruction; `None`: there was none yet.
    pub reset: Option<ResetSums>,
    /// The devices' own lookups.
    pub lookups: Lookups,
    /// The datapoints that were read back on each side, if any are.
    pub verified: Vec<VerifiedOn>,
    /// The migration, a point a second, the last 600 of them, oldest first.
    pub curve: Vec<CurvePoint>,
}

/// A count, by the side on which it was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BySide {
    /// On the old side.
    pub old: u64,
    /// On the new side.
    pub new: u64,
    /// On neither.
    pub neither: u64,
}

/// From the reset to the first datapoint acknowledged after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Returned {
    /// How many devices came back.
    pub count: u64,
    /// The median of the time it took, in seconds.
    pub p50: Option<f64>,
    /// The 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// The datapoints that were read back on one side; how many were not is among the events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VerifiedOn {
    /// The side; `None`: neither.
    pub side: Option<Side>,
    /// How many were there.
    pub count: u64,
    /// The median of the time from sending until they could be read, in seconds, known within a quarter.
    pub p50: Option<f64>,
    /// The 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// The lookups that devices made themselves: nothing is cached or merged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Lookups {
    /// How many were answered with an address.
    pub count: u64,
    /// The median of the time it took, in seconds.
    pub p50: Option<f64>,
    /// The 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// Where a fleet's devices stood at the end of one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CurvePoint {
    /// The end of the second.
    pub at: DateTime<Utc>,
    /// In session with the old side only.
    pub old: u32,
    /// In session with the new side only.
    pub new: u32,
    /// In session with both.
    pub both: u32,
    /// In session with neither's address.
    pub other: u32,
    /// Trying.
    pub connecting: u32,
    /// Without a session for longer than their grace.
    pub lost: u32,
}

/// What one resolver said last of one name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameViewLine {
    /// The name asked for.
    pub name: Arc<str>,
    /// The resolver asked, by its name in the configuration.
    pub resolver: Arc<str>,
    /// Whether it is authoritative for the name.
    pub authoritative: bool,
    /// Where the addresses lie, in words: `old`, `old+new`, or what went wrong.
    pub view: String,
    /// The addresses, in the order of the answer.
    pub addresses: Vec<IpAddr>,
    /// The least TTL in the answer.
    #[serde(serialize_with = "crate::seconds::some")]
    pub ttl: Option<Duration>,
    /// How long the answer took.
    #[serde(serialize_with = "crate::seconds::one")]
    pub took: Duration,
    /// When it was asked.
    pub at: DateTime<Utc>,
}

/// The pairs judged so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PairsView {
    /// Pairs of which both runs said something.
    pub total: u64,
    /// Runs that reached the old address and were answered by the new application.
    pub forwarded: u64,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertState {
    /// Its condition holds.
    Firing,
    /// Its condition held, and does no longer.
    Resolved,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertView {
    /// The rule's name.
    pub name: Arc<str>,
    /// Where it stands.
    pub state: AlertState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What it says, in one line.
    pub summary: String,
}

/// What became of one attempt to deliver a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryResult {
    /// The channel acknowledged it.
    Sent,
    /// It failed for now, and is tried again.
    Retry,
    /// The channel refused it for good.
    Rejected,
    /// It was given up: the canary stopped, or the queue was full.
    Undelivered,
}

/// One attempt to deliver a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    /// The channel's name.
    pub channel: Arc<str>,
    /// What became of it.
    pub result: DeliveryResult,
    /// When the attempt ended.
    pub at: DateTime<Utc>,
    /// The notice's subject.
    pub subject: String,
    /// The channel's words, for people: why it failed, or how it was acknowledged.
    pub detail: String,
}

/// How the canary itself fares.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HealthView {
    /// Observations folded since the start. None yet: there is nothing to show.
    pub folded: u64,
    /// Observations waiting in the channel.
    pub channel_depth: usize,
    /// How often an actor had to wait because the channel was full.
    pub channel_waits: u64,
    /// Starts of runs that could not be made in time.
    pub skipped: u64,
    /// The 99th percentile of how much later than intended runs started, in seconds.
    pub start_lag_p99: Option<f64>,
    /// Aborted runs by cause: the canary's own faults.
    pub aborted: BTreeMap<AbortCause, u64>,
    /// How its store fares; `None` where nothing is kept.
    pub store: Option<StoreView>,
}

/// How the store fares: whatever happens to it, the watching goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StoreView {
    /// Why nothing can be written at present; `None` while all is well.
    pub trouble: Option<String>,
    /// Records given up because they could not be written in time.
    pub dropped: u64,
}

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

impl AlertState {
    /// Both states.
    pub const ALL: [Self; 2] = [Self::Firing, Self::Resolved];

    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

impl DeliveryResult {
    /// The word used in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retry => "retry",
            Self::Rejected => "rejected",
            Self::Undelivered => "undelivered",
        }
    }
}

impl JourneyView {
    /// The journey in its variant, as it is shown.
    pub fn series(&self) -> String {
        Series { journey: self.journey.clone(), variant: self.variant.clone() }.to_string()
    }
}

impl Snapshot {
    /// The picture before anything was seen.
    pub fn first(name: Arc<str>, phase: Phase, verdict: Verdict, now: DateTime<Utc>) -> Self {
        Self {
            name,
            phase,
            phase_since: now,
            now,
            started: now,
            verdict,
            past_no_return: false,
            journeys: Vec::new(),
            canaries: Vec::new(),
            fleets: Vec::new(),
            names: Vec::new(),
            pairs: PairsView::default(),
            alerts: Vec::new(),
            deliveries: Vec::new(),
            health: HealthView::default(),
            phase_log: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// How many devices of all fleets stand in `state`.
    pub fn devices(&self, state: DeviceState) -> u64 {
        self.fleets.iter().filter_map(|fleet| fleet.states.get(&state)).map(|count| u64::from(*count)).sum()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn json_bears_words_for_closed_sets_and_seconds_for_durations() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let last = LastRun {
            at,
            took: Duration::from_millis(1_250),
            outcome: Outcome::Aborted { cause: AbortCause::Resolver },
            detail: String::new(),
            trace: "4bf9".into(),
            reached: Some(Reached::Old),
            answered: Answered::New,
        };
        assert_eq!(
            serde_json::to_value(last).unwrap(),
            serde_json::json!({
                "at": "2027-01-15T08:00:00Z", "took": 1.25, "outcome": { "aborted": { "cause": "resolver" } },
                "detail": "", "trace": "4bf9", "reached": "old", "answered": "new",
            })
        );
        let line = NameViewLine {
            name: "api.acme.example".into(),
            resolver: "zone".into(),
            authoritative: true,
            view: "new".to_owned(),
            addresses: vec!["198.51.100.7".parse().unwrap()],
            ttl: Some(Duration::from_secs(60)),
            took: Duration::from_millis(2),
            at,
        };
        let line = serde_json::to_value(line).unwrap();
        assert_eq!((&line["ttl"], &line["took"]), (&serde_json::json!(60.0), &serde_json::json!(0.002)));
    }

    #[test]
    fn maps_by_a_closed_set_are_json_objects_by_its_words() {
        let states = BTreeMap::from([(DeviceState::New, 3), (DeviceState::Connecting, 1)]);
        let by_personality = BTreeMap::from([(Personality::AtTtl, states.clone())]);
        let events = BTreeMap::from([(DeviceEvent::ConnectFailed, BySide { new: 2, ..BySide::default() })]);
        assert_eq!(
            serde_json::to_value((states, by_personality, events)).unwrap(),
            serde_json::json!([
                { "new": 3, "connecting": 1 },
                { "at-ttl": { "new": 3, "connecting": 1 } },
                { "connect-failed": { "old": 0, "new": 2, "neither": 0 } },
            ])
        );
    }
}
