//! What the standing alarms of a scope say, in words and figures.

use chrono::{DateTime, Utc};

use super::scope::ScopeEvidence;
use super::steps::StepEvidence;
use super::track::Standing;
use super::words::{clock, counted, percent};
use crate::evidence::{Failures, Interval, Moments, TailBlock, Usual, paired_difference, ratio};
use crate::{Cause, Decision, FailureKind, Finding, Measure, Reason, Scope, Side};

impl ScopeEvidence {
    /// The reasons of the alarms that stand, the gravest first.
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        let state = &self.state;
        let errors = state.errors.standing().map(|standing| self.fails(standing));
        // The guard says the same more weakly.
        let guard =
            state.guard.standing().filter(|_| errors.is_none()).map(|standing| self.guarded(standing));
        let slow = state.location.standing().map(|standing| self.takes_longer(standing));
        let tail = state.tail.standing().map(|standing| self.is_slow_more_often(standing));
        errors.into_iter().chain(slow).chain(tail).chain(guard).collect()
    }

    /// How large the gravest effect is that stands: of failures, of the logarithm of time, or of slow runs.
    pub(crate) fn strength(&self) -> f64 {
        let state = &self.state;
        let errors = state.errors.standing().map(|standing| paired_difference(&standing.sum.block).size);
        let slow = state.location.standing().map(|standing| standing.sum.mean());
        let tail = state.tail.standing().map(|standing| paired_difference(&standing.sum.0[0]).size);
        [errors, slow, tail].into_iter().flatten().fold(0.0, f64::max)
    }

    fn fails(&self, standing: &Standing<Failures>) -> Reason {
        let interval = paired_difference(&standing.sum.block);
        let way = standing.sum.ways.most();
        let (cause, plainly) = match way.map(|way| way.2) {
            Some(FailureKind::WrongSide) => (Cause::WrongSide, ": the wrong side is reached, or answers"),
            Some(FailureKind::Lost) => (Cause::Inconsistent, ": what was written is lost"),
            Some(FailureKind::Duplicate) => {
                (Cause::Inconsistent, ": what was written is there more than once")
            }
            _ => (Cause::NewErrors, ""),
        };
        let verb = if self.scope == Scope::All { "fail" } else { "fails" };
        let text = format!(
            "{} {verb} {} more than on old ({}), since {}{}{plainly}; {}",
            self.subject(way.map(|way| &*way.0)),
            points(interval.size),
            interval_of(interval),
            clock(standing.since),
            by(&standing.sum),
            counted(standing.sum.block.pairs(), "pair"),
        );
        reason(cause, text, standing.since, self.failing(standing, interval, Measure::Difference))
    }

    fn guarded(&self, standing: &Standing<Failures>) -> Reason {
        let interval = paired_difference(&standing.sum.block);
        let (worse, pairs) = (standing.sum.block.worse, standing.sum.block.pairs());
        let verb = if self.scope == Scope::All { "fail" } else { "fails" };
        let text = format!(
            "{} {verb} in {} of {} in which old does not, more than old used to fail, since {}{}",
            self.subject(None),
            percent(worse as f64 / pairs.max(1) as f64),
            counted(pairs, "pair"),
            clock(standing.since),
            by(&standing.sum),
        );
        let finding = self.failing(standing, interval, Measure::Difference);
        let mut guarded = reason(Cause::Guard, text, standing.since, finding);
        guarded.raises = Decision::Hold;
        guarded
    }

    fn takes_longer(&self, standing: &Standing<Moments>) -> Reason {
        let verb = if self.scope == Scope::All { "take" } else { "takes" };
        let text = longer(&format!("{} {verb}", self.subject(None)), standing, self.state.learned.usual());
        let (interval, count) = (ratio(&standing.sum), standing.sum.count());
        let finding = finding(&self.scope, interval, Measure::Ratio, count);
        reason(Cause::NewSlow, text, standing.since, finding)
    }

    fn is_slow_more_often(&self, standing: &Standing<TailBlock>) -> Reason {
        let block = &standing.sum.0[0];
        let interval = paired_difference(block);
        let slow = self.state.learned.slow().map_or_else(
            || "1.3 times the old side's 99th percentile".to_owned(),
            |[slow, _]| format!("{slow:.2} s"),
        );
        let text = format!(
            "{}: {} more of all runs than on old take longer than {slow} ({}), since {}; {}",
            self.subject(None),
            points(interval.size),
            interval_of(interval),
            clock(standing.since),
            counted(block.pairs(), "pair"),
        );
        let finding = finding(&self.scope, interval, Measure::SlowShare, block.pairs());
        reason(Cause::NewTail, text, standing.since, finding)
    }

    fn subject(&self, most: Option<&str>) -> String {
        match (&self.scope, most) {
            (Scope::All, Some(journey)) => format!("all journeys on new, {journey} most,"),
            (Scope::All, None) => "all journeys on new".to_owned(),
            (scope, _) => format!("{scope} on new"),
        }
    }

    fn failing(&self, standing: &Standing<Failures>, interval: Interval, measure: Measure) -> Finding {
        let mut finding = finding(&self.scope, interval, measure, standing.sum.block.pairs());
        if let Some((journey, step, kind)) = standing.sum.ways.most() {
            finding.journey = Some(journey.clone());
            (finding.step, finding.kind) = (Some(step.clone()), Some(*kind));
        }
        finding
    }
}

impl StepEvidence {
    /// The reason of the alarm that stands.
    pub(crate) fn reason(&self, standing: &Standing<Moments>) -> Reason {
        let text = longer(&format!("{} on new takes", self.scope), standing, self.usual());
        let (interval, count) = (ratio(&standing.sum), standing.sum.count());
        let mut finding = finding(&self.scope, interval, Measure::Ratio, count);
        if let Scope::Step { step, .. } = &self.scope {
            finding.step = Some(step.clone());
        }
        reason(Cause::NewSlow, text, standing.since, finding)
    }
}

fn finding(scope: &Scope, interval: Interval, measure: Measure, count: u64) -> Finding {
    let Interval { size, low, high } = interval;
    let (scope, journey, side) = (scope.clone(), scope.journey().cloned(), Some(Side::New));
    Finding { scope, journey, step: None, side, kind: None, trace: None, measure, size, low, high, count }
}

fn longer(who: &str, standing: &Standing<Moments>, usual: Usual) -> String {
    let (Interval { size, low, high }, soak) = (ratio(&standing.sum), usual.ln_r0.exp());
    let soak =
        if (0.98..=1.02).contains(&soak) { String::new() } else { format!("; {soak:.2} times in the soak") };
    format!(
        "{who} {size:.2} times as long as on old (95 % interval {low:.2} to {high:.2}{soak}), since {}; {}",
        clock(standing.since),
        counted(standing.sum.count(), "pair"),
    )
}

fn reason(cause: Cause, text: String, since: DateTime<Utc>, finding: Finding) -> Reason {
    Reason { cause, raises: Decision::Rollback, text, since: Some(since), finding: Some(finding) }
}

fn by(sum: &Failures) -> String {
    let way = sum.ways.most();
    way.map_or_else(String::new, |(_, step, kind)| format!("; step `{step}`, kind `{kind}`"))
}

fn points(share: f64) -> String {
    format!("{:.1} pp", share * 100.0)
}

fn interval_of(interval: Interval) -> String {
    format!("95 % interval {:.1} to {:.1}", interval.low * 100.0, interval.high * 100.0)
}
