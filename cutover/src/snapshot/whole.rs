//! All of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    AlertView, DeliveryView, FleetView, HealthView, JourneyView, NameViewLine, NoteView, PairsView,
    PhaseChange,
};
use crate::{CanaryView, DeviceState, Phase, Verdict};

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
