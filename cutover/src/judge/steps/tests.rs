#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use chrono::TimeDelta;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::super::core::fixture::run;
use super::super::core::stage::{Stage, settings, sides, watched};
use super::*;
use crate::{Answered, Cause, Decision, Judge, Outcome, Parts, Reached, RunSeen, StepSeen, Watched};

fn step(name: &str, millis: f64) -> StepSeen {
    let total = Duration::from_secs_f64(millis / 1000.0);
    StepSeen {
        route: crate::Route::Old,
        attempts: 1,
        visible: None,
        degraded: None,
        name: name.into(),
        outcome: Outcome::Passed,
        parts: Parts { total, ..Parts::default() },
        reached: Some(Reached::Old),
        vitals: None,
        answered: Answered::Old,
    }
}

/// A long journey (median 6 s) with a short step in it, which takes so many milliseconds in the median on each side.
fn with_step(old: f64, new: f64) -> impl Fn(u64, &mut RunSeen) {
    move |pair, seen| {
        let on_new = seen.route == crate::Route::New;
        let mut random = SmallRng::seed_from_u64(2 * pair + u64::from(on_new));
        let mut noisy = |median: f64| median * (random.random_range(-0.5..0.5_f64)).exp();
        let (long, short) = (noisy(6_000.0), noisy(if on_new { new } else { old }));
        seen.took = Duration::from_secs_f64((long + short) / 1000.0);
        seen.steps = vec![step("wait", long), step("sign in", short)];
    }
}

fn stage() -> Stage {
    let steps = ["sign-in", "post"].map(|journey: &str| (journey.into(), "sign in".into()));
    let watched = Watched { steps: steps.into(), ..watched() };
    let mut stage = Stage::new(Phase::Set);
    stage.judge = Judge::new(settings(), sides(), &watched);
    stage.judge.enter(Phase::Set);
    stage
}

#[test]
fn a_step_that_doubles_is_seen_though_its_journey_hardly_changes() {
    let mut stage = stage();
    stage.seconds(120, with_step(100.0, 110.0)).judge.enter(Phase::Go);
    stage.seconds(300, with_step(100.0, 110.0));
    assert_eq!(stage.cause(), (Decision::Go, Some(Cause::NonInferior)));
    stage.seconds(240, with_step(100.0, 220.0));
    let verdict = stage.verdict();
    let reason = &verdict.reasons[0];
    assert_eq!((verdict.decision, reason.cause), (Decision::Rollback, Cause::NewSlow), "{}", reason.text);
    assert!(reason.text.contains(", step `sign in` on new takes "), "{}", reason.text);
    assert!(reason.text.contains(" times in the soak"), "{}", reason.text);
    let step = reason.finding.as_ref().and_then(|finding| finding.step.clone());
    assert_eq!(step.as_deref(), Some("sign in"));
    // It is resolved as any other alarm.
    stage.seconds(600, with_step(100.0, 110.0));
    assert_eq!(stage.cause(), (Decision::Go, Some(Cause::NonInferior)));
}

/// The journey `post` in two versions of its app, with `sign in` in each.
fn versions() -> Stage {
    let mut stage = Stage::new(Phase::Set);
    stage.judge = Judge::new(settings(), sides(), &watched_versions());
    stage.judge.enter(Phase::Set);
    stage
}

fn watched_versions() -> Watched {
    let version = |version: &str| ("post".into(), format!("app={version}").into());
    let steps = ["post [app=1]", "post [app=2]"].map(|series: &str| (series.into(), "sign in".into()));
    Watched { variants: vec![version("1"), version("2")], steps: steps.into(), ..watched() }
}

/// So many of each ten pairs of `post` are of the first version; each version has its own times on new.
fn of_versions(first: u64, millis: [f64; 2]) -> impl Fn(u64, &mut RunSeen) {
    move |pair, seen| {
        let version = usize::from(pair / 2 % 10 >= first);
        with_step(100.0, millis[version])(pair, seen);
        if &*seen.journey == "post" {
            seen.variant = ["app=1", "app=2"][version].into();
        }
    }
}

#[test]
fn a_step_that_doubles_in_one_variant_is_told_of_that_one() {
    let mut stage = versions();
    stage.seconds(300, of_versions(5, [110.0, 110.0])).judge.enter(Phase::Go);
    stage.seconds(300, of_versions(5, [110.0, 110.0])).seconds(400, of_versions(5, [110.0, 230.0]));
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Rollback, "{verdict:?}");
    let told: Vec<_> = verdict.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert!(told[0].starts_with("post [app=2], step `sign in` on new takes "), "{told:?}");
    assert!(told.iter().all(|text| !text.contains("app=1")), "{told:?}");
}

#[test]
fn what_is_usual_for_one_variant_is_no_fault_when_it_is_run_more_often() {
    let mut stage = versions();
    // Twice as long on new for the first version, as ever; then it is suspected of something, and run nine times as often.
    stage.seconds(300, of_versions(1, [200.0, 100.0])).judge.enter(Phase::Go);
    stage.seconds(300, of_versions(1, [200.0, 100.0])).seconds(600, of_versions(9, [200.0, 100.0]));
    let verdict = stage.verdict();
    assert!(verdict.reasons.iter().all(|reason| !reason.text.contains("step `sign in`")), "{verdict:?}");
}

#[test]
fn what_the_soak_showed_is_usual_and_what_nobody_feels_is_nothing() {
    let mut stage = stage();
    stage.seconds(120, with_step(2.0, 4.0)).judge.enter(Phase::Go);
    // Twice as long as on old, as in the soak; then four times, which is 4 ms more.
    stage.seconds(600, with_step(2.0, 4.0)).seconds(600, with_step(2.0, 8.0));
    assert_eq!(stage.cause(), (Decision::Go, Some(Cause::NonInferior)));
}

#[test]
fn a_step_that_one_side_never_reaches_compares_nothing() {
    let mut stage = stage();
    stage.seconds(60, with_step(100.0, 100.0)).judge.enter(Phase::Go);
    stage.seconds(300, |pair, seen| {
        with_step(100.0, 900.0)(pair, seen);
        if seen.route == crate::Route::New {
            seen.steps.pop();
        }
    });
    let judge = &stage.judge;
    assert!(judge.scopes.steps.all().all(|step| step.standing().is_none() && !step.smells()));
}

#[test]
fn the_evidence_of_a_step_survives_a_restart() {
    let mut stage = stage();
    stage.seconds(120, with_step(100.0, 110.0)).judge.enter(Phase::Go);
    stage.seconds(30, with_step(100.0, 300.0));
    let saved = serde_json::to_string(&stage.judge.save()).unwrap();
    let steps = ["sign-in", "post"].map(|journey: &str| (journey.into(), "sign in".into()));
    let watched = Watched { steps: steps.into(), ..watched() };
    let restored = Judge::restore(settings(), sides(), &watched, serde_json::from_str(&saved).unwrap());
    assert_eq!(serde_json::to_string(&restored.save()).unwrap(), saved);
    let told = |judge: &Judge| judge.scopes.steps.all().map(|step| step.evidence().ln).collect::<Vec<_>>();
    assert_eq!(told(&restored), told(&stage.judge));
    assert!(told(&restored).iter().any(|ln| *ln > 1.0));
}

#[test]
fn what_was_saved_before_variants_had_steps_of_their_own_is_that_of_each() {
    let mut stage = stage();
    stage.seconds(120, with_step(100.0, 110.0)).judge.enter(Phase::Go);
    stage.seconds(30, with_step(100.0, 300.0));
    let saved = serde_json::to_string(&stage.judge.save()).unwrap();
    let watched = watched_versions();
    let restored = Judge::restore(settings(), sides(), &watched, serde_json::from_str(&saved).unwrap());
    let told = |judge: &Judge| {
        let of_post = |step: &&StepEvidence| step.scope.journey().is_some_and(|journey| &**journey == "post");
        judge.scopes.steps.all().filter(of_post).map(|step| step.evidence().ln).collect::<Vec<_>>()
    };
    let before = told(&stage.judge);
    assert!(before[0] > 1.0);
    assert_eq!(told(&restored), [before[0]; 2]);
}

#[test]
fn healthy_steps_stay_silent_for_a_day() {
    let mut steps = Steps::new(&Settings::default(), &[("sign-in".into(), "sign in".into())]);
    let (mut random, mut now) = (SmallRng::seed_from_u64(4), DateTime::UNIX_EPOCH);
    let mut half = |route| {
        let took = 100.0 * random.random_range(-0.7..0.7_f64).exp();
        RunSeen {
            steps: vec![step("sign in", took)],
            pair: Some(crate::PairId(1)),
            ..run("sign-in", route, DateTime::UNIX_EPOCH)
        }
    };
    let mut pair = || {
        let mut pairing = super::super::pairing::Pairing::default();
        pairing.add(&half(crate::Route::Old));
        pairing.add(&half(crate::Route::New)).unwrap()
    };
    (0..200).for_each(|_| steps.add(&pair(), Phase::Set, DateTime::UNIX_EPOCH));
    steps.all_mut().for_each(|step| step.enter(Phase::Go));
    for _ in 0..8_640 {
        (0..2).for_each(|_| steps.add(&pair(), Phase::Go, now));
        now += TimeDelta::seconds(10);
        assert!(steps.close_block().is_empty());
    }
}
