//! Starts the runs of journeys, those of a pair together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Observation, PairId, Phase, Route, Series, StartsSkipped};
use journeys::{Journey, RunContext, Variant};
use rand::seq::SliceRandom;
use tokio::sync::watch;
use tokio::time::Instant;

use super::cadence::Due;
use super::under_way::UnderWay;
use super::{Cadence, Reporter};
use crate::config::JourneyPlan;
use crate::life::Life;

/// How many times as often as usual a journey is to run; those that are not named run as usual.
pub(crate) type Paces = Arc<BTreeMap<Series, u32>>;

/// What all journeys share.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// Makes the context of each run.
    pub context: RunContext,
    /// Where the observations go.
    pub reporter: Reporter,
    /// The phase, with which each run is tagged.
    pub phase: watch::Receiver<Phase>,
    /// How much more often than usual each journey runs, where something smells.
    pub paces: watch::Receiver<Paces>,
    /// Numbers the pairs.
    pub pairs: Arc<AtomicU64>,
    /// Holds every run.
    pub life: Life,
}

/// One journey, in one of its variants, that is due again and again.
struct Repeated {
    /// As it is called if it breaks off.
    who: Arc<str>,
    schedule: Schedule,
    journey: Arc<Journey>,
    variant: Variant,
    series: Series,
    on: Vec<Route>,
    paired: bool,
    /// How many turns there were.
    turns: AtomicU64,
    under_way: UnderWay,
}

/// Starts a journey's repetition, the first time `stagger` from now.
pub(crate) fn start(plan: &JourneyPlan, stagger: Duration, schedule: Schedule) {
    let (every, life) = (plan.every, schedule.life.clone());
    let who: Arc<str> = format!("the journey `{}`", plan.series()).into();
    let repeated = Repeated {
        who: who.clone(),
        journey: plan.journey.clone(),
        variant: plan.variant.clone(),
        series: plan.series(),
        on: plan.on.clone(),
        paired: plan.paired(),
        turns: AtomicU64::new(0),
        under_way: UnderWay::new(plan.on.len(), every, plan.journey.timeout()),
        schedule,
    };
    life.spawn(who, async move {
        let mut cadence = Cadence::new(every, stagger);
        loop {
            let pace = repeated.pace();
            tokio::select! {
                () = repeated.schedule.life.cancel.cancelled() => return,
                due = cadence.due(pace) => repeated.begin(due).await,
            }
        }
    });
}

impl Repeated {
    fn pace(&self) -> u32 {
        self.schedule.paces.borrow().get(&self.series).copied().unwrap_or(1)
    }

    /// Makes the starts that are due, in random order, so that neither side always comes first.
    async fn begin(&self, due: Due) {
        for route in &self.on {
            self.skip(*route, due.skipped).await;
        }
        let pair = self.paired.then(|| PairId(self.schedule.pairs.fetch_add(1, Ordering::Relaxed)));
        let mut routes = self.on.clone();
        routes.shuffle(&mut rand::rng());
        let Some(permits) = self.under_way.take(routes.len()) else {
            for route in routes {
                self.skip(route, 1).await;
            }
            return;
        };
        // Once for all of them: the halves of a pair belong to one phase.
        let phase = *self.schedule.phase.borrow();
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        for (route, permit) in routes.into_iter().zip(permits) {
            let run =
                self.run((route, phase), pair.filter(|_| route.pinned().is_some()), (turn, due.intended));
            self.schedule.life.spawn(self.who.clone(), async move {
                run.await;
                drop(permit);
            });
        }
    }

    /// One run, from its start to its report.
    fn run(
        &self,
        (route, phase): (Route, Phase),
        pair: Option<PairId>,
        (turn, intended): (u64, Instant),
    ) -> impl Future<Output = ()> + use<> {
        let (journey, reporter) = (self.journey.clone(), self.schedule.reporter.clone());
        let context = RunContext {
            route,
            variant: self.variant.clone(),
            turn,
            intended: wall_clock(intended),
            ..self.schedule.context.clone()
        };
        async move {
            let run = journey.run(&context).await;
            reporter.report(Observation::Run(run.observe(phase, pair))).await;
        }
    }

    async fn skip(&self, route: Route, starts: u64) {
        if starts > 0 {
            let skipped = StartsSkipped { series: self.series.clone(), route, starts };
            self.schedule.reporter.report(Observation::Skipped(skipped)).await;
        }
    }
}

/// The time of day of an instant that has just passed.
fn wall_clock(instant: Instant) -> DateTime<Utc> {
    let ago = TimeDelta::from_std(instant.elapsed()).unwrap_or_default();
    Utc::now() - ago
}
