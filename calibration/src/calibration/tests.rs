//! Soaks whose truth is known.

use super::*;
use crate::fixture::{history, line, sample, soak};
use cutover::{Phase, Route};

fn calibration(history: &History) -> Calibration {
    Calibration::of(history, &Wanted { settings: Settings::default(), paired: None })
}

fn keys(calibration: &Calibration) -> Vec<&str> {
    calibration.proposals.iter().map(|proposal| proposal.key).collect()
}

#[test]
fn a_healthy_soak_leaves_the_defaults() {
    let healthy = calibration(&soak(24, |n| [u64::from(n % 50 == 0), u64::from(n % 50 == 7)], |_| 1.05));
    assert!(healthy.decided() && healthy.settings == Settings::default(), "{:?}", healthy.proposals);
    assert!(healthy.findings.is_empty() && healthy.remarks.is_empty(), "{healthy:?}");
}

#[test]
fn an_excess_of_one_percent_is_a_finding_and_a_margin_above_it() {
    // One more of a hundred runs fails on new.
    let worse = calibration(&soak(24, |n| [u64::from(n % 50 == 0), u64::from(n % 10 == 7)], |_| 1.0));
    // The excess is 0.8 pp: 1 % on new against 0.2 % on old.
    assert!(worse.findings[0].contains("0.80 pp more of the runs fail on new"), "{:?}", worse.findings);
    assert!((0.008..0.0105).contains(&worse.settings.error_margin), "{:?}", worse.settings);
    assert_eq!(keys(&worse), ["error-margin", "go-margin"]);
    assert!(worse.settings.go_margin > worse.settings.error_margin);
    assert!(worse.decided());
}

#[test]
fn a_ratio_that_wanders_by_15_percent_widens_the_margins_of_durations_only() {
    let ratio = |n: i64| 1.0 + 0.15 * (n as f64 / 360.0 * std::f64::consts::PI).sin();
    let wanders = calibration(&soak(24, |_| [0, 0], ratio));
    assert_eq!(keys(&wanders), ["location-margin", "go-location"]);
    assert!((0.14..=0.2).contains(&wanders.settings.location_margin), "{:?}", wanders.proposals);
    let whole = wanders.settings.location_margin * 100.0;
    assert!((whole - whole.round()).abs() < 1e-9);
}

#[test]
fn what_no_margin_helps_against_is_said_and_holds() {
    let broken = calibration(&soak(6, |n| [0, u64::from(n % 2 == 0) * 5], |_| 1.0));
    assert!(!broken.decided() && broken.beyond[0].contains("to be mended"), "{:?}", broken.beyond);
    assert!(!keys(&broken).contains(&"error-margin"));
    let wild = calibration(&soak(6, |_| [0, 0], |n| if n / 360 % 2 == 0 { 1.0 } else { 3.0 }));
    assert!(!wild.decided() && wild.beyond[0].contains("wanders by up to"), "{:?}", wild.beyond);
    assert_eq!(wild.settings, Settings::default());
}

#[test]
fn what_is_too_short_says_what_is_missing_and_proposes_nothing() {
    let healthy = soak(1, |_| [0, 1], |_| 1.0);
    let short = history(healthy.samples.into_iter().take(72).collect());
    let short = calibration(&short);
    assert_eq!(short.missing, ["the soak was watched for 12.0 min: 60.0 min is the least, 48.0 min more"]);
    assert!(!short.decided() && short.proposals.is_empty() && !short.seen.is_empty());
    let seldom = |n: i64| {
        let runs = u64::from(n % 100 == 0);
        let lines = [Route::Old, Route::New].map(|route| line("a", route, runs, 0, 0.1));
        sample(10 * n, Phase::Set, lines.into())
    };
    let seldom = calibration(&history((1..1_000).map(seldom).collect()));
    assert_eq!(seldom.missing, ["no journey has more than 9 pairs: 100 are the least"]);
}

#[test]
fn without_pairs_there_is_one_clear_message() {
    let none = calibration(&history(Vec::new()));
    assert_eq!((none.missing.len(), none.soak.is_none(), none.decided()), (1, true, false));
    let apart = |n: i64| {
        let lines = vec![line("a", Route::Old, 9, 0, 0.1), line("b", Route::New, 9, 0, 0.1)];
        sample(10 * n, Phase::Set, lines)
    };
    let apart = calibration(&history((1..1_000).map(apart).collect()));
    assert_eq!(apart.missing, ["no journey ran in pairs: at least one must run on both `old` and `new`"]);
}

#[test]
fn only_the_paired_journeys_of_the_configuration_count() {
    let lines = || {
        let both = [Route::Old, Route::New].into_iter();
        both.flat_map(|route| ["a", "b"].map(|name| line(name, route, 9, 0, 0.1))).collect()
    };
    let history = history((1..1_000).map(|n| sample(10 * n, Phase::Set, lines())).collect());
    let paired = Some(vec!["b".into()]);
    let only = Calibration::of(&history, &Wanted { settings: Settings::default(), paired });
    assert_eq!(only.seen.iter().map(|seen| seen.scope.to_string()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(calibration(&history).seen.len(), 3);
}

#[test]
fn old_alone_says_what_it_cannot_tell() {
    let one = |n: i64| sample(10 * n, Phase::Ready, vec![line("a", Route::Old, 9, 0, 0.1)]);
    let ready = calibration(&history((1..1_000).map(one).collect()));
    assert!(ready.decided() && ready.proposals.is_empty());
    assert!(ready.remarks[0].starts_with("the new side was not up"), "{:?}", ready.remarks);
}

#[test]
fn garbage_is_no_evidence_and_stops_nothing() {
    let garbage = |n: i64| {
        let lines = [Route::Old, Route::New].map(|route| store::RunsSample {
            passed: u64::MAX,
            failed: u64::MAX,
            took: serde_json::from_str(r#"{"0":18446744073709551615,"65535":18446744073709551615}"#)
                .unwrap_or_default(),
            ..line("a\u{7}`|<b>", route, 1, 0, 0.1)
        });
        let over = if n % 2 == 0 { f64::NAN } else { 1e18 };
        store::Sample { over, ..sample(n * 7_777_777, Phase::Set, lines.into()) }
    };
    let strange = calibration(&history((0..50).map(garbage).collect()));
    assert!(!strange.decided(), "{:?}", strange.missing);
    for format in [Format::Text, Format::Markdown, Format::Json] {
        assert!(strange.render(format).is_ok_and(|text| !text.contains('\u{7}')));
    }
}
