//! Whether the runs themselves are worth anything: the old side's own health, forwarding, and the canary's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::evidence::{Ways, rate};
use crate::judge::words::percent;
use crate::{AbortCause, Cause, Decision, Finding, Measure, Outcome, Reason, RunSeen, Scope, Side, Window};

/// The old side counts as failing from 4 failures in the last 60 s at 4 pairs a second on, and in proportion at any
/// other load.
const OLD_FAILURES: u64 = 4;
pub(crate) const OLD_RATE: f64 = 4.0 / 240.0;

/// Fewer crossed answers than this in a minute are the noise of a change that is under way.
const CROSSED_FEW: u64 = 3;

/// The last minute of the runs on pinned routes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Health {
    old: Window,
    old_ways: Ways,
    old_since: Option<DateTime<Utc>>,
    new: Window,
    crossed: [Window; 2],
    aborted: Window,
    abort_cause: Option<AbortCause>,
}

impl Health {
    /// Looks at one run.
    pub(crate) fn observe(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        match &run.outcome {
            Outcome::Aborted { cause: AbortCause::Shutdown } => return,
            Outcome::Aborted { cause } => self.abort_cause = Some(*cause),
            _ => {}
        }
        self.aborted.add(now, run.outcome.failed().is_none());
        let (Some(side), Some(failed)) = (run.route.pinned(), run.outcome.failed()) else { return };
        let crossed = run.answered == side.other().into();
        self.crossed[side as usize].add(now, crossed);
        if side == Side::New && !crossed {
            self.new.add(now, failed);
        }
        if side == Side::Old && !crossed {
            self.old.add(now, failed);
            if let Outcome::Failed { step, kind } = &run.outcome {
                self.old_ways.add((run.journey.clone(), step.as_str().into(), *kind));
            }
        }
    }

    /// Notes since when the old side is failing; forgets how it failed once it is well again.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) {
        if self.old_fails(now) {
            self.old_since.get_or_insert(now);
        } else if self.old.counts(now).0 == 0 {
            self.old_since = None;
            self.old_ways = Ways::default();
        } else {
            self.old_since = None;
        }
    }

    /// Whether the old side is itself failing, so that a comparison with it, or a common fault, must not be read.
    pub(crate) fn old_fails(&self, now: DateTime<Utc>) -> bool {
        let (failed, runs) = self.old.counts(now);
        failed >= OLD_FAILURES && failed as f64 >= OLD_RATE * runs as f64
    }

    /// The reasons to hold that lie in the runs themselves.
    pub(crate) fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let canary = self.canary(now);
        let old = self.old_fails(now).then(|| self.old_unhealthy(now));
        let crossed = Side::BOTH.into_iter().filter_map(|side| self.forwarded(side, now));
        canary.into_iter().chain(old).chain(crossed).collect()
    }

    fn canary(&self, now: DateTime<Utc>) -> Option<Reason> {
        let (aborted, runs) = self.aborted.counts(now);
        let cause = self.abort_cause.filter(|_| aborted > 0 && aborted * 2 >= runs)?;
        let text = format!(
            "the canary itself is at fault ({cause}): {aborted} of {runs} runs in the last minute say nothing about \
             either side"
        );
        Some(Reason::plain(Cause::Canary, Decision::Hold, text, None))
    }

    fn old_unhealthy(&self, now: DateTime<Utc>) -> Reason {
        let (failed, runs) = self.old.counts(now);
        let interval = rate(failed, runs);
        let way = self.old_ways.most();
        let most = way.map_or_else(String::new, |(journey, step, kind)| {
            format!(", most in {journey}, step `{step}`, kind `{kind}`")
        });
        let text = format!(
            "the old side is itself failing: {} of {runs} runs in the last minute{most}; no comparison with it is \
             worth anything{}",
            percent(interval.size),
            self.common(now)
        );
        let finding = Finding {
            scope: Scope::All,
            journey: way.map(|way| way.0.clone()),
            step: way.map(|way| way.1.clone()),
            side: Some(Side::Old),
            kind: way.map(|way| way.2),
            measure: Measure::Rate,
            size: interval.size,
            low: interval.low,
            high: interval.high,
            count: runs,
        };
        let mut reason = Reason::plain(Cause::OldUnhealthy, Decision::Hold, text, self.old_since);
        reason.finding = Some(finding);
        reason
    }

    /// Whether the new side fails with it, in words.
    fn common(&self, now: DateTime<Utc>) -> String {
        let (failed, runs) = self.new.counts(now);
        if failed < OLD_FAILURES || (failed as f64) < OLD_RATE * runs as f64 {
            return String::new();
        }
        let share = percent(failed as f64 / runs as f64);
        format!("; {share} fail on new as well: the fault may be of what both share")
    }

    fn forwarded(&self, side: Side, now: DateTime<Utc>) -> Option<Reason> {
        let (crossed, runs) = self.crossed[side as usize].counts(now);
        let other = side.other();
        (crossed >= CROSSED_FEW).then(|| {
            let text = format!(
                "forwarded: {crossed} of {runs} runs on the {side} side's address in the last minute were answered by \
                 the {other} application; they compare nothing and count for neither side"
            );
            Reason::plain(Cause::Forwarded, Decision::Hold, text, None)
        })
    }
}
