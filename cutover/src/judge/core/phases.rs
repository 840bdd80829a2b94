//! What a phase that begins takes over from the one before, and what not.

use std::time::Duration;

use super::fixture::{failed, run};
use super::stage::{Stage, fail_on, healthy};
use crate::{
    Cause, Decision, DeviceState, EvidenceKind, FailureKind, FleetTally, NameAnswer, NameView, Observation,
    PairId, Personality, Phase, Route, RunSeen,
};

fn tally(stage: &Stage, old: u32, new: u32) -> Observation {
    let one = |state, count| ((Personality::AtTtl, state), count);
    Observation::Fleet(FleetTally {
        at: stage.now,
        fleet: "lamps".into(),
        devices: [one(DeviceState::Old, old), one(DeviceState::New, new)].into(),
        events: Default::default(),
        ..FleetTally::default()
    })
}

#[test]
fn a_new_attempt_begins_before_the_point_of_no_return() {
    for way in [[Phase::RolledBack, Phase::Ready], [Phase::RolledBack, Phase::Set]] {
        let mut stage = Stage::new(Phase::Go);
        stage.judge.observe(&tally(&stage, 20, 80), stage.now);
        assert!(stage.judge.past_no_return());
        way.into_iter().for_each(|phase| stage.judge.enter(phase));
        assert!(!stage.judge.past_no_return());
    }
}

#[test]
fn a_run_counts_for_the_phase_in_which_it_was_started() {
    let mut stage = Stage::new(Phase::Set);
    stage.seconds(4, healthy);
    stage.judge.enter(Phase::Go);
    let before = stage.judge.pairs().0;
    // Half an hour of runs that were started in `set`, when the new side was being brought up.
    stage.seconds(1_800, |_, seen: &mut RunSeen| {
        seen.phase = Phase::Set;
        if seen.route == Route::New {
            seen.outcome = failed(FailureKind::Refused);
        }
    });
    assert_eq!(stage.judge.pairs().0, before);
    assert_eq!(stage.cause(), (Decision::Hold, Some(Cause::TooLittle)));
}

#[test]
fn half_a_pair_of_another_phase_waits_for_nobody() {
    let mut stage = Stage::new(Phase::Set);
    let half = |route, phase| RunSeen {
        phase,
        pair: Some(PairId(7)),
        ..run("post", route, chrono::DateTime::UNIX_EPOCH)
    };
    stage.judge.observe(&Observation::Run(half(Route::Old, Phase::Set)), stage.now);
    stage.judge.enter(Phase::RolledBack);
    stage.judge.enter(Phase::Set);
    stage.judge.observe(&Observation::Run(half(Route::New, Phase::Set)), stage.now);
    assert_eq!(stage.judge.pairs().0, 0);
}

#[test]
fn what_was_seen_before_a_phase_ended_is_judged_in_it() {
    let mut stage = Stage::new(Phase::Set);
    let errors = |stage: &mut Stage| {
        let evidence = stage.verdict().evidence;
        evidence.iter().filter(|one| one.kind == EvidenceKind::Error).map(|one| one.ln).fold(0.0, f64::max)
    };
    stage.seconds(61, healthy);
    let before = errors(&mut stage);
    // The last second is in the open block.
    stage.seconds(1, fail_on(Route::New, 1));
    stage.judge.enter(Phase::Go);
    assert!(errors(&mut stage) > before, "a block that began in `set` ends with it");
}

#[test]
fn in_go_it_is_said_what_has_not_moved() {
    let mut stage = Stage::new(Phase::Set);
    stage.seconds(10, healthy);
    stage.judge.enter(Phase::Go);
    stage.seconds(120, healthy);
    let devices = tally(&stage, 85, 15);
    stage.judge.observe(&devices, stage.now);
    let verdict = stage.verdict();
    assert_eq!(verdict.decision, Decision::Go);
    let text = &verdict.reasons[0].text;
    assert!(
        text.contains(" pairs since 00:00:") && text.ends_with(" UTC; 85 of 100 devices are still on old"),
        "{text}"
    );
    let addresses = vec![[127, 0, 1, 1].into()];
    let forgotten = NameAnswer {
        at: stage.now,
        name: "mqtt.acme.example".into(),
        resolver: "office".into(),
        authoritative: false,
        took: Duration::from_millis(1),
        view: NameView::Addresses { addresses, ttl: Duration::from_secs(60) },
    };
    stage.judge.observe(&Observation::Name(forgotten), stage.now);
    let verdict = stage.verdict();
    assert_eq!((verdict.decision, verdict.reasons[0].cause), (Decision::Hold, Cause::NameStale));
    let said = "mqtt.acme.example has not moved: every resolver still gives the old side";
    assert_eq!(verdict.reasons[0].text, said);
}

#[test]
fn what_is_settled_is_fixed_forward() {
    let mut stage = Stage::new(Phase::Settled);
    let verdict = stage.seconds(60, fail_on(Route::New, 2)).verdict();
    assert_eq!(verdict.decision, Decision::Rollback);
    assert!(
        verdict.reasons[0].text.ends_with("; the cutover is settled: fix forward"),
        "{}",
        verdict.reasons[0].text
    );
}
