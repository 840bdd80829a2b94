//! Our own judge, through the same door as in a real cutover: an observation for each run, and a verdict each block.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::evidence::Settings;
use cutover::{
    Answered, FailureKind, Judge, Observation, Outcome, PairId, Phase, Reached, Route, RunSeen, Series, Side,
    Sides, Verdict, Watched,
};

use crate::traffic::{Half, Mix, Pair};

pub(super) const PARAMETERS: &str = "this project's judge with its default settings, through its public interface: \
    every journey and all together; runs harder what it asks for; verdict every 10 s";

/// The judge, and what it needs to be told.
#[derive(Debug)]
pub(crate) struct Ours {
    judge: Judge,
    journeys: Vec<Arc<str>>,
    phase: Phase,
    pairs: u64,
}

impl Ours {
    /// A judge of this traffic, with the new side being brought up: the soak begins.
    pub(crate) fn new(mix: &Mix, settings: &Settings) -> Self {
        let count = mix.journeys().len();
        let journeys: Vec<Arc<str>> = (1..=count).map(|n| format!("journey {n}").into()).collect();
        let watched = Watched {
            paired: journeys.clone(),
            pairs_per_second: mix.pairs_per_second(),
            ..Watched::default()
        };
        let mut ours = Self {
            judge: Judge::new(settings.clone(), sides(), &watched),
            journeys,
            phase: Phase::Set,
            pairs: 0,
        };
        ours.enter(Phase::Set);
        ours
    }

    /// The cutover enters a phase.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.judge.enter(phase);
    }

    /// Takes one pair, started so long after the beginning. Both runs are seen at once: how long a run takes to fail is
    /// not simulated.
    pub(crate) fn observe(&mut self, pair: &Pair, since: Duration) {
        self.pairs += 1;
        let at = moment(since);
        for (side, half) in [(Side::Old, pair.old), (Side::New, pair.new)] {
            let run = self.run(pair.journey, side, half, at);
            self.judge.observe(&Observation::Run(run), at);
        }
    }

    /// The verdict when a block is over.
    pub(crate) fn verdict(&mut self, since: Duration) -> Verdict {
        let now = moment(since);
        self.judge.tick(now);
        self.judge.verdict(now)
    }

    /// How many times as often as usual the journey of this number should run.
    pub(crate) fn pace(&self, journey: usize) -> u32 {
        self.judge.pace(&Series { journey: self.journeys[journey].clone(), variant: Arc::default() })
    }

    fn run(&self, journey: usize, side: Side, half: Half, at: DateTime<Utc>) -> RunSeen {
        let outcome = if half.failed {
            Outcome::Failed { step: "request".to_owned(), kind: FailureKind::Status }
        } else {
            Outcome::Passed
        };
        RunSeen {
            at,
            lag: Duration::ZERO,
            // A duration that no clock could show is one that the sampling of tails made.
            took: Duration::try_from_secs_f64(half.took).unwrap_or(Duration::MAX),
            journey: self.journeys[journey].clone(),
            variant: Arc::default(),
            route: match side {
                Side::Old => Route::Old,
                Side::New => Route::New,
            },
            reached: Some(Reached::from(side)),
            answered: Answered::from(side),
            phase: self.phase,
            outcome,
            detail: String::new(),
            trace: Arc::default(),
            pair: Some(PairId(self.pairs)),
            steps: Vec::new(),
        }
    }
}

/// Simulated time begins with the epoch: no clock is read.
fn moment(since: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(since)
        .ok()
        .and_then(|delta| DateTime::UNIX_EPOCH.checked_add_signed(delta))
        .unwrap_or_default()
}

#[expect(clippy::expect_used, reason = "two addresses that differ are two sides")]
fn sides() -> Arc<Sides> {
    let one = |last: u8| vec![std::net::IpAddr::from([192, 0, 2, last]).into()];
    Arc::new(Sides::new(one(1), one(2)).expect("two addresses that differ are two sides"))
}
