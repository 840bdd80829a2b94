//! Starts the runs of journeys, those of a pair together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Observation, PairId, Phase, Route, StartsSkipped};
use journeys::{Journey, RunContext};
use rand::seq::SliceRandom;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cadence::Due;
use super::{Cadence, Reporter};
use crate::config::JourneyPlan;

/// Runs of one journey under way at any one time; a start beyond it is skipped. It is reached only when the target
/// has become far slower than the interval, and more runs would be load of our own making.
const UNDER_WAY: usize = 64;

/// What all journeys share.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// Makes the context of each run.
    pub context: RunContext,
    /// Where the observations go.
    pub reporter: Reporter,
    /// The phase, with which each run is tagged.
    pub phase: watch::Receiver<Phase>,
    /// Numbers the pairs.
    pub pairs: Arc<AtomicU64>,
    /// Holds every run.
    pub tracker: TaskTracker,
    /// Ends it all.
    pub cancel: CancellationToken,
}

/// One journey that is due again and again.
struct Repeated {
    schedule: Schedule,
    journey: Arc<Journey>,
    on: Vec<Route>,
    paired: bool,
    under_way: Arc<Semaphore>,
}

/// Starts a journey's repetition, the first time `stagger` from now.
pub(crate) fn start(plan: &JourneyPlan, stagger: Duration, schedule: Schedule) {
    let (every, tracker) = (plan.every, schedule.tracker.clone());
    let repeated = Repeated {
        journey: plan.journey.clone(),
        on: plan.on.clone(),
        paired: plan.paired(),
        under_way: Arc::new(Semaphore::new(UNDER_WAY)),
        schedule,
    };
    tracker.spawn(async move {
        let mut cadence = Cadence::new(every, stagger);
        loop {
            tokio::select! {
                () = repeated.schedule.cancel.cancelled() => return,
                due = cadence.due() => repeated.begin(due).await,
            }
        }
    });
}

impl Repeated {
    /// Makes the starts that are due, in random order, so that neither side always comes first.
    async fn begin(&self, due: Due) {
        for route in &self.on {
            self.skip(*route, due.skipped).await;
        }
        let pair = self.paired.then(|| PairId(self.schedule.pairs.fetch_add(1, Ordering::Relaxed)));
        let mut routes = self.on.clone();
        routes.shuffle(&mut rand::rng());
        let Ok(permits) = u32::try_from(routes.len()) else { return };
        // All or none: half a pair compares nothing.
        let Ok(permit) = self.under_way.clone().try_acquire_many_owned(permits) else {
            for route in routes {
                self.skip(route, 1).await;
            }
            return;
        };
        let permit = Arc::new(permit);
        for route in routes {
            let (permit, pair) = (permit.clone(), pair.filter(|_| route.pinned().is_some()));
            let run = self.run(route, pair, due.intended);
            self.schedule.tracker.spawn(async move {
                run.await;
                drop(permit);
            });
        }
    }

    /// One run, from its start to its report.
    fn run(&self, route: Route, pair: Option<PairId>, intended: Instant) -> impl Future<Output = ()> + use<> {
        let (journey, reporter) = (self.journey.clone(), self.schedule.reporter.clone());
        let phase = *self.schedule.phase.borrow();
        let context = RunContext { route, intended: wall_clock(intended), ..self.schedule.context.clone() };
        async move {
            let run = journey.run(&context).await;
            reporter.report(Observation::Run(run.observe(phase, pair))).await;
        }
    }

    async fn skip(&self, route: Route, starts: u64) {
        if starts > 0 {
            let journey = self.journey.name().clone();
            let skipped = StartsSkipped { journey, route, starts };
            self.schedule.reporter.report(Observation::Skipped(skipped)).await;
        }
    }
}

/// The time of day of an instant that has just passed.
fn wall_clock(instant: Instant) -> DateTime<Utc> {
    let ago = TimeDelta::from_std(instant.elapsed()).unwrap_or_default();
    Utc::now() - ago
}
