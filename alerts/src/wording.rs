//! The words of a notice: what a person reads at a quarter to eleven at night, on a phone.

use std::fmt::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{Decision, Finding, Phase, Reason, Scope, Side, Verdict};

use crate::measure;
use crate::notice::Why;

/// A subject longer than this is cut on most phones anyway.
const SUBJECT_CHARS: usize = 150;
/// More reasons than this are counted, not listed.
const REASONS: usize = 10;
/// A reason longer than this is cut: it may quote what a peer wrote.
const REASON_CHARS: usize = 600;

/// What the words are about.
pub(crate) struct Case<'a> {
    pub(crate) cutover: &'a str,
    pub(crate) page: Option<&'a str>,
    pub(crate) phase: Phase,
    pub(crate) verdict: &'a Verdict,
    pub(crate) no_return: bool,
    pub(crate) since: DateTime<Utc>,
    pub(crate) now: DateTime<Utc>,
}

/// `[serin] ROLLBACK acme-to-vpc: sign in fails on new (status), +4.8 pp`
pub(crate) fn firing_subject(case: &Case<'_>) -> String {
    let what = case.verdict.reasons.first().map_or_else(|| "no reason given".to_owned(), headline);
    let decision = case.verdict.decision.as_str().to_uppercase();
    let advice = if forward(case) { ": fix forward" } else { "" };
    one_line(&format!("[serin] {decision} {}: {what}{advice}", case.cutover), SUBJECT_CHARS)
}

/// `[serin] RESOLVED acme-to-vpc: now hold, after 12m 3s`
pub(crate) fn resolved_subject(case: &Case<'_>, why: Why) -> String {
    let now = match why {
        Why::RolledBack => "rolled back".to_owned(),
        _ => format!("now {}", case.verdict.decision),
    };
    let lasted = lasted(case.since, case.now);
    one_line(&format!("[serin] RESOLVED {}: {now}, after {lasted}", case.cutover), SUBJECT_CHARS)
}

/// Whether it is too late for the way back that the verdict would otherwise advise.
fn forward(case: &Case<'_>) -> bool {
    let too_late = case.no_return || case.phase == Phase::Settled;
    case.verdict.decision == Decision::Rollback && too_late
}

pub(crate) fn firing_body(case: &Case<'_>, why: Why) -> String {
    let mut text = match case.verdict.decision {
        Decision::Rollback if forward(case) => {
            format!("FIX FORWARD {}: the new side is worse than the old one.\n", case.cutover)
        }
        Decision::Rollback => {
            format!("ROLL BACK {}: the new side is worse than the old one.\n", case.cutover)
        }
        Decision::Hold => format!("HOLD {}: do not move on.\n", case.cutover),
        Decision::Go => format!("GO {}: the new side is no worse than the old one.\n", case.cutover),
    };
    match why {
        Why::Worse => text.push_str("This was less urgent before.\n"),
        Why::ChangedScope => text.push_str("The leading reason is another one than in the last notice.\n"),
        Why::First | Why::ResolvedByEvidence | Why::RolledBack => {}
    }
    text.push('\n');
    if let Some(finding) = case.verdict.reasons.first().and_then(|reason| reason.finding.as_ref()) {
        table(&mut text, finding);
    }
    row(&mut text, "since", &format!("{}, for {}", utc(case.since), lasted(case.since, case.now)));
    row(&mut text, "phase", case.phase.as_str());
    reasons(&mut text, "Why", &case.verdict.reasons);
    text.push_str("\nWhat to do next\n");
    match (case.verdict.decision, case.phase) {
        (Decision::Rollback, _) if forward(case) => {
            text.push_str("  Do not go back: what the new side got since the move is nowhere else.\n");
            text.push_str("  Repair the new side.\n");
        }
        (Decision::Rollback, Phase::Set | Phase::Go) => {
            text.push_str(
                "  Send the traffic back to the old side, then say so:\n    serin phase rolled-back\n",
            );
        }
        (Decision::Rollback | Decision::Hold, _) => {
            text.push_str("  Stay in this phase until the reasons are gone.\n");
        }
        (Decision::Go, _) => text.push_str("  Go on to the next phase.\n"),
    }
    footer(&mut text, case, why);
    text
}

pub(crate) fn resolved_body(case: &Case<'_>, why: Why) -> String {
    let mut text = match why {
        Why::RolledBack => format!("The traffic of {} was sent back to the old side.\n", case.cutover),
        _ => {
            format!("The alert on {} is over: the verdict is now {}.\n", case.cutover, case.verdict.decision)
        }
    };
    text.push('\n');
    row(&mut text, "began", &utc(case.since));
    row(&mut text, "ended", &format!("{}, after {}", utc(case.now), lasted(case.since, case.now)));
    row(&mut text, "phase", case.phase.as_str());
    reasons(&mut text, "The verdict now", &case.verdict.reasons);
    footer(&mut text, case, why);
    text
}

/// The leading reason in half a line.
fn headline(reason: &Reason) -> String {
    let Some(finding) = &reason.finding else { return reason.text.clone() };
    let journey = finding.journey.as_deref().or_else(|| finding.scope.journey().map(|name| &**name));
    let what = finding.step.as_deref().or(journey).unwrap_or("every journey");
    let mut line = format!("{what} {}", measure::does(finding));
    // Writing into a String cannot fail.
    if let Some(side) = finding.side {
        let _ = write!(line, " on {side}");
    }
    if let Some(kind) = finding.kind {
        let _ = write!(line, " ({kind})");
    }
    let _ = write!(line, ", {}", measure::size(finding));
    line
}

fn table(text: &mut String, finding: &Finding) {
    if let Some(journey) = &finding.journey {
        row(text, "journey", journey);
    }
    if let Some(step) = &finding.step {
        row(text, "step", step);
    }
    match finding.side {
        Some(Side::New) => row(text, "side", "new"),
        Some(Side::Old) => row(text, "side", "old"),
        None => {}
    }
    if let Some(kind) = finding.kind {
        row(text, "kind", kind.as_str());
    }
    if let Some(trace) = &finding.trace {
        row(text, "trace", trace);
    }
    row(text, "how large", &measure::with_interval(finding));
    let over = match &finding.scope {
        Scope::All => "all journeys".to_owned(),
        Scope::Journey(name) => format!("journey {name}"),
        Scope::Variant { journey, variant } => format!("journey {journey}, variant {variant}"),
        Scope::Step { journey, variant, step } if variant.is_empty() => {
            format!("journey {journey}, step {step}")
        }
        Scope::Step { journey, variant, step } => {
            format!("journey {journey}, variant {variant}, step {step}")
        }
        Scope::Fleet(name) => format!("fleet {name}"),
        Scope::Name(name) => format!("name {name}"),
        Scope::Canary(name) => format!("canary {name}"),
    };
    row(text, "counted", &format!("{} {}, {over}", finding.count, measure::counted(finding)));
}

fn row(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<10} {}", one_line(value, REASON_CHARS));
}

fn reasons(text: &mut String, title: &str, reasons: &[Reason]) {
    let _ = writeln!(text, "\n{title}");
    for reason in reasons.iter().take(REASONS) {
        let _ = writeln!(text, "  - {}", one_line(&reason.text, REASON_CHARS));
    }
    if let Some(more) = reasons.len().checked_sub(REASONS).filter(|more| *more > 0) {
        let _ = writeln!(text, "  - and {more} more");
    }
}

fn footer(text: &mut String, case: &Case<'_>, why: Why) {
    if let Some(page) = case.page {
        let _ = writeln!(text, "\nThe live page: {page}");
    }
    let _ = writeln!(text, "\nThis notice: {}, {}", why.as_str(), utc(case.now));
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn lasted(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = u64::try_from((now - since).num_seconds()).unwrap_or(0);
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

/// No line breaks or other control characters: neither a mail header nor a list may be broken up by quoted text.
fn one_line(text: &str, chars: usize) -> String {
    let mut line: String = text.chars().take(chars).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(chars).is_some() {
        line.pop();
        line.push('…');
    }
    line
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use cutover::{Cause, FailureKind, Measure};

    use super::*;

    fn verdict() -> Verdict {
        let finding = Finding {
            scope: Scope::All,
            journey: Some("sign up and read back".into()),
            step: Some("sign in".into()),
            side: Some(Side::New),
            kind: Some(FailureKind::Status),
            trace: Some("4bf92f3577b34da6a3ce929d0e0e4736".into()),
            measure: Measure::Difference,
            size: 0.048,
            low: 0.031,
            high: 0.066,
            count: 812,
        };
        let first = Reason {
            cause: Cause::NewErrors,
            raises: Decision::Rollback,
            text: "sign in fails more on the new side".to_owned(),
            since: None,
            finding: Some(finding),
        };
        let second = Reason {
            cause: Cause::Split,
            raises: Decision::Hold,
            text: "3 devices talk to both\r\nBcc: x@evil.example".to_owned(),
            since: None,
            finding: None,
        };
        let since = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Verdict { reasons: vec![first, second], ..Verdict::bare(Decision::Rollback, since) }
    }

    fn case(verdict: &Verdict) -> Case<'_> {
        let now = verdict.since + chrono::TimeDelta::seconds(80);
        let page = Some("http://127.0.0.1:9090/");
        Case {
            cutover: "acme-to-vpc",
            page,
            phase: Phase::Go,
            verdict,
            no_return: false,
            since: verdict.since,
            now,
        }
    }

    #[test]
    fn a_firing_notice_says_what_where_since_when_and_how_large() {
        let verdict = verdict();
        let case = case(&verdict);
        assert_eq!(
            firing_subject(&case),
            "[serin] ROLLBACK acme-to-vpc: sign in fails on new (status), +4.8 pp"
        );
        assert_eq!(
            firing_body(&case, Why::First),
            "\
ROLL BACK acme-to-vpc: the new side is worse than the old one.

journey    sign up and read back
step       sign in
side       new
kind       status
trace      4bf92f3577b34da6a3ce929d0e0e4736
how large  +4.8 pp (95 % interval +3.1 to +6.6 pp)
counted    812 pairs, all journeys
since      2027-01-15 08:00:00 UTC, for 1m 20s
phase      go

Why
  - sign in fails more on the new side
  - 3 devices talk to both  Bcc: x@evil.example

What to do next
  Send the traffic back to the old side, then say so:
    serin phase rolled-back

The live page: http://127.0.0.1:9090/

This notice: first, 2027-01-15 08:01:20 UTC
"
        );
    }

    #[test]
    fn past_the_point_of_no_return_nobody_is_sent_back() {
        let verdict = verdict();
        let case = Case { no_return: true, ..case(&verdict) };
        assert!(firing_subject(&case).ends_with("+4.8 pp: fix forward"));
        let body = firing_body(&case, Why::First);
        assert!(body.starts_with("FIX FORWARD acme-to-vpc: ") && body.contains("Do not go back"), "{body}");
        assert!(!body.contains("rolled-back") && !body.contains("ROLL BACK"), "{body}");
    }

    #[test]
    fn its_end_says_how_it_ended_and_how_long_it_lasted() {
        let mut verdict = verdict();
        let rolled_back = resolved_subject(&case(&verdict), Why::RolledBack);
        assert_eq!(rolled_back, "[serin] RESOLVED acme-to-vpc: rolled back, after 1m 20s");
        verdict.decision = Decision::Hold;
        let by_evidence = resolved_subject(&case(&verdict), Why::ResolvedByEvidence);
        assert_eq!(by_evidence, "[serin] RESOLVED acme-to-vpc: now hold, after 1m 20s");
        let body = resolved_body(&case(&verdict), Why::ResolvedByEvidence);
        assert!(body.starts_with("The alert on acme-to-vpc is over: the verdict is now hold.\n"), "{body}");
    }

    #[test]
    fn quoted_text_cannot_break_out_of_its_line_nor_grow_without_end() {
        let mut verdict = verdict();
        verdict.reasons.remove(0);
        verdict.reasons[0].text = format!("a\r\nb\u{0}{}", "x".repeat(5_000));
        verdict.reasons = vec![verdict.reasons[0].clone(); 500];
        let subject = firing_subject(&case(&verdict));
        assert_eq!(subject.chars().count(), SUBJECT_CHARS);
        assert!(!subject.contains(char::is_control), "{subject}");
        let body = firing_body(&case(&verdict), Why::ChangedScope);
        assert!(body.contains("  - and 490 more\n") && body.len() < 10_000, "{body}");
    }
}
