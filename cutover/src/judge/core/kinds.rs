//! Each kind of evidence alone: it fires when its effect is there, and the others stay silent.

use super::stage::{Stage, fail_on, healthy, lognormal, settings, sides, times, watched};
use crate::evidence::Settings;
use crate::{
    Cause, Decision, EvidenceKind, FailureKind, Judge, Measure, Outcome, Phase, Route, RunSeen, Scope,
    Verdict, Watched,
};

/// The causes of all reasons for a rollback, each once.
fn accused(verdict: &Verdict) -> Vec<Cause> {
    let mut causes: Vec<_> = verdict
        .reasons
        .iter()
        .filter(|reason| reason.raises == Decision::Rollback)
        .map(|reason| reason.cause)
        .collect();
    causes.sort_unstable();
    causes.dedup();
    causes
}

#[test]
fn failures_alone_are_errors_alone() {
    let mut stage = Stage::new(Phase::Go);
    let failing = |pair, seen: &mut RunSeen| {
        times(|_| 1.0)(pair, seen);
        fail_on(Route::New, 8)(pair, seen);
    };
    assert_eq!(
        accused(&stage.seconds(200, times(|_| 1.0)).seconds(60, failing).verdict()),
        [Cause::NewErrors]
    );
}

#[test]
fn half_as_slow_again_is_location_alone_and_is_told_as_a_ratio() {
    let mut stage = Stage::new(Phase::Go);
    let verdict = stage.seconds(60, times(|_| 1.0)).seconds(120, times(|_| 1.5)).verdict();
    assert_eq!(accused(&verdict), [Cause::NewSlow], "{:?}", verdict.reasons);
    let reason = &verdict.reasons[0];
    assert!(reason.text.contains("times as long as on old (95 % interval 1."), "{}", reason.text);
    let finding =
        reason.finding.as_ref().map(|finding| (finding.measure, finding.low > 1.2, finding.high < 1.9));
    assert_eq!(finding, Some((Measure::Ratio, true, true)));
    assert!(verdict.would_change.starts_with("hold, once "), "{}", verdict.would_change);
    let weakest = verdict.weakest.map(|one| one.scope);
    assert!(weakest.is_some_and(|scope| scope != Scope::Fleet("".into())));
    let after = stage.seconds(400, times(|_| 1.0)).verdict();
    assert_eq!(after.decision, Decision::Go, "it resolves: {:?}", after.reasons);
}

#[test]
fn a_few_very_slow_runs_are_the_tail_alone() {
    let mut stage = Stage::new(Phase::Go);
    let slow = |pair: u64| if pair.is_multiple_of(25) { 8.0 } else { 1.0 };
    let verdict = stage.seconds(100, times(|_| 1.0)).seconds(400, times(slow)).verdict();
    assert_eq!(accused(&verdict), [Cause::NewTail], "{:?}", verdict.reasons);
    let text = &verdict.reasons[0].text;
    assert!(text.contains("pp more of all runs than on old take longer than"), "{text}");
}

#[test]
fn what_befalls_both_sides_at_once_is_blamed_on_neither() {
    let mut stage = Stage::new(Phase::Go);
    let burst = |pair: u64, seen: &mut RunSeen| {
        seen.took = lognormal(pair, seen.route).mul_f64(4.0);
        if pair.is_multiple_of(3) {
            seen.outcome = super::fixture::failed(FailureKind::Timeout);
        }
    };
    for _ in 0..4 {
        let verdict = stage.seconds(60, times(|_| 1.0)).seconds(60, burst).verdict();
        assert_eq!(verdict.decision, Decision::Hold);
        assert!(accused(&verdict).is_empty());
        assert_eq!(verdict.reasons[0].cause, Cause::OldUnhealthy);
        assert!(verdict.reasons[0].text.contains("of what both share"), "{}", verdict.reasons[0].text);
    }
}

#[test]
fn a_constant_factor_on_both_sides_changes_nothing() {
    let evidence = |factor: f64| {
        let mut stage = Stage::new(Phase::Go);
        let scaled = |pair, seen: &mut RunSeen| seen.took = lognormal(pair, seen.route).mul_f64(factor);
        stage.seconds(100, scaled).verdict().evidence
    };
    let (one, other) = (evidence(1.0), evidence(16.0));
    for (one, other) in one.iter().zip(&*other).filter(|(one, _)| one.kind != EvidenceKind::Tail) {
        // Durations are whole nanoseconds.
        assert!((one.ln - other.ln).abs() < 1e-3, "{one:?} {other:?}");
    }
}

#[test]
fn the_sides_swapped_on_healthy_data_are_as_silent() {
    let swapped = |pair, seen: &mut RunSeen| {
        seen.took = lognormal(pair, if seen.route == Route::New { Route::Old } else { Route::New });
    };
    for verdict in [
        Stage::new(Phase::Go).seconds(300, times(|_| 1.0)).verdict(),
        Stage::new(Phase::Go).seconds(300, swapped).verdict(),
    ] {
        assert_eq!(verdict.decision, Decision::Go, "{:?}", verdict.reasons);
    }
}

#[test]
fn lost_writes_are_named_as_what_they_are() {
    let lost = |pair: u64, seen: &mut RunSeen| {
        if seen.route == Route::New && pair.is_multiple_of(4) {
            seen.outcome = super::fixture::failed(FailureKind::Lost);
        }
    };
    let verdict = Stage::new(Phase::Go).seconds(60, lost).verdict();
    assert_eq!(accused(&verdict), [Cause::Inconsistent]);
    assert!(verdict.reasons[0].text.contains("what was written is lost"), "{}", verdict.reasons[0].text);
    assert!(
        verdict
            .reasons
            .iter()
            .any(|reason| reason.raises == Decision::Hold && reason.cause == Cause::Inconsistent)
    );
}

#[test]
fn slower_than_the_margin_is_never_a_go() {
    let mut stage = Stage::new(Phase::Go);
    for _ in 0..60 {
        assert_ne!(stage.seconds(5, times(|_| 1.3)).verdict().decision, Decision::Go);
    }
}

#[test]
fn a_soak_is_what_durations_are_compared_with_from_go_on() {
    let mut stage = Stage::new(Phase::Set);
    stage.seconds(120, times(|_| 1.3));
    stage.judge.enter(Phase::Go);
    let verdict = stage.seconds(200, times(|_| 1.3)).verdict();
    assert_eq!(verdict.decision, Decision::Go, "{:?}", verdict.reasons);
    let verdict = stage.seconds(120, times(|_| 2.0)).verdict();
    assert_eq!(accused(&verdict), [Cause::NewSlow]);
    assert!(
        verdict.reasons.iter().any(|reason| reason.text.contains("times in the soak")),
        "{:?}",
        verdict.reasons
    );
}

#[test]
fn what_was_slow_all_through_the_soak_is_no_longer_accused_from_go_on() {
    let mut stage = Stage::new(Phase::Set);
    let accused_in_set = accused(&stage.seconds(400, times(|_| 1.6)).verdict());
    assert_eq!(accused_in_set, [Cause::NewSlow, Cause::NewTail]);
    stage.judge.enter(Phase::Go);
    for _ in 0..30 {
        assert!(accused(&stage.seconds(10, times(|_| 1.6)).verdict()).is_empty());
    }
}

#[test]
fn where_it_smells_it_is_sampled_harder_until_it_is_calm() {
    let mut stage = Stage::new(Phase::Go);
    assert_eq!(stage.seconds(30, healthy).judge.pace(&"post".into()), 1);
    let mut paces = Vec::new();
    for _ in 0..20 {
        // `post` has the odd pairs.
        stage.seconds(2, |pair, seen| {
            if seen.route == Route::New && pair % 10 == 1 {
                seen.outcome = super::fixture::failed(FailureKind::Status);
            }
        });
        paces.push((stage.judge.pace(&"post".into()), stage.judge.pace(&"sign-in".into())));
    }
    assert!(paces.iter().any(|(post, _)| *post == 10), "{paces:?}");
    assert!(paces.iter().all(|(_, other)| [1, 4].contains(other)), "{paces:?}");
    // It is forgotten by the margin only, so slowly; sampled ten times as often, ten times as fast.
    stage.seconds(3_000, healthy);
    assert_eq!((stage.judge.pace(&"post".into()), stage.judge.pace(&"nobody".into())), (1, 1));
}

#[test]
fn a_variant_that_fails_alone_is_named() {
    let variants = vec![("post".into(), "app=1".into()), ("post".into(), "app=2".into())];
    let mut stage = Stage::new(Phase::Ready);
    stage.judge = Judge::new(settings(), sides(), &Watched { variants, ..watched() });
    stage.judge.enter(Phase::Go);
    let verdict = stage
        .seconds(60, |pair, seen| {
            seen.variant = if pair % 4 == 1 { "app=1" } else { "app=2" }.into();
            if pair % 4 == 1 && seen.route == Route::New {
                seen.outcome = super::fixture::failed(FailureKind::Tls);
            }
        })
        .verdict();
    let named = |variant: &str| {
        let scope = Scope::Variant { journey: "post".into(), variant: variant.into() };
        verdict.reasons.iter().filter_map(|reason| reason.finding.as_ref()).any(|of| of.scope == scope)
    };
    assert!(named("app=1") && !named("app=2"), "{:?}", verdict.reasons);
    assert!(
        verdict.reasons.iter().any(|reason| reason.text.starts_with("post [app=1] on new fails 100.0 pp"))
    );
}

#[test]
fn a_variant_that_is_always_slower_on_new_is_no_fault_of_its_journey_when_it_is_run_more_often() {
    let variants = vec![("post".into(), "app=1".into()), ("post".into(), "app=2".into())];
    let mut stage = Stage::new(Phase::Ready);
    stage.judge = Judge::new(settings(), sides(), &Watched { variants, ..watched() });
    stage.judge.enter(Phase::Set);
    // So many of ten runs of `post` are of the first version, which takes twice as long on new as on old, as ever.
    let mixed = |first: u64| {
        move |pair: u64, seen: &mut RunSeen| {
            let of_first = pair / 2 % 10 < first;
            if &*seen.journey == "post" {
                seen.variant = if of_first { "app=1" } else { "app=2" }.into();
                seen.took *= if of_first && seen.route == Route::New { 2 } else { 1 };
            }
        }
    };
    stage.seconds(300, mixed(1)).judge.enter(Phase::Go);
    let verdict = stage.seconds(300, mixed(1)).seconds(900, mixed(9)).verdict();
    assert!(verdict.reasons.iter().all(|reason| reason.finding.is_none()), "{:?}", verdict.reasons);
}

#[test]
fn twenty_journeys_share_the_threshold_of_the_specification() {
    let paired = (0..20).map(|at| format!("journey {at}").into()).collect();
    let watched = Watched { paired, ..Watched::default() };
    let mut judge = Judge::new(Settings::default(), sides(), &watched);
    let verdict = judge.verdict(chrono::DateTime::UNIX_EPOCH);
    let errors = verdict.evidence.iter().filter(|one| one.kind == EvidenceKind::Error);
    assert_eq!(errors.filter(|one| (one.ln_threshold - 15.44).abs() < 0.005).count(), 21);
}

#[test]
fn what_aborts_says_nothing_in_either_direction() {
    let mut stage = Stage::new(Phase::Go);
    let verdict = stage
        .seconds(200, |_, seen| {
            if seen.route == Route::New {
                seen.outcome = Outcome::Aborted { cause: crate::AbortCause::Local };
            }
        })
        .verdict();
    assert_eq!((verdict.decision, verdict.reasons[0].cause), (Decision::Hold, Cause::Canary));
    assert_eq!(stage.judge.pairs(), (0, 0));
}
