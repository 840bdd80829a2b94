//! The rule on the verdict: it fires on `rollback`, and ends when that no longer holds or was obeyed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Cause, Decision, Phase, Reason, Verdict};

use crate::notice::{Notice, NoticeKind, Why};
use crate::rule::{Ended, Event, Firing, Lead, State};
use crate::wording;

/// How long an alert that fires keeps quiet about a changed leading reason.
const UPDATE_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Fires while the verdict is one of `on`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRule {
    /// The cutover's name.
    pub cutover: Arc<str>,
    /// The decisions on which it fires.
    pub on: Vec<Decision>,
    /// Where the live page is, if anywhere.
    pub page: Option<String>,
}

impl VerdictRule {
    /// The rule that everyone has: it fires on `rollback` alone.
    pub fn on_rollback(cutover: Arc<str>, page: Option<String>) -> Self {
        Self { cutover, on: vec![Decision::Rollback], page }
    }

    pub(crate) fn step(
        &self,
        name: &str,
        state: &mut State,
        event: &Event<'_>,
        now: DateTime<Utc>,
    ) -> Option<Notice> {
        let Event::Judged { phase, verdict, no_return } = *event;
        let holds = phase != Phase::RolledBack && self.on.contains(&verdict.decision) && !is_waiting(verdict);
        let lead = Lead::of(verdict);
        let (mut firing, kind, why) = match state.firing.take() {
            None if !holds => return None,
            None => {
                // The change began before it could be shown.
                let began = verdict.reasons.first().and_then(|reason| reason.since);
                let since = began.unwrap_or(verdict.since).min(now);
                let thread = format!("{}.{name}.{}", slug(&self.cutover), now.timestamp_millis());
                let summary = String::new();
                let new = Firing { since, thread, notices: 0, told_at: now, told: lead.clone(), summary };
                (new, NoticeKind::Firing, Why::First)
            }
            Some(firing) if !holds => {
                let why = if phase == Phase::RolledBack { Why::RolledBack } else { Why::ResolvedByEvidence };
                (firing, NoticeKind::Resolved, why)
            }
            Some(firing) if lead.decision > firing.told.decision => (firing, NoticeKind::Firing, Why::Worse),
            Some(firing) if lead != firing.told && now - firing.told_at >= UPDATE_EVERY => {
                (firing, NoticeKind::Firing, Why::ChangedScope)
            }
            quiet => {
                state.firing = quiet;
                return None;
            }
        };
        let case = wording::Case {
            cutover: &self.cutover,
            page: self.page.as_deref(),
            phase,
            verdict,
            no_return,
            since: firing.since,
            now,
        };
        let (subject, body) = match kind {
            NoticeKind::Firing => (wording::firing_subject(&case), wording::firing_body(&case, why)),
            NoticeKind::Resolved => {
                (wording::resolved_subject(&case, why), wording::resolved_body(&case, why))
            }
        };
        let id = match firing.notices {
            0 => firing.thread.clone(),
            more => format!("{}.{more}", firing.thread),
        };
        let (thread, since) = (firing.thread.clone(), firing.since);
        match kind {
            NoticeKind::Firing => {
                (firing.told, firing.told_at, firing.summary) = (lead, now, subject.clone());
                firing.notices += 1;
                state.firing = Some(firing);
            }
            NoticeKind::Resolved => state.ended = Some(Ended { at: now, summary: subject.clone() }),
        }
        Some(Notice { id, thread, kind, why, at: now, since, subject, body })
    }
}

/// Whether it holds for want of data alone: every cutover begins so, and nobody need be woken for it.
fn is_waiting(verdict: &Verdict) -> bool {
    let waiting = |reason: &Reason| matches!(reason.cause, Cause::TooLittle | Cause::Phase);
    verdict.decision == Decision::Hold && verdict.reasons.iter().all(waiting)
}

/// The name reduced to what may stand in a Message-Id (RFC 5322, section 3.2.3, `atext` without its oddities).
fn slug(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(64)
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use cutover::{FailureKind, Finding, Measure, Scope, Side};

    use super::*;
    use crate::rule::Rule;

    const BEGIN: i64 = 1_800_000_000;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(BEGIN + seconds, 0).unwrap()
    }

    fn verdict(decision: Decision, kind: FailureKind) -> Verdict {
        let finding = Finding {
            scope: Scope::Journey("first datapoint".into()),
            journey: Some("first datapoint".into()),
            step: Some("sign in".into()),
            side: Some(Side::New),
            kind: Some(kind),
            trace: None,
            measure: Measure::Difference,
            size: 0.048,
            low: 0.031,
            high: 0.066,
            count: 812,
        };
        let text = "the new side fails more than the old one".to_owned();
        let reason =
            Reason { cause: Cause::NewErrors, raises: decision, text, since: None, finding: Some(finding) };
        Verdict { reasons: vec![reason], ..Verdict::bare(decision, at(0)) }
    }

    fn rule(on: &[Decision]) -> Rule {
        Rule::Verdict(VerdictRule { cutover: "Acme to VPC".into(), on: on.to_vec(), page: None })
    }

    /// One line a step: when, phase, decision, kind of the leading failure, and the notice expected.
    type Line = (i64, Phase, Decision, FailureKind, Option<Why>);

    fn told(on: &[Decision], lines: &[Line]) {
        let (rule, mut state) = (rule(on), State::default());
        for (when, phase, decision, kind, expected) in lines {
            let verdict = verdict(*decision, *kind);
            let event = Event::Judged { phase: *phase, verdict: &verdict, no_return: false };
            let notice = rule.step(&mut state, &event, at(*when));
            assert_eq!(notice.map(|notice| notice.why), *expected, "at {when}");
        }
    }

    use Decision::{Go, Hold, Rollback};
    use FailureKind::{Status, Timeout};

    #[test]
    fn it_fires_once_and_ends_once() {
        told(
            &[Rollback],
            &[
                (0, Phase::Go, Hold, Status, None),
                (1, Phase::Go, Rollback, Status, Some(Why::First)),
                (2, Phase::Go, Rollback, Status, None),
                (9_999, Phase::Go, Rollback, Status, None),
                (10_000, Phase::Go, Hold, Status, Some(Why::ResolvedByEvidence)),
                (10_001, Phase::Go, Go, Status, None),
                (10_002, Phase::Go, Rollback, Status, Some(Why::First)),
            ],
        );
    }

    #[test]
    fn it_ends_when_the_advice_was_followed_and_does_not_repeat_it() {
        told(
            &[Rollback],
            &[
                (0, Phase::Go, Rollback, Status, Some(Why::First)),
                (1, Phase::RolledBack, Rollback, Status, Some(Why::RolledBack)),
                (2, Phase::RolledBack, Rollback, Status, None),
                (3, Phase::Set, Rollback, Status, Some(Why::First)),
            ],
        );
    }

    #[test]
    fn another_leading_reason_is_told_at_most_every_ten_minutes() {
        told(
            &[Rollback],
            &[
                (0, Phase::Go, Rollback, Status, Some(Why::First)),
                (1, Phase::Go, Rollback, Timeout, None),
                (2, Phase::Go, Rollback, Status, None),
                (599, Phase::Go, Rollback, Timeout, None),
                (600, Phase::Go, Rollback, Timeout, Some(Why::ChangedScope)),
                (601, Phase::Go, Rollback, Status, None),
                (1_200, Phase::Go, Rollback, Status, Some(Why::ChangedScope)),
            ],
        );
    }

    #[test]
    fn what_becomes_more_urgent_is_told_at_once() {
        told(
            &[Rollback, Hold],
            &[
                (0, Phase::Go, Hold, Status, Some(Why::First)),
                (1, Phase::Go, Rollback, Status, Some(Why::Worse)),
                (2, Phase::Go, Hold, Status, None),
                (3, Phase::Go, Rollback, Status, None),
                (4, Phase::Go, Go, Status, Some(Why::ResolvedByEvidence)),
            ],
        );
    }

    #[test]
    fn nobody_is_woken_because_there_is_too_little_data_yet() {
        let (rule, mut state) = (rule(&[Rollback, Hold]), State::default());
        let mut verdict = verdict(Hold, Status);
        verdict.reasons[0].cause = Cause::TooLittle;
        let event = Event::Judged { phase: Phase::Go, verdict: &verdict, no_return: false };
        assert_eq!(rule.step(&mut state, &event, at(0)), None);
        verdict.reasons[0].cause = Cause::NameOther;
        let event = Event::Judged { phase: Phase::Go, verdict: &verdict, no_return: false };
        assert!(rule.step(&mut state, &event, at(1)).is_some());
    }

    #[test]
    fn the_notices_of_an_alert_are_one_thread_and_survive_a_restart() {
        let rule = rule(&[Rollback]);
        let mut state = State::default();
        let bad = verdict(Rollback, Status);
        let event = Event::Judged { phase: Phase::Go, verdict: &bad, no_return: false };
        let first = rule.step(&mut state, &event, at(7)).unwrap();
        assert_eq!(first.id, "acme-to-vpc.verdict.1800000007000");
        assert_eq!((&first.thread, first.since), (&first.id, at(0)));
        assert_eq!(state.view(&rule).unwrap().state, cutover::AlertState::Firing);

        let mut restored = state.clone();
        assert_eq!(rule.step(&mut restored, &event, at(8)), None);
        let good = verdict(Go, Status);
        let last = rule
            .step(&mut restored, &Event::Judged { phase: Phase::Go, verdict: &good, no_return: false }, at(9))
            .unwrap();
        assert_eq!((last.id.as_str(), &last.thread), ("acme-to-vpc.verdict.1800000007000.1", &first.id));
        assert_eq!((last.kind, last.since), (NoticeKind::Resolved, at(0)));
        assert_eq!(restored.view(&rule).unwrap().state, cutover::AlertState::Resolved);
    }
}
