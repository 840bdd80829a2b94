//! Plain lines for a pipe: one when something has changed, and a heartbeat.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Decision, DeviceState, Phase, Snapshot};

/// A line at least so often.
const HEARTBEAT: TimeDelta = TimeDelta::seconds(10);

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct Lines {
    said: Option<(DateTime<Utc>, Phase, Decision, Vec<String>)>,
}

impl Lines {
    /// The lines that are worth saying of this picture.
    pub(super) fn next(&mut self, snapshot: &Arc<Snapshot>) -> Vec<String> {
        let reasons: Vec<_> = snapshot.verdict.reasons.iter().map(|reason| reason.cause).collect();
        let causes: Vec<_> = reasons.iter().map(|cause| format!("{cause:?}")).collect();
        let (phase, decision) = (snapshot.phase, snapshot.verdict.decision);
        let due = match &self.said {
            None => true,
            Some((at, ..)) if snapshot.now - *at >= HEARTBEAT => true,
            Some((_, was, said, why)) => *was != phase || *said != decision || *why != causes,
        };
        if !due {
            return Vec::new();
        }
        self.said = Some((snapshot.now, phase, decision, causes));
        let first = snapshot.verdict.reasons.first().map_or("", |reason| reason.text.as_str());
        vec![format!(
            "{} UTC  {phase}  {decision}  devices old {} new {} both {} other {} connecting {} lost {}  pairs {}  {}",
            snapshot.now.format("%H:%M:%S"),
            snapshot.devices(DeviceState::Old),
            snapshot.devices(DeviceState::New),
            snapshot.devices(DeviceState::Both),
            snapshot.devices(DeviceState::Other),
            snapshot.devices(DeviceState::Connecting),
            snapshot.devices(DeviceState::Lost),
            snapshot.pairs.total,
            super::paint::printable(first),
        )]
    }
}
