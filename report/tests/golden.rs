//! A fixed history through all three formats.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{
    CanaryState, Cause, Decision, DeliveryResult, DeviceState, FailureKind, FleetReset, Phase, PhaseChange,
    ResetSums, Route, Stragglers,
};
use report::{Format, Report};
use store::{Event, FailureSample, FleetSample, History, Lead, NameSample, RunsSample, Sample, Sketch, What};

/// What a hostile peer, name or person could write.
const HOSTILE: &str =
    "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)> | a `b` \u{1b}[31m\n# x";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(second)
}

fn runs(journey: &str, route: Route, passed: u64, failed: u64, ms: u64) -> RunsSample {
    let mut took = Sketch::default();
    (0..passed).for_each(|run| took.record(Duration::from_millis(ms + run % 7)));
    RunsSample {
        journey: journey.into(),
        variant: "".into(),
        route,
        passed,
        failed,
        aborted: 0,
        degraded: 0,
        took,
        last_failure: None,
    }
}

/// Half an hour: ready, set, go, a rollback; a gap in `set`.
fn sample(index: i64, text: &str) -> Sample {
    let second = index * 10;
    let (phase, decision) = match index {
        0..30 => (Phase::Ready, Decision::Hold),
        30..60 => (Phase::Set, Decision::Hold),
        60..100 => (Phase::Go, Decision::Go),
        100..120 => (Phase::Go, Decision::Rollback),
        _ => (Phase::RolledBack, Decision::Hold),
    };
    let moved = u32::try_from((index - 60).clamp(0, 40) * 5).unwrap();
    let failed = if decision == Decision::Rollback { 4 } else { 0 };
    let view = if index < 62 { "old" } else { "new" };
    let canary = match index {
        0..63 => CanaryState::Old,
        63..90 => CanaryState::New,
        _ => CanaryState::Silent,
    };
    let name =
        |resolver: &str| NameSample { name: text.into(), resolver: resolver.into(), view: view.to_owned() };
    Sample {
        at: at(second),
        over: 10.0,
        phase,
        decision,
        lead: Some(Lead { cause: Cause::NewErrors, text: text.to_owned() }),
        runs: vec![
            runs(text, Route::Old, 20, 0, 20),
            RunsSample {
                last_failure: (failed > 0).then(|| FailureSample {
                    at: at(second - 1),
                    step: text.into(),
                    kind: if index % 2 == 0 { FailureKind::Lost } else { FailureKind::Status },
                    trace: text.into(),
                }),
                ..runs(text, Route::New, 20 - failed, failed, 18)
            },
        ],
        fleets: vec![FleetSample {
            fleet: text.into(),
            states: BTreeMap::from([(DeviceState::Old, 200 - moved), (DeviceState::New, moved)]),
            still_old: Stragglers { count: 2, names: vec![text.to_owned()] },
        }],
        names: vec![name("office"), name("zone")],
        canaries: BTreeMap::from([(text.into(), canary)]),
    }
}

fn history(text: &str) -> History {
    let change = |second, from, to| Event {
        at: at(second),
        what: What::Phase(PhaseChange {
            at: at(second),
            from,
            to,
            by: text.to_owned(),
            decision: Decision::Hold,
            figures: BTreeMap::new(),
        }),
    };
    let verdict = |second, decision| Event {
        at: at(second),
        what: What::Verdict {
            decision,
            reason: text.to_owned(),
            trace: (decision == Decision::Rollback).then(|| text.into()),
        },
    };
    let delivery = |second, result, attempt| Event {
        at: at(second),
        what: What::Delivery {
            channel: "room".into(),
            notice: "n1".to_owned(),
            subject: text.to_owned(),
            result,
            attempt,
            detail: text.to_owned(),
        },
    };
    let notice = What::Notice {
        id: "n1".to_owned(),
        state: "firing".to_owned(),
        why: "first".to_owned(),
        subject: text.to_owned(),
    };
    let started = What::Started { version: "0.1.0".to_owned(), phase: Phase::Ready, resumed: false };
    let reset = What::Reset { fleet: text.into(), devices: 160, until: at(625) };
    let sums = What::ResetSums(FleetReset {
        fleet: text.into(),
        sums: ResetSums {
            id: text.into(),
            meant: 162,
            received: 161,
            on_old: 140,
            on_both: 21,
            again: 21,
            obeyed: 160,
            returned_new: 156,
            returned_old: 3,
            slowest_ms: 12_340,
            missed: Stragglers { count: 1, names: vec![text.to_owned()] },
            away: Stragglers { count: 2, names: vec![text.to_owned()] },
            ..ResetSums::default()
        },
    });
    let note = What::Note { by: text.to_owned(), text: text.to_owned() };
    let events = vec![
        Event { at: at(0), what: started },
        verdict(0, Decision::Hold),
        change(300, Phase::Ready, Phase::Set),
        change(600, Phase::Set, Phase::Go),
        verdict(600, Decision::Go),
        Event { at: at(610), what: note },
        Event { at: at(620), what: reset },
        Event { at: at(640), what: sums },
        verdict(1000, Decision::Rollback),
        Event { at: at(1000), what: notice },
        delivery(1001, DeliveryResult::Retry, 1),
        delivery(1003, DeliveryResult::Sent, 2),
        change(1200, Phase::Go, Phase::RolledBack),
    ];
    let samples =
        (0..180).filter(|index| !(40..50).contains(index)).map(|index| sample(index, text)).collect();
    History { cutover: text.to_owned(), events, samples, unknown: 0 }
}

fn rendered(text: &str, format: Format) -> String {
    Report::of(&history(text), at(2000)).render(format).unwrap()
}

#[test]
fn everything_that_is_said_is_worked_out_the_same_way_every_time() {
    let mut json: serde_json::Value = serde_json::from_str(&rendered("acme", Format::Json)).unwrap();
    // The curves are long: their first and last points stand for them.
    let shorten = |points: &mut serde_json::Value| {
        let points = points.as_array_mut().unwrap();
        points.drain(1..points.len() - 1);
    };
    for journey in json["journeys"].as_array_mut().unwrap() {
        journey["routes"].as_array_mut().unwrap().iter_mut().for_each(|route| shorten(&mut route["points"]));
    }
    json["fleets"].as_array_mut().unwrap().iter_mut().for_each(|fleet| shorten(&mut fleet["points"]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn the_markdown_is_read_by_people() {
    insta::assert_snapshot!(rendered("acme", Format::Markdown));
}

#[test]
fn a_failure_leads_to_the_targets_own_records() {
    let page = rendered("acme", Format::Html);
    assert_eq!(page.matches("<td class=\"trace\">acme</td>").count(), 2, "{page}");
    assert!(page.contains("rollback: acme; trace acme"));
}

#[test]
fn hostile_texts_are_only_text_on_the_page() {
    let page = rendered(HOSTILE, Format::Html);
    assert!(!page.contains("<script") && !page.contains("<img"), "a tag came through");
    assert!(!page.contains("onerror=alert(2)>"), "an attribute came through");
    assert_eq!(page.matches("</title>").count(), page.matches("<title>").count());
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains('\u{1b}'), "a terminal's command came through");
    // Nothing is asked of anywhere.
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
}

#[test]
fn hostile_texts_are_only_text_in_markdown() {
    let text = rendered(HOSTILE, Format::Markdown);
    assert!(!text.contains("<script") && !text.contains("<img") && !text.contains('\u{1b}'));
    assert!(!text.lines().any(|line| line == "# x" || line.starts_with("# x")), "a heading came through");
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        assert!(line.ends_with('|') && !line.contains(" | a "), "a cell came through: {line}");
    }
}

#[test]
fn an_empty_history_and_one_of_a_single_sample_are_reports_too() {
    let empty = History { cutover: String::new(), events: vec![], samples: vec![], unknown: 3 };
    let one = History { samples: vec![sample(0, "acme")], ..history("acme") };
    for history in [empty, one] {
        for format in [Format::Html, Format::Markdown, Format::Json] {
            let text = Report::of(&history, at(0)).render(format).unwrap();
            assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
        }
    }
}

#[test]
fn the_ending_decides_on_the_format() {
    assert_eq!(Format::of(Path::new("a/r.HTML")), Ok(Format::Html));
    assert_eq!(Format::of(Path::new("r.md")), Ok(Format::Markdown));
    let error = Format::of(Path::new("r.pdf")).unwrap_err();
    assert_eq!(error, "r.pdf: a report is written to a file that ends in .html, .md or .json");
}
