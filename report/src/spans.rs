//! From when to when: the phases, the verdicts, and the times in which nobody watched.

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Decision, Phase};
use serde::Serialize;
use store::{Event, Sample, What};

/// A time without a sample counts as unwatched beyond so many times what a sample covers.
const MISSED: i32 = 3;

/// A time in which a phase held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhaseSpan {
    /// The phase.
    pub phase: Phase,
    /// Its beginning, or that of the report.
    pub from: DateTime<Utc>,
    /// Its end, or that of the report.
    pub to: DateTime<Utc>,
    /// Who entered it, if anyone did within the report.
    pub by: Option<String>,
}

/// A time in which a verdict stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionSpan {
    /// The verdict.
    pub decision: Decision,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Its leading reason when it began.
    pub reason: String,
}

/// A time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

/// The phases, one after the other.
pub(crate) fn phases(events: &[Event], samples: &[Sample], whole: Span) -> Vec<PhaseSpan> {
    let mut spans: Vec<PhaseSpan> = Vec::new();
    let mut enter = |phase, at, by: Option<&String>| {
        if spans.last().is_some_and(|last| last.phase == phase && by.is_none()) {
            return;
        }
        if let Some(last) = spans.last_mut() {
            last.to = at;
        }
        spans.push(PhaseSpan { phase, from: at, to: whole.to, by: by.cloned() });
    };
    // The phase before the first change that is in the report.
    let first = events.iter().find_map(|event| match &event.what {
        What::Started { phase, .. } => Some(*phase),
        What::Phase(change) => Some(change.from),
        _ => None,
    });
    if let Some(phase) = first.or_else(|| samples.first().map(|sample| sample.phase)) {
        enter(phase, whole.from, None);
    }
    for Event { at, what } in events {
        match what {
            What::Started { phase, .. } => enter(*phase, *at, None),
            What::Phase(change) => enter(change.to, *at, Some(&change.by)),
            _ => {}
        }
    }
    spans
}

/// The verdicts, one after the other.
pub(crate) fn decisions(events: &[Event], samples: &[Sample], whole: Span) -> Vec<DecisionSpan> {
    let mut spans: Vec<DecisionSpan> = Vec::new();
    let before = samples.first().map(|sample| {
        let reason = sample.lead.as_ref().map(|lead| lead.text.clone()).unwrap_or_default();
        (sample.at, sample.decision, reason)
    });
    let changes = events.iter().filter_map(|event| match &event.what {
        What::Verdict { decision, reason, .. } => Some((event.at, *decision, reason.clone())),
        _ => None,
    });
    let changes: Vec<_> = changes.collect();
    let earlier = before.filter(|(at, ..)| changes.first().is_none_or(|(first, ..)| at < first));
    for (at, decision, reason) in earlier.into_iter().chain(changes) {
        if spans.last().is_some_and(|last| last.decision == decision) {
            continue;
        }
        if let Some(last) = spans.last_mut() {
            last.to = at;
        }
        spans.push(DecisionSpan { decision, from: at, to: whole.to, reason });
    }
    spans
}

/// The times for which there is no sample: nobody watched then.
pub(crate) fn gaps(samples: &[Sample]) -> Vec<Span> {
    let gap = |two: &[Sample]| {
        let [before, after] = two else { return None };
        let usual = TimeDelta::milliseconds((before.over * 1000.0) as i64).max(TimeDelta::seconds(1));
        let began = after.at - TimeDelta::milliseconds((after.over * 1000.0) as i64);
        (began - before.at > usual * MISSED).then_some(Span { from: before.at, to: began })
    };
    samples.windows(2).filter_map(gap).collect()
}
