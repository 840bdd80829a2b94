//! Wrong answers that no rate excuses: from the wrong side, of writes that are lost, of writes that are there twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words::counted;
use crate::{Cause, Decision, FailureKind, Outcome, Phase, Reason, Route, RunSeen, Window};

/// Fewer than this in a minute are the noise of a change that is under way.
const FEW: u64 = 3;

/// The kinds that are looked at.
const KINDS: [FailureKind; 3] = [FailureKind::WrongSide, FailureKind::Lost, FailureKind::Duplicate];

/// The last minute, for each route and kind.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Consistency(#[serde(with = "crate::entries")] BTreeMap<(Route, FailureKind), Seen>);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Seen {
    window: Window,
    /// The latest journey and step.
    last: Option<(Arc<str>, Arc<str>)>,
    since: Option<DateTime<Utc>>,
}

impl Consistency {
    /// Looks at one run. While it was started in `ready` the new side was not up yet.
    pub(crate) fn observe(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        let Outcome::Failed { step, kind } = &run.outcome else { return };
        if !KINDS.contains(kind) || (run.phase == Phase::Ready && run.route == Route::New) {
            return;
        }
        let seen = self.0.entry((run.route, *kind)).or_default();
        if seen.window.counts(now).0 == 0 {
            seen.since = Some(now);
        }
        seen.window.add(now, true);
        seen.last = Some((run.journey.clone(), step.as_str().into()));
    }

    /// The reasons to hold.
    pub(crate) fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        self.0.iter().filter_map(|((route, kind), seen)| seen.reason(*route, *kind, now)).collect()
    }
}

impl Seen {
    fn reason(&self, route: Route, kind: FailureKind, now: DateTime<Utc>) -> Option<Reason> {
        let (runs, (journey, step)) = (self.window.counts(now).0, self.last.as_ref()?);
        let (cause, what) = match kind {
            FailureKind::WrongSide => (Cause::WrongSide, "reached the wrong side, or were answered by it"),
            FailureKind::Lost => (Cause::Inconsistent, "did not find what had been written"),
            _ => (Cause::Inconsistent, "found what had been written more than once"),
        };
        (runs >= FEW).then(|| {
            let runs = counted(runs, "run");
            let text = format!(
                "{runs} on the {route} route {what} in the last minute, {journey} last, step `{step}`, kind `{kind}`"
            );
            Reason::plain(cause, Decision::Hold, text, self.since)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::core::fixture::{failed, run};
    use super::*;

    #[test]
    fn three_lost_writes_in_a_minute_hold_and_are_named_and_a_refused_connection_is_not_one() {
        let start = DateTime::UNIX_EPOCH;
        let mut consistency = Consistency::default();
        let mut see = |kind, phase| {
            let seen = RunSeen { phase, outcome: failed(kind), ..run("sign-in", Route::New, start) };
            consistency.observe(&seen, start);
            consistency.reasons(start).into_iter().map(|reason| reason.text).collect::<Vec<_>>()
        };
        for _ in 0..3 {
            assert!(see(FailureKind::Refused, Phase::Go).is_empty());
            assert!(see(FailureKind::Lost, Phase::Ready).is_empty());
        }
        see(FailureKind::Lost, Phase::Go);
        assert!(see(FailureKind::Lost, Phase::Go).is_empty());
        assert_eq!(
            see(FailureKind::Lost, Phase::Go),
            [
                "3 runs on the new route did not find what had been written in the last minute, sign-in last, step \
                 `post`, kind `lost`"
            ]
        );
        let later = start + chrono::TimeDelta::seconds(61);
        assert!(consistency.reasons(later).is_empty());
    }
}
