//! Streams that no honest world makes: no panic, no number that is none, and no verdict out of nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::fixture::{failed, run};
use super::stage::{Stage, fail_on, healthy, settings, sides, watched};
use crate::{
    AbortCause, Answered, Decision, FailureKind, Judge, Observation, Outcome, PairId, Phase, Route, RunSeen,
    Saved, Side,
};

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Passed),
        2 => Just(failed(FailureKind::Status)),
        1 => Just(failed(FailureKind::Lost)),
        1 => Just(Outcome::Aborted { cause: AbortCause::Script }),
    ]
}

fn took() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::from_nanos(1)),
        Just(Duration::MAX),
        Just(Duration::from_secs(86_400)),
        (1_u64..2_000).prop_map(Duration::from_millis),
    ]
}

/// A run, the phase that begins before it if one does, and by how many seconds the clock steps.
fn strange() -> impl Strategy<Value = (RunSeen, Option<Phase>, i64)> {
    let route = prop_oneof![Just(Route::Old), Just(Route::New), Just(Route::Live)];
    let journey = prop_oneof![Just("sign-in"), Just("post"), Just("nobody")];
    let answered =
        prop_oneof![9 => Just(Answered::Unmarked), 1 => Just(Answered::Old), 1 => Just(Answered::New)];
    let phase = prop::option::weighted(0.02, prop::sample::select(Phase::ALL.to_vec()));
    let step = prop_oneof![20 => 0_i64..3, 1 => -100_000_000_i64..100_000_000];
    let pair = prop::option::of(0_u64..60);
    let parts = (route, journey, answered, phase, step, pair, outcome(), took());
    parts.prop_map(|(route, journey, answered, phase, step, pair, outcome, took)| {
        let seen = RunSeen {
            answered,
            outcome,
            took,
            pair: pair.map(PairId),
            ..run(journey, route, DateTime::UNIX_EPOCH)
        };
        (seen, phase, step)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn strange_streams_are_harmless(stream in prop::collection::vec(strange(), 0..400)) {
        let mut judge = Judge::new(settings(), sides(), &watched());
        let mut now = DateTime::UNIX_EPOCH;
        for (mut seen, phase, step) in stream {
            now += TimeDelta::seconds(step);
            if let Some(phase) = phase {
                judge.enter(phase);
            }
            (seen.at, seen.phase) = (now, judge.memory.phase);
            judge.observe(&Observation::Run(seen), now);
        }
        let verdict = judge.verdict(now);
        prop_assert!(!verdict.reasons.is_empty());
        prop_assert!(verdict.evidence.iter().all(|one| !one.ln.is_nan() && one.ln < 100.0));
        prop_assert!((1..=10).contains(&judge.pace(&"post".into())));
        // Everything is a number that JSON can hold, and comes back as the same one.
        let text = serde_json::to_string(&judge.save()).unwrap_or_default();
        let saved: Saved = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let restored = Judge::restore(settings(), sides(), &watched(), saved);
        prop_assert_eq!(serde_json::to_string(&restored.save()).unwrap_or_default(), text);
    }

    #[test]
    fn halves_without_their_other_half_decide_nothing(fails: bool, side in prop_oneof![Just(Side::Old), Just(Side::New)]) {
        let mut stage = Stage::new(Phase::Go);
        stage.seconds(60, |pair, seen| {
            if seen.route == Route::from(side) {
                seen.pair = Some(PairId(1_000_000 + pair));
            }
            if fails && seen.route == Route::New {
                seen.outcome = failed(FailureKind::Reset);
            }
        });
        let verdict = stage.verdict();
        prop_assert_eq!(verdict.decision, Decision::Hold);
        prop_assert_eq!(stage.judge.pairs(), (0, 0));
    }
}

#[test]
fn nothing_at_all_is_a_hold_that_says_so_for_ever() {
    let mut stage = Stage::new(Phase::Go);
    for _ in 0..1_000 {
        stage.now += TimeDelta::hours(1);
        stage.judge.tick(stage.now);
    }
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Hold);
    assert!(
        verdict.would_change.starts_with("go, once what is missing is shown"),
        "{}",
        verdict.would_change
    );
}

#[test]
fn one_journey_with_very_many_pairs_hides_no_other() {
    let mut stage = Stage::new(Phase::Go);
    // A hundred `post` for one `sign-in`, which is down on new.
    for _ in 0..60 {
        stage.seconds(25, |pair, seen| {
            let rare = pair.is_multiple_of(100);
            seen.journey = if rare { "sign-in" } else { "post" }.into();
            if rare && seen.route == Route::New {
                seen.outcome = failed(FailureKind::Refused);
            }
        });
    }
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Rollback);
    assert!(verdict.reasons[0].text.contains("sign-in"), "{}", verdict.reasons[0].text);
}

#[test]
fn a_scope_that_disappears_keeps_its_alarm_and_withholds_go() {
    let only = |journey: &'static str| move |_: u64, seen: &mut RunSeen| seen.journey = journey.into();
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(40, fail_on(Route::New, 2)).seconds(300, only("post"));
    assert_eq!(stage.verdict().decision, Decision::Rollback, "sign-in was ill when it was last seen");
    let mut stage = Stage::new(Phase::Go);
    let verdict = stage.seconds(5, healthy).seconds(300, only("post")).verdict();
    assert_eq!(verdict.decision, Decision::Hold, "of sign-in too little is known");
    assert!(verdict.reasons[0].text.starts_with("sign-in: not yet shown"), "{}", verdict.reasons[0].text);
}
