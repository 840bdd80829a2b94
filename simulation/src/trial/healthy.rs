//! Healthy traffic: who cries wolf.

use std::ops::ControlFlow;
use std::time::Duration;

use cutover::Decision;
use cutover::evidence::Settings;

use super::clockwork::Course;
use crate::methods::{Method, PEERS};
use crate::traffic::Mix;
use crate::{Fault, Plan, Traffic};

/// What came of a while of healthy traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Healthy {
    /// For each method: how often it began to say that the new side is worse.
    pub(crate) alarms: [u64; 1 + PEERS],
    /// In how many blocks our verdict was `go`.
    pub(crate) go: u64,
    /// After how many seconds since Go it was `go` first.
    pub(crate) first_go: Option<f64>,
    /// How many pairs were run because it was their time, and how many because our judge asked for more.
    pub(crate) pairs: [u64; 2],
    /// How many blocks there were.
    pub(crate) blocks: u64,
}

/// So much of healthy traffic, after a soak in which nothing counts.
pub(crate) fn healthy(traffic: Traffic, plan: &Plan, lasts: Duration, seed: u64) -> Healthy {
    let end = plan.soak + lasts;
    let (mix, settings) = (&Mix::from(traffic), &Settings::default());
    let (fault, onset, soak) = (Fault::default(), Duration::MAX, plan.soak);
    let course = Course { mix, settings, compared: true, fault, soak, onset, end, seed };
    let (mut healthy, mut said) = (Healthy::default(), [false; Method::ALL.len()]);
    course.run(|block| {
        let mut says = [block.verdict.decision == Decision::Rollback; Method::ALL.len()];
        says[1..].copy_from_slice(&block.peers);
        for ((alarms, said), says) in healthy.alarms.iter_mut().zip(&mut said).zip(says) {
            *alarms += u64::from(says && !*said);
            *said = says;
        }
        healthy.blocks += 1;
        healthy.pairs.iter_mut().zip(block.pairs).for_each(|(sum, pairs)| *sum += pairs);
        if block.verdict.decision == Decision::Go {
            healthy.go += 1;
            healthy.first_go.get_or_insert((block.at - plan.soak).as_secs_f64());
        }
        ControlFlow::Continue(())
    });
    healthy
}

/// After how many seconds since Go our judge says `go` to healthy traffic of one's own, if it does within `most`.
pub(crate) fn time_to_go(
    mix: &Mix,
    settings: &Settings,
    plan: &Plan,
    most: Duration,
    seed: u64,
) -> Option<f64> {
    let (soak, end) = (plan.soak, plan.soak + most);
    let (fault, onset) = (Fault::default(), Duration::MAX);
    let mut first = None;
    Course { mix, settings, compared: false, fault, soak, onset, end, seed }.run(|block| {
        if block.verdict.decision == Decision::Go {
            first = Some((block.at - soak).as_secs_f64());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_steady_health_makes_nobody_of_us_cry() {
        let plan = Plan::quick();
        let healthy = healthy(Traffic::default(), &plan, Duration::from_secs(3600), 5);
        assert_eq!(healthy.alarms[0], 0);
        assert_eq!(healthy.blocks, 359);
        assert_eq!(healthy.pairs[0], 359 * 40);
        assert!(healthy.go > 60, "{healthy:?}");
    }
}
