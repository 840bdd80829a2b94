//! What happened, a line each.

use chrono::{DateTime, Utc};
use cutover::DeliveryResult;
use serde::Serialize;
use store::{Event, What};

use crate::spans::Span;
use crate::words::{self, lasted};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What sort of thing.
    pub kind: Kind,
    /// Who did it; empty where nobody did.
    pub by: String,
    /// In words.
    pub text: String,
}

/// What sort of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The canary began, ended, or was not there.
    Canary,
    /// The phase changed.
    Phase,
    /// The verdict changed.
    Verdict,
    /// An alert began, changed or ended.
    Alert,
    /// A notice was delivered, or not.
    Delivery,
    /// Devices obeyed a reset.
    Reset,
    /// Somebody did something.
    Note,
}

impl Kind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::Phase => "phase",
            Self::Verdict => "verdict",
            Self::Alert => "alert",
            Self::Delivery => "delivery",
            Self::Reset => "reset",
            Self::Note => "note",
        }
    }
}

/// The events in words, and the gaps, in the order of time.
pub(crate) fn entries(events: &[Event], gaps: &[Span]) -> Vec<Entry> {
    let mut entries: Vec<_> = events.iter().filter_map(entry).collect();
    entries.extend(gaps.iter().map(|gap| {
        let text = format!("nobody watched for {}", lasted(gap.to - gap.from));
        Entry { at: gap.from, kind: Kind::Canary, by: String::new(), text }
    }));
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn entry(event: &Event) -> Option<Entry> {
    let nobody = String::new();
    let (kind, by, text) = match &event.what {
        What::Started { version, phase, resumed } => {
            let how = if *resumed { "went on" } else { "began" };
            (Kind::Canary, nobody, format!("serin {version} {how} in phase {phase}"))
        }
        What::Stopped { phase, decision } => {
            (Kind::Canary, nobody, format!("serin ended in phase {phase}, with the verdict {decision}"))
        }
        What::Phase(change) => {
            let text = format!("{} -> {}, at the verdict {}", change.from, change.to, change.decision);
            (Kind::Phase, change.by.clone(), text)
        }
        What::Verdict { decision, reason, trace } => {
            let trace = trace.as_ref().map_or_else(String::new, |trace| format!("; trace {trace}"));
            (Kind::Verdict, nobody, format!("{decision}: {reason}{trace}"))
        }
        What::Notice { subject, .. } => (Kind::Alert, nobody, subject.clone()),
        // An attempt that is made again is no news; the table of alerts counts it.
        What::Delivery { result: DeliveryResult::Retry, .. } => return None,
        What::Delivery { channel, subject, result, detail, .. } => {
            let text = format!("{} to {channel}: {subject} ({detail})", result.as_str());
            (Kind::Delivery, nobody, text)
        }
        What::Reset { fleet, devices, until } => {
            let (devices, within) = (words::count(*devices, "device"), lasted(*until - event.at));
            (Kind::Reset, nobody, format!("{devices} of {fleet} obeyed the reset within {within}"))
        }
        // A table of its own has them.
        What::ResetSums(_) => return None,
        What::Note { by, text } => (Kind::Note, by.clone(), text.clone()),
    };
    Some(Entry { at: event.at, kind, by, text })
}
