//! A rehearsal to test the judge on.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::fixture::{failed, run};
use crate::evidence::Settings;
use crate::{
    Cause, Decision, FailureKind, Judge, Observation, Outcome, PairId, Phase, Route, RunSeen, Sides, Verdict,
    Watched,
};

pub(crate) fn settings() -> Settings {
    Settings { block: Duration::from_secs(2), go_margin: 0.02, ..Settings::default() }
}

pub(crate) fn sides() -> Arc<Sides> {
    let net = |text: &str| text.parse().map(|net| vec![net]).unwrap_or_default();
    let sides = Sides::new(net("127.0.1.0/24"), net("127.0.2.0/24")).map(Arc::new);
    let Ok(sides) = sides else { unreachable!("two sides that do not overlap") };
    sides
}

pub(crate) fn watched() -> Watched {
    Watched {
        paired: vec!["sign-in".into(), "post".into()],
        pairs_per_second: 8.0,
        unpaired: 2,
        fleets: 1,
        point_of_no_return: Some(0.5),
        ..Watched::default()
    }
}

/// Two journeys, 8 pairs a second, blocks of 2 s: a rehearsal.
pub(crate) struct Stage {
    pub(crate) judge: Judge,
    pub(super) now: DateTime<Utc>,
    pub(super) pair: u64,
}

impl Stage {
    pub(crate) fn new(phase: Phase) -> Self {
        let mut judge = Judge::new(settings(), sides(), &watched());
        judge.enter(phase);
        Self { judge, now: DateTime::UNIX_EPOCH, pair: 0 }
    }

    /// So many seconds of pairs, each run changed as told.
    pub(crate) fn seconds(&mut self, seconds: u32, change: impl Fn(u64, &mut RunSeen)) -> &mut Self {
        for _ in 0..seconds * 8 {
            self.now += TimeDelta::milliseconds(125);
            self.pair += 1;
            let journey = if self.pair.is_multiple_of(2) { "sign-in" } else { "post" };
            for route in [Route::Old, Route::New] {
                let mut seen = run(journey, route, self.now);
                (seen.pair, seen.phase) = (Some(PairId(self.pair)), self.judge.memory.phase);
                change(self.pair, &mut seen);
                self.judge.observe(&Observation::Run(seen), self.now);
            }
        }
        self
    }

    pub(crate) fn live(&mut self, seconds: u32, outcome: &Outcome) -> &mut Self {
        for _ in 0..seconds {
            self.now += TimeDelta::seconds(1);
            let phase = self.judge.memory.phase;
            let seen = RunSeen { outcome: outcome.clone(), phase, ..run("sign-in", Route::Live, self.now) };
            self.judge.observe(&Observation::Run(seen), self.now);
        }
        self
    }

    pub(crate) fn verdict(&mut self) -> Verdict {
        self.judge.verdict(self.now)
    }

    pub(crate) fn cause(&mut self) -> (Decision, Option<Cause>) {
        let verdict = self.verdict();
        (verdict.decision, verdict.reasons.first().map(|reason| reason.cause))
    }
}

pub(super) fn fail_on(route: Route, every: u64) -> impl Fn(u64, &mut RunSeen) {
    move |pair, seen| {
        if seen.route == route && pair.is_multiple_of(every) {
            seen.outcome = failed(FailureKind::Status);
        }
    }
}

/// A lognormal duration (median 120 ms, sigma 0.5), the same for the same pair and route.
pub(super) fn lognormal(pair: u64, route: Route) -> Duration {
    let mut random = SmallRng::seed_from_u64(2 * pair + u64::from(route == Route::New));
    let (u, v): (f64, f64) = (random.random::<f64>().max(1e-300), random.random());
    let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
    Duration::from_secs_f64(0.12 * (0.5 * normal).exp())
}

/// Lognormal durations, the new side's times a factor that may depend on the pair.
pub(super) fn times(factor: impl Fn(u64) -> f64) -> impl Fn(u64, &mut RunSeen) {
    move |pair, seen| {
        seen.took = lognormal(pair, seen.route);
        if seen.route == Route::New {
            seen.took = seen.took.mul_f64(factor(pair));
        }
    }
}

pub(super) fn healthy(_: u64, _: &mut RunSeen) {}
