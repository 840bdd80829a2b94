//! A trial of a fault: who sees it, and when.

use std::ops::ControlFlow;
use std::time::Duration;

use cutover::evidence::Settings;
use cutover::{Cause, Decision};
use rand::RngExt;

use super::clockwork::Course;
use crate::methods::{Method, PEERS};
use crate::traffic::{Mix, mixed, random};
use crate::{Fault, Plan, Scenario};

/// The onset lies anywhere in this span after the plan's settling: it must not keep step with the blocks.
const ONSET_WITHIN: f64 = 600.0;

/// What came of one trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sight {
    /// For each method: after how many seconds it said that the new side is worse.
    pub(crate) seen: [Option<f64>; 1 + PEERS],
    /// For each method: whether it had said so before there was a fault.
    pub(crate) early: [bool; 1 + PEERS],
    /// What our judge named as the gravest reason.
    pub(crate) cause: Option<Cause>,
    /// After how many seconds our judge said that the old side is failing.
    pub(crate) old_unhealthy: Option<f64>,
}

/// One trial of a scenario, with every method looking on.
pub(crate) fn faulty(scenario: &Scenario, plan: &Plan, seed: u64) -> Sight {
    let (onset, end) = times(plan, seed);
    let (mix, settings) = (&scenario.traffic.into(), &Settings::default());
    let soak = plan.soak;
    sight(&Course { mix, settings, compared: true, fault: scenario.fault, soak, onset, end, seed })
}

/// One trial of a fault in traffic of one's own, with our judge alone.
pub(crate) fn alone(mix: &Mix, fault: Fault, settings: &Settings, plan: &Plan, seed: u64) -> Sight {
    let (onset, end) = times(plan, seed);
    sight(&Course { mix, settings, compared: false, fault, soak: plan.soak, onset, end, seed })
}

/// When the fault begins, and when it is over.
fn times(plan: &Plan, seed: u64) -> (Duration, Duration) {
    let wait = random(mixed(seed, 9)).random_range(0.0..ONSET_WITHIN);
    let onset = plan.soak + plan.settle + Duration::from_secs_f64(wait);
    (onset, onset + plan.watch)
}

fn sight(course: &Course<'_>) -> Sight {
    let onset = course.onset;
    let methods = if course.compared { Method::ALL.len() } else { 1 };
    let mut sight = Sight::default();
    course.run(|block| {
        let reasons = &block.verdict.reasons;
        let mut says = [block.verdict.decision == Decision::Rollback; Method::ALL.len()];
        says[1..].copy_from_slice(&block.peers);
        if block.at <= onset {
            sight.early.iter_mut().zip(says).for_each(|(early, says)| *early |= says);
            return ControlFlow::Continue(());
        }
        let after = (block.at - onset).as_secs_f64();
        for (seen, _) in sight.seen.iter_mut().zip(says).filter(|(_, says)| *says) {
            seen.get_or_insert(after);
        }
        if says[0] && sight.cause.is_none() {
            sight.cause = reasons.first().map(|reason| reason.cause);
        }
        if reasons.iter().any(|reason| reason.cause == Cause::OldUnhealthy) {
            sight.old_unhealthy.get_or_insert(after);
        }
        if sight.seen.iter().take(methods).all(Option::is_some) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    sight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_seen_by_everybody_and_by_us_first() {
        let sight = faulty(&Scenario::of("outage", Fault::errors(1.0)), &Plan::quick(), 17);
        assert_eq!(sight.early, [false; 5]);
        assert_eq!(sight.cause, Some(Cause::NewErrors));
        let [ours, others @ ..] = sight.seen;
        assert!(ours.is_some_and(|ours| ours <= 60.0), "{ours:?}");
        // The threshold is crossed by a dozen failures: it is as fast, and pays for it elsewhere.
        assert!(others[1..].iter().all(|other| other.is_some() && *other > ours), "{others:?}");
    }

    #[test]
    fn a_fault_of_the_old_side_is_called_so_and_blamed_on_nobody_else() {
        let sight = faulty(&Scenario::of("old", Fault::errors(0.2).of_old()), &Plan::quick(), 18);
        assert_eq!(sight.seen, [None; 5]);
        assert!(sight.old_unhealthy.is_some_and(|after| after <= 60.0), "{sight:?}");
    }
}
