//! What is nobody's fault but the canary's, or of both sides, and what is not to be read as health.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::fixture::failed;
use super::stage::{Stage, healthy, settings, sides, watched};
use crate::{
    Cause, Decision, DeviceState, FailureKind, FleetTally, Judge, NameAnswer, NameView, Observation, Outcome,
    Personality, Phase, RunSeen, Watched,
};

fn name(view: NameView, at: DateTime<Utc>) -> Observation {
    Observation::Name(NameAnswer {
        at,
        name: "api.acme.example".into(),
        resolver: "office".into(),
        authoritative: false,
        took: Duration::from_millis(1),
        view,
    })
}

fn without_sessions(stage: &Stage) -> Observation {
    Observation::Fleet(FleetTally {
        at: stage.now,
        fleet: "lamps".into(),
        devices: [((Personality::AtTtl, DeviceState::Lost), 100)].into(),
        events: Default::default(),
        ..FleetTally::default()
    })
}

fn unreachable(pair: u64, seen: &mut RunSeen) {
    let kinds = [FailureKind::Timeout, FailureKind::Unreachable, FailureKind::Refused];
    seen.outcome = failed(kinds[pair as usize % kinds.len()]);
    seen.reached = None;
}

/// A minute in which nothing can be reached, and what the resolver makes of it.
fn cut(stage: &mut Stage, resolver: impl Fn() -> NameView) {
    for _ in 0..30 {
        stage.judge.observe(&name(resolver(), stage.now), stage.now);
        stage.seconds(2, unreachable).live(1, &failed(FailureKind::Resolve));
    }
}

#[test]
fn when_the_canarys_own_network_is_cut_neither_side_is_blamed_then_or_afterwards() {
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(120, healthy);
    cut(&mut stage, || NameView::Silent("no answer in 2 s".to_owned()));
    let verdict = stage.verdict();
    let causes: Vec<_> = verdict.reasons.iter().map(|reason| reason.cause).collect();
    assert_eq!((verdict.decision, causes), (Decision::Hold, vec![Cause::Canary, Cause::Canary]));
    assert!(verdict.reasons[0].text.starts_with("the canary itself is cut off"), "{:?}", verdict.reasons);
    let lost = without_sessions(&stage);
    stage.judge.observe(&lost, stage.now);
    let addresses = vec![[127, 0, 2, 1].into()];
    let well = NameView::Addresses { addresses, ttl: Duration::from_secs(5) };
    stage.judge.observe(&name(well, stage.now), stage.now);
    let verdict = stage.seconds(10, healthy).verdict();
    assert!(
        verdict.reasons.iter().all(|reason| ![Cause::OldUnhealthy, Cause::Lost].contains(&reason.cause)),
        "{:?}",
        verdict.reasons
    );
}

#[test]
fn when_both_sides_fail_and_dns_answers_it_is_a_common_fault() {
    let mut stage = Stage::new(Phase::Go);
    stage.seconds(120, healthy);
    cut(&mut stage, || NameView::Failed("SERVFAIL".to_owned()));
    let verdict = stage.verdict();
    let reason = &verdict.reasons[0];
    assert_eq!((verdict.decision, reason.cause), (Decision::Hold, Cause::OldUnhealthy));
    assert!(reason.text.starts_with("both sides fail alike: 100.0 % of "), "{}", reason.text);
    assert_eq!(reason.finding.as_ref().and_then(|finding| finding.side), None);
}

#[test]
fn what_fails_on_both_sides_earns_no_go() {
    let both = |_: u64, seen: &mut RunSeen| seen.outcome = failed(FailureKind::Status);
    let mut stage = Stage::new(Phase::Go);
    // Long enough for `go`, and then the failures themselves are no longer in sight.
    stage.seconds(300, both);
    stage.now += TimeDelta::hours(3);
    let verdict = stage.seconds(10, healthy).verdict();
    assert_eq!((verdict.decision, verdict.reasons[0].cause), (Decision::Hold, Cause::TooLittle));
}

#[test]
fn one_rare_journey_of_many_that_is_broken_on_both_sides_holds_and_is_named() {
    let mut stage = Stage::new(Phase::Go);
    let paired = ["sign-in", "post", "invoice"].map(Into::into).to_vec();
    stage.judge = Judge::new(settings(), sides(), &Watched { paired, ..watched() });
    stage.judge.enter(Phase::Go);
    let rare = |pair: u64, seen: &mut RunSeen| {
        if pair.is_multiple_of(240) {
            seen.journey = "invoice".into();
            seen.outcome = failed(FailureKind::Status);
        }
    };
    let verdict = stage.seconds(240, rare).verdict();
    let reason = &verdict.reasons[0];
    assert_eq!(
        (verdict.decision, reason.cause),
        (Decision::Hold, Cause::OldUnhealthy),
        "{:?}",
        verdict.reasons
    );
    assert!(reason.text.starts_with("invoice fails on both sides: "), "{}", reason.text);
}

#[test]
fn the_estimate_follows_the_pace_of_the_slowest_journey_and_is_none_while_something_else_holds() {
    let mut stage = Stage::new(Phase::Go);
    // `sign-in` runs once in 10 s, and `post` seven times a second.
    let slow = |pair: u64, seen: &mut RunSeen| {
        seen.journey = if pair.is_multiple_of(80) { "sign-in" } else { "post" }.into();
    };
    let estimate = stage.seconds(100, slow).verdict().estimate.map_or(0, |estimate| estimate.as_secs());
    // A journey needs some 150 pairs.
    assert!(estimate > 1_000, "{estimate} s");
    let view = NameView::Addresses { addresses: vec![[10, 9, 9, 9].into()], ttl: Duration::from_secs(5) };
    stage.judge.observe(&name(view, stage.now), stage.now);
    let verdict = stage.verdict();
    assert_eq!((verdict.reasons[0].cause, verdict.estimate), (Cause::NameOther, None));
}

#[test]
fn a_live_run_that_gets_through_shows_that_there_is_a_network() {
    let mut stage = Stage::new(Phase::Go);
    cut(&mut stage, || NameView::Silent("no answer in 2 s".to_owned()));
    stage.live(1, &Outcome::Passed);
    let verdict = stage.verdict();
    assert!(verdict.reasons.iter().all(|reason| !reason.text.contains("cut off")), "{:?}", verdict.reasons);
}
