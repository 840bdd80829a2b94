//! The alerts, and what became of their notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::DeliveryResult;
use serde::Serialize;
use store::{Event, What};

/// A notice: an alert began, changed or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertLine {
    /// When.
    pub at: DateTime<Utc>,
    /// `firing` or `resolved`.
    pub state: String,
    /// Why it was said.
    pub why: String,
    /// One line.
    pub subject: String,
    /// What became of it on each channel.
    pub deliveries: Vec<DeliveryLine>,
}

/// What became of a notice on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryLine {
    /// The channel.
    pub channel: Arc<str>,
    /// The last result.
    pub result: DeliveryResult,
    /// When it was known.
    pub at: DateTime<Utc>,
    /// How many attempts were made.
    pub attempts: u32,
    /// The channel's words.
    pub detail: String,
}

/// The notices in the order of time. One whose making lies before the report is there by its deliveries alone.
pub(crate) fn lines(events: &[Event]) -> Vec<AlertLine> {
    let mut lines: Vec<AlertLine> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for Event { at, what } in events {
        match what {
            What::Notice { id, state, why, subject } => {
                places.insert(id, lines.len());
                let (state, why, subject) = (state.clone(), why.clone(), subject.clone());
                lines.push(AlertLine { at: *at, state, why, subject, deliveries: Vec::new() });
            }
            What::Delivery { channel, notice, subject, result, attempt, detail } => {
                let index = *places.entry(notice).or_insert_with(|| {
                    let (state, why) = (String::new(), "made earlier".to_owned());
                    let subject = subject.clone();
                    lines.push(AlertLine { at: *at, state, why, subject, deliveries: Vec::new() });
                    lines.len() - 1
                });
                let Some(line) = lines.get_mut(index) else { continue };
                line.deliveries.retain(|known| known.channel != *channel);
                line.deliveries.push(DeliveryLine {
                    channel: channel.clone(),
                    result: *result,
                    at: *at,
                    attempts: *attempt,
                    detail: detail.clone(),
                });
            }
            _ => {}
        }
    }
    lines
}
