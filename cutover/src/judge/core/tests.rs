use chrono::{DateTime, TimeDelta};

use super::fixture::failed;
use super::stage::{Stage, fail_on, healthy};
use crate::{
    AbortCause, Answered, Cause, Decision, FailureKind, Observation, Outcome, Phase, Route, RunSeen,
};

#[test]
fn health_earns_go_and_says_before_how_long_it_will_take() {
    let mut stage = Stage::new(Phase::Go);
    let before = stage.seconds(10, healthy).verdict();
    assert_eq!(before.decision, Decision::Hold);
    let left = before.estimate.map_or(0, |estimate| estimate.as_secs());
    assert!((30..120).contains(&left), "{left}");
    let after = stage.seconds(u32::try_from(left).unwrap_or(0) + 2, healthy).verdict();
    assert_eq!(
        (after.decision, after.reasons[0].cause),
        (Decision::Go, Cause::NonInferior),
        "{:?}",
        after.reasons
    );
    assert_eq!(after.estimate, None);
}

#[test]
fn a_worse_new_side_is_a_rollback_that_names_it_and_resolves_when_it_is_well_again() {
    let mut stage = Stage::new(Phase::Go);
    let verdict = stage.seconds(60, healthy).seconds(40, fail_on(Route::New, 4)).verdict();
    let reason = &verdict.reasons[0];
    assert_eq!((verdict.decision, reason.cause), (Decision::Rollback, Cause::NewErrors));
    assert!(reason.text.contains("step `post`, kind `status`"), "{}", reason.text);
    let finding = reason.finding.as_ref().map(|finding| (finding.side, finding.kind, finding.low > 0.1));
    assert_eq!(finding, Some((Some(crate::Side::New), Some(FailureKind::Status), true)));
    let since = reason.since.map_or(0, |since| (since - DateTime::UNIX_EPOCH).num_seconds());
    assert!((56..=64).contains(&since), "dated {since} s after the start, the change came at 60 s");
    assert_eq!(stage.seconds(300, healthy).cause(), (Decision::Go, Some(Cause::NonInferior)));
}

#[test]
fn nothing_is_a_rollback_before_the_new_side_is_up_or_after_it_was_left() {
    let outage = || fail_on(Route::New, 1);
    assert_eq!(Stage::new(Phase::Ready).seconds(60, outage()).cause(), (Decision::Hold, Some(Cause::Phase)));
    assert_eq!(Stage::new(Phase::RolledBack).seconds(60, outage()).cause().0, Decision::Hold);
    assert_eq!(Stage::new(Phase::Set).seconds(60, outage()).cause().0, Decision::Rollback);
}

#[test]
fn an_old_side_that_fails_is_blamed_itself() {
    let verdict = Stage::new(Phase::Go).seconds(60, fail_on(Route::Old, 4)).verdict();
    assert_eq!((verdict.decision, verdict.reasons[0].cause), (Decision::Hold, Cause::OldUnhealthy));
    assert!(verdict.reasons[0].text.starts_with("the old side is itself failing: 25.0 % of"));
}

#[test]
fn a_fault_on_both_sides_at_once_blames_neither_alone() {
    let verdict = Stage::new(Phase::Go)
        .seconds(60, |pair, seen| {
            if pair.is_multiple_of(3) {
                seen.outcome = failed(FailureKind::Timeout);
            }
        })
        .verdict();
    assert_eq!(verdict.decision, Decision::Hold);
}

#[test]
fn the_canarys_own_fault_counts_against_nobody() {
    let aborted =
        |_: u64, seen: &mut RunSeen| seen.outcome = Outcome::Aborted { cause: AbortCause::Resolver };
    let mut stage = Stage::new(Phase::Go);
    assert_eq!(stage.seconds(120, healthy).cause().0, Decision::Go);
    assert_eq!(stage.seconds(61, aborted).cause(), (Decision::Hold, Some(Cause::Canary)));
    assert_eq!(stage.judge.pairs().0, 960);
}

#[test]
fn forwarded_runs_compare_nothing_and_earn_nothing() {
    let forwarded = |_: u64, seen: &mut RunSeen| seen.answered = Answered::New;
    let mut stage = Stage::new(Phase::Go);
    assert_eq!(stage.seconds(120, forwarded).cause(), (Decision::Hold, Some(Cause::Forwarded)));
    assert_eq!(stage.judge.pairs(), (0, 960));
}

#[test]
fn live_runs_that_begin_to_fail_hold() {
    let mut stage = Stage::new(Phase::Ready);
    stage.live(20, &Outcome::Passed);
    stage.judge.enter(Phase::Go);
    assert_eq!(stage.seconds(120, healthy).cause().0, Decision::Go);
    assert_eq!(
        stage.live(5, &failed(FailureKind::Resolve)).cause().0,
        Decision::Hold,
        "it smells: go is withheld"
    );
    let cause = stage.live(40, &failed(FailureKind::Resolve)).cause();
    assert_eq!(cause, (Decision::Hold, Some(Cause::Unpaired)));
}

#[test]
fn a_clock_set_back_neither_stops_the_blocks_nor_invents_evidence() {
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(20, healthy);
    stage.now -= TimeDelta::days(400);
    assert_eq!(stage.seconds(40, fail_on(Route::New, 2)).cause().0, Decision::Rollback);
}

#[test]
fn past_the_point_of_no_return_the_same_evidence_advises_to_fix_forward() {
    use crate::{DeviceState, FleetTally, Personality};
    let mut stage = Stage::new(Phase::Go);
    let reason = stage.seconds(40, fail_on(Route::New, 2)).verdict().reasons.swap_remove(0);
    assert!(!reason.text.contains("fix forward"), "{}", reason.text);
    let tally = FleetTally {
        at: stage.now,
        fleet: "lamps".into(),
        devices: [((Personality::AtTtl, DeviceState::New), 6), ((Personality::Never, DeviceState::Old), 4)]
            .into(),
        events: Default::default(),
        ..FleetTally::default()
    };
    stage.judge.observe(&Observation::Fleet(tally), stage.now);
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Rollback);
    let advice = "past the point of no return (60.0 % of the devices were on new): fix forward";
    assert!(verdict.reasons[0].text.ends_with(advice), "{}", verdict.reasons[0].text);
}
