//! The report as a whole.

use chrono::{DateTime, Utc};
use cutover::{Decision, DeviceState, Phase};
use serde::Serialize;
use store::History;

use crate::bins::Bins;
use crate::spans::{self, DecisionSpan, PhaseSpan, Span};
use crate::{
    AlertLine, CanaryPart, Entry, FleetPart, Format, JourneyPart, NamePart, ResetPart, alerts, canaries,
    fleets, html, journeys, markdown, names, resets, timeline,
};

/// Everything that there is to say of a cutover, worked out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The cutover's name.
    pub cutover: String,
    /// When the report was made.
    pub made: DateTime<Utc>,
    /// The time that it covers.
    pub covers: Span,
    /// How things stood at its end.
    pub standing: Option<Standing>,
    /// The phases, one after the other.
    pub phases: Vec<PhaseSpan>,
    /// The verdicts, one after the other.
    pub decisions: Vec<DecisionSpan>,
    /// The times in which nobody watched.
    pub gaps: Vec<Span>,
    /// What happened.
    pub timeline: Vec<Entry>,
    /// The journeys.
    pub journeys: Vec<JourneyPart>,
    /// The real canaries.
    pub canaries: Vec<CanaryPart>,
    /// The fleets.
    pub fleets: Vec<FleetPart>,
    /// What became of each reset.
    pub resets: Vec<ResetPart>,
    /// DNS.
    pub names: Vec<NamePart>,
    /// The alerts, and what became of their notices.
    pub alerts: Vec<AlertLine>,
    /// Records in the store that are not understood, and left out.
    pub unknown: u64,
    /// How wide a point in time is, in seconds.
    pub resolution: i64,
}

/// How things stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The phase.
    pub phase: Phase,
    /// The verdict.
    pub decision: Decision,
    /// Its leading reason.
    pub reason: String,
}

impl Report {
    /// Works out the report of what a store holds; `made` is the present.
    pub fn of(history: &History, made: DateTime<Utc>) -> Self {
        let History { cutover, events, samples, unknown } = history;
        let times = events.iter().map(|event| event.at).chain(samples.iter().map(|sample| sample.at));
        let from = times.clone().min().unwrap_or(made);
        let whole = Span { from, to: times.max().unwrap_or(made) };
        let over = samples.iter().map(|sample| sample.over).fold(f64::MAX, f64::min);
        let bins = Bins::new(whole.from, whole.to, if samples.is_empty() { 1.0 } else { over });
        let gaps = spans::gaps(samples);
        let standing = samples.last().map(|sample| Standing {
            phase: sample.phase,
            decision: sample.decision,
            reason: sample.lead.as_ref().map(|lead| lead.text.clone()).unwrap_or_default(),
        });
        Self {
            cutover: cutover.clone(),
            made,
            covers: whole,
            standing,
            phases: spans::phases(events, samples, whole),
            decisions: spans::decisions(events, samples, whole),
            timeline: timeline::entries(events, &gaps),
            gaps,
            journeys: journeys::parts(samples, bins),
            canaries: canaries::parts(samples),
            fleets: fleets::parts(samples, bins),
            resets: resets::parts(events),
            names: names::parts(samples),
            alerts: alerts::lines(events),
            unknown: *unknown,
            resolution: bins.seconds(),
        }
    }

    /// Writes it down.
    ///
    /// # Errors
    /// When the template is broken: a fault in this room, which every test shows.
    pub fn render(&self, format: Format) -> Result<String, String> {
        match format {
            Format::Html => {
                html::page(self).map_err(|error| format!("the report cannot be written: {error:#}"))
            }
            Format::Markdown => Ok(markdown::text(self)),
            Format::Json => serde_json::to_string_pretty(self).map_err(|error| error.to_string()),
        }
    }

    /// All runs that say something, and those of them that failed.
    pub(crate) fn runs(&self) -> (u64, u64) {
        let points = self.journeys.iter().flat_map(|part| &part.routes).flat_map(|route| &route.points);
        points.fold((0, 0), |(runs, failed), point| (runs + point.runs, failed + point.failed))
    }

    /// All devices, and those of them that stood on the new side at the end.
    pub(crate) fn devices(&self) -> (u64, u64) {
        let new =
            |part: &FleetPart| part.points.last().map_or(0, |point| u64::from(point.of(DeviceState::New)));
        self.fleets.iter().fold((0, 0), |(total, moved), part| (total + part.total, moved + new(part)))
    }
}
