//! Whether the runs themselves are worth anything: the old side's own health, forwarding, and the canary's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cut::Cut;
use super::latest::Latest;
use super::recent::Recent;
use super::words::percent;
use crate::{AbortCause, Cause, Decision, Finding, Outcome, Reason, RunSeen, Scope, Side, Window};

/// The old side counts as failing from 4 failures in the last 60 s at 4 pairs a second on, and in proportion at any
/// other load.
const OLD_FAILURES: u64 = 4;
pub(crate) const OLD_RATE: f64 = 4.0 / 240.0;

/// Both sides fail alike while neither fails more than so many times as often as the other.
const ALIKE: f64 = 2.0;

/// Fewer crossed answers than this in a minute are the noise of a change that is under way.
const CROSSED_FEW: u64 = 3;

/// The last minute of the runs on pinned routes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Health {
    sides: Sides,
    old_since: Option<DateTime<Utc>>,
    crossed: [Window; 2],
    aborted: Window,
    abort_cause: Option<AbortCause>,
    cut: Cut,
}

/// How the sides fare, each by itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Sides {
    old: Window,
    new: Window,
    old_ways: Recent,
    latest: Latest,
}

impl Health {
    /// Looks at one run; `silent`: no resolver answers. Says whether the canary itself is cut off: then the run says as
    /// little as one that was aborted, and so did those just before it.
    pub(crate) fn observe(&mut self, run: &RunSeen, silent: bool, now: DateTime<Utc>) -> bool {
        match &run.outcome {
            Outcome::Aborted { cause: AbortCause::Shutdown } => return false,
            Outcome::Aborted { cause } => self.abort_cause = Some(*cause),
            _ => {}
        }
        self.aborted.add(now, run.outcome.failed().is_none());
        self.cut.observe(run, now);
        if self.is_cut_off(silent) {
            (self.sides, self.old_since) = (Sides::default(), None);
            return true;
        }
        let (Some(side), Some(failed)) = (run.route.pinned(), run.outcome.failed()) else { return false };
        let crossed = run.answered == side.other().into();
        self.crossed[side as usize].add(now, crossed);
        if !crossed {
            self.sides.observe(run, side, failed, now);
        }
        false
    }

    /// A block is over: notes since when the old side is failing, and which journeys fail there.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) {
        self.sides.latest.tick(now);
        if self.old_fails(now) {
            self.old_since.get_or_insert(now);
        } else {
            self.old_since = None;
        }
    }

    /// Whether the old side is itself failing, so that a comparison with it, or a common fault, must not be read.
    pub(crate) fn old_fails(&self, now: DateTime<Utc>) -> bool {
        fails(&self.sides.old, now)
    }

    /// Whether the old side is failing in the journey of `scope`, whatever it does in all the others.
    pub(crate) fn old_fails_in(&self, scope: &Scope) -> bool {
        self.sides.latest.broken(scope)
    }

    /// Whether the canary itself is cut off.
    pub(crate) fn is_cut_off(&self, silent: bool) -> bool {
        silent && self.cut.nothing_reached()
    }

    /// The one reason there is while it is.
    pub(crate) fn cut_off(&self, silent: bool) -> Option<Reason> {
        self.is_cut_off(silent).then(|| self.cut.reason())
    }

    /// The reasons to hold that lie in the runs themselves.
    pub(crate) fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let mut reasons: Vec<_> = self.canary(now).into_iter().collect();
        if self.old_fails(now) {
            reasons.push(self.old_unhealthy(now));
        } else {
            reasons.extend(self.sides.latest.reasons(now));
        }
        reasons.extend(Side::BOTH.into_iter().filter_map(|side| self.forwarded(side, now)));
        reasons
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
        let (failed, runs) = self.sides.old.counts(now);
        let mut finding = Finding::of_rate(Scope::All, failed, runs);
        let way = self.sides.old_ways.most(now);
        let most = way.map_or_else(String::new, |(journey, step, kind)| {
            format!(", most in {journey}, step `{step}`, kind `{kind}`")
        });
        let (share, new) = (percent(finding.size), self.new_fails(now));
        let alike = new.filter(|new| *new <= ALIKE * finding.size && finding.size <= ALIKE * new);
        let text = match (alike, new) {
            (Some(new), _) => format!(
                "both sides fail alike: {share} of {runs} runs on old and {} on new in the last minute{most}; the \
                 fault may be of what both share: no comparison is worth anything",
                percent(new)
            ),
            (None, new) => format!(
                "the old side is itself failing: {share} of {runs} runs in the last minute{most}; no comparison with \
                 it is worth anything{}",
                new.map_or_else(String::new, |new| format!("; {} fail on new as well", percent(new)))
            ),
        };
        finding.side = alike.is_none().then_some(Side::Old);
        if let Some((journey, step, kind)) = way.cloned() {
            (finding.journey, finding.step, finding.kind) = (Some(journey), Some(step), Some(kind));
        }
        Reason::plain(Cause::OldUnhealthy, Decision::Hold, text, self.old_since).with(finding)
    }

    /// The new side's failure rate, while it fails by the same measure.
    fn new_fails(&self, now: DateTime<Utc>) -> Option<f64> {
        let (failed, runs) = self.sides.new.counts(now);
        fails(&self.sides.new, now).then(|| failed as f64 / runs as f64)
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

impl Sides {
    fn observe(&mut self, run: &RunSeen, side: Side, failed: bool, now: DateTime<Utc>) {
        self.latest.observe(run, side, now);
        if side == Side::New {
            self.new.add(now, failed);
            return;
        }
        self.old.add(now, failed);
        if let Outcome::Failed { step, kind } = &run.outcome {
            self.old_ways.add((run.journey.clone(), step.as_str().into(), *kind), now);
        }
    }
}

fn fails(window: &Window, now: DateTime<Utc>) -> bool {
    let (failed, runs) = window.counts(now);
    failed >= OLD_FAILURES && failed as f64 >= OLD_RATE * runs as f64
}
