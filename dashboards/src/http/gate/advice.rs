//! What a machine is told: the verdict, with every doubt resolved to `hold`.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Cause, Decision, Phase, Reason, Snapshot};
use serde::Serialize;

/// A picture older than this says nothing about now; one is published twice a second.
const STALE: TimeDelta = TimeDelta::seconds(15);
/// Reasons told at most, the most urgent first: each journey may have its own.
const REASONS: usize = 10;

/// What a machine is told.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Advice {
    /// The cutover's name.
    pub(super) cutover: Arc<str>,
    /// What to do.
    pub(super) verdict: Decision,
    /// The phase that the cutover is in.
    pub(super) phase: Phase,
    /// Since when this is what to do.
    pub(super) since: DateTime<Utc>,
    /// Why, the most urgent reason first.
    pub(super) reasons: Vec<Reason>,
    /// While it holds for want of data: seconds until `go` can be earned, if nothing fails.
    pub(super) estimate_seconds: Option<f64>,
    /// The moment of the picture from which this is told.
    pub(super) at: DateTime<Utc>,
}

impl Advice {
    /// What `snapshot` says to a machine that asks at `now`.
    pub(super) fn of(snapshot: &Snapshot, now: DateTime<Utc>) -> Self {
        let verdict = &snapshot.verdict;
        let caveat = doubt(snapshot, now).or_else(|| no_way_back(snapshot));
        let estimate = verdict.estimate.filter(|_| caveat.is_none());
        let (decision, since) = match &caveat {
            Some(caveat) => (Decision::Hold, caveat.since.unwrap_or(verdict.since)),
            None => (verdict.decision, verdict.since),
        };
        Self {
            cutover: snapshot.name.clone(),
            verdict: decision,
            phase: snapshot.phase,
            since,
            reasons: caveat.into_iter().chain(verdict.reasons.iter().cloned()).take(REASONS).collect(),
            estimate_seconds: estimate.map(|time| time.as_secs_f64()),
            at: snapshot.now,
        }
    }
}

/// Why nothing can be said about now, if that is so.
fn doubt(snapshot: &Snapshot, now: DateTime<Utc>) -> Option<Reason> {
    if snapshot.health.folded == 0 {
        let text = "nothing was observed yet: the canary has only just begun".to_owned();
        return Some(hold(Cause::TooLittle, text, snapshot.started));
    }
    let age = now - snapshot.now;
    (age.abs() > STALE).then(|| {
        // A picture from the future is as old as the clock was set back: nobody knows.
        let text = match age.num_seconds() {
            age @ 0.. => format!("the canary's last picture is {age} s old: look whether it still works"),
            age => format!("the canary's last picture is {} s ahead of its clock: was that set back?", -age),
        };
        hold(Cause::Canary, text, snapshot.now)
    })
}

/// Why the verdict `rollback` is nothing for a machine to act on, if that is so.
fn no_way_back(snapshot: &Snapshot) -> Option<Reason> {
    if snapshot.verdict.decision != Decision::Rollback {
        return None;
    }
    let why = if snapshot.past_no_return {
        "the point of no return is passed".to_owned()
    } else if !snapshot.phase.ways().contains(&Phase::RolledBack) {
        format!("from phase `{}` no way leads back", snapshot.phase)
    } else {
        return None;
    };
    let text = format!("the new side is worse, but {why}: no machine may roll back, people fix forward");
    Some(hold(Cause::Phase, text, snapshot.verdict.since))
}

const fn hold(cause: Cause, text: String, since: DateTime<Utc>) -> Reason {
    Reason { cause, raises: Decision::Hold, text, since: Some(since), finding: None }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use cutover::Verdict;

    use super::*;

    fn snapshot(decision: Decision, phase: Phase) -> Snapshot {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let reason = hold(Cause::TooLittle, "as judged".to_owned(), now);
        let mut verdict = Verdict::bare(decision, now - TimeDelta::minutes(1));
        verdict.reasons = vec![Reason { raises: decision, ..reason }];
        verdict.estimate = Some(Duration::from_millis(1_500));
        let mut snapshot = Snapshot::first("acme".into(), phase, verdict, now);
        snapshot.health.folded = 1;
        snapshot
    }

    fn told(snapshot: &Snapshot, later: i64) -> (Decision, String) {
        let advice = Advice::of(snapshot, snapshot.now + TimeDelta::seconds(later));
        (advice.verdict, advice.reasons[0].text.clone())
    }

    #[test]
    fn a_fresh_verdict_is_told_as_it_is() {
        for decision in Decision::ALL {
            let snapshot = snapshot(decision, Phase::Go);
            let advice = Advice::of(&snapshot, snapshot.now + TimeDelta::seconds(15));
            assert_eq!((advice.verdict, advice.since), (decision, snapshot.verdict.since));
            assert_eq!((advice.reasons.len(), advice.estimate_seconds), (1, Some(1.5)));
        }
    }

    #[test]
    fn what_is_doubtful_is_hold_whatever_the_verdict_was() {
        for decision in Decision::ALL {
            let mut snapshot = snapshot(decision, Phase::Go);
            let (verdict, why) = told(&snapshot, 16);
            assert!(verdict == Decision::Hold && why.contains("16 s old"), "{why}");
            let (verdict, why) = told(&snapshot, -60);
            assert!(verdict == Decision::Hold && why.contains("60 s ahead"), "{why}");
            snapshot.health.folded = 0;
            let (verdict, why) = told(&snapshot, 0);
            assert!(verdict == Decision::Hold && why.contains("nothing was observed yet"), "{why}");
            assert_eq!(Advice::of(&snapshot, snapshot.now).estimate_seconds, None);
        }
    }

    #[test]
    fn a_rollback_without_a_way_back_is_for_people() {
        for (phase, way_back) in
            [(Phase::Ready, false), (Phase::Set, true), (Phase::Go, true), (Phase::Settled, false)]
        {
            let (verdict, why) = told(&snapshot(Decision::Rollback, phase), 0);
            assert_eq!(verdict == Decision::Rollback, way_back, "{phase}: {why}");
            assert_eq!(why.contains("fix forward"), !way_back, "{phase}: {why}");
        }
        let mut late = snapshot(Decision::Rollback, Phase::Go);
        late.past_no_return = true;
        let (verdict, why) = told(&late, 0);
        assert!(verdict == Decision::Hold && why.contains("point of no return is passed"), "{why}");
        late.verdict.decision = Decision::Go;
        assert_eq!(told(&late, 0).0, Decision::Go);
    }

    #[test]
    fn a_thousand_reasons_are_not_told() {
        let mut snapshot = snapshot(Decision::Rollback, Phase::Settled);
        snapshot.verdict.reasons = vec![snapshot.verdict.reasons[0].clone(); 1_000];
        let advice = Advice::of(&snapshot, snapshot.now);
        assert_eq!(advice.reasons.len(), REASONS);
        assert!(advice.reasons[0].text.contains("fix forward"));
    }
}
