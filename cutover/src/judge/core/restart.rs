//! A restored judge goes on bit for bit as the one that was saved.

use super::stage::{Stage, fail_on, settings, sides, times, watched};
use crate::evidence::Settings;
use crate::{Decision, Judge, Outcome, Phase, Route, RunSeen, Saved, Watched};

fn text(judge: &Judge) -> String {
    serde_json::to_string(&judge.save()).unwrap_or_default()
}

fn through_json(judge: &Judge, settings: Settings, watched: &Watched) -> Judge {
    let saved: Result<Saved, _> = serde_json::from_str(&text(judge));
    let Ok(saved) = saved else { unreachable!("what was saved can be read: {saved:?}") };
    Judge::restore(settings, sides(), watched, saved)
}

fn ill(pair: u64, seen: &mut RunSeen) {
    times(|pair| if pair.is_multiple_of(30) { 6.0 } else { 1.07 })(pair, seen);
    fail_on(Route::New, 29)(pair, seen);
    fail_on(Route::Old, 61)(pair, seen);
}

#[test]
fn the_same_stream_gives_the_same_bits_wherever_it_was_cut() {
    for seconds in [0, 1, 37, 90] {
        let mut whole = Stage::new(Phase::Set);
        whole.seconds(60, times(|_| 1.0)).live(20, &Outcome::Passed);
        whole.judge.enter(Phase::Go);
        whole.seconds(seconds, ill);
        let judge = through_json(&whole.judge, settings(), &watched());
        let mut cut = Stage { judge, ..whole };
        assert_eq!(text(&cut.judge), text(&whole.judge));
        whole.pair = cut.pair;
        for stage in [&mut whole, &mut cut] {
            stage.seconds(61, ill).live(5, &Outcome::Passed);
        }
        assert_eq!(text(&cut.judge), text(&whole.judge));
        let (one, other) = (whole.verdict(), cut.verdict());
        assert_eq!(one, other);
        assert!(one.evidence.iter().any(|evidence| evidence.ln > 0.0), "a comparison of nothing");
    }
}

#[test]
fn with_other_journeys_what_is_still_watched_goes_on_and_go_is_earned_anew() {
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(60, fail_on(Route::New, 2));
    assert_eq!(stage.verdict().decision, Decision::Rollback);
    let watched = Watched { paired: vec!["sign-in".into(), "pay".into(), "list".into()], ..watched() };
    stage.judge = through_json(&stage.judge, settings(), &watched);
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Rollback, "an alarm outlives a restart");
    assert!(verdict.evidence.iter().all(|evidence| evidence.scope.to_string() != "post"));
}

#[test]
fn evidence_against_other_margins_is_none() {
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(60, fail_on(Route::New, 2));
    let wider = Settings { error_margin: 0.9, ..settings() };
    stage.judge = through_json(&stage.judge, wider, &watched());
    assert_eq!(stage.verdict().decision, Decision::Hold);
}

#[test]
fn to_enter_the_same_phase_again_changes_nothing() {
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(50, ill);
    let before = text(&stage.judge);
    stage.judge.enter(Phase::Go);
    assert_eq!(text(&stage.judge), before);
    stage.judge.enter(Phase::Settled);
    assert_ne!(text(&stage.judge), before);
}

#[test]
fn a_new_attempt_begins_without_the_alarms_of_the_last_one() {
    let mut stage = Stage::new(Phase::Go);
    assert_eq!(stage.seconds(60, fail_on(Route::New, 2)).verdict().decision, Decision::Rollback);
    stage.judge.enter(Phase::RolledBack);
    assert_eq!(stage.verdict().decision, Decision::Hold);
    stage.judge.enter(Phase::Set);
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Hold, "{:?}", verdict.reasons);
}
