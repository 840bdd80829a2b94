//! Everything that acts: the journeys, the watch over the names, the fleets.

use std::sync::Arc;
use std::time::Duration;

use cutover::Phase;
use devices::{CanaryContext, FleetContext, FleetHandle, Openings, Pace, Process, Shard};
use journeys::{Ledger, RunContext};
use probes::Timeouts;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::context::World;
use crate::engine::USER_AGENT;
use crate::failure::Failure;
use crate::life::Life;
use crate::resolvers::Resolvers;
use crate::schedule::{self, Paces, Reporter, Schedule};
use crate::vigil::Vigil;

/// Everything that acts, and the way to end it.
#[derive(Debug)]
pub(crate) struct Actors(Life);

/// What the actors are told while they act.
#[derive(Debug)]
pub(crate) struct Orders {
    /// The phase.
    pub phase: watch::Receiver<Phase>,
    /// How hard each journey is run.
    pub paces: watch::Receiver<Paces>,
    /// Where they write down what they make and must take away; `None`: nowhere.
    pub ledger: Option<Arc<dyn Ledger>>,
}

impl Actors {
    /// Nobody yet; who breaks off will be told to `vigil`.
    pub(crate) fn new(vigil: Vigil) -> Self {
        Self(Life::new(vigil))
    }

    /// Starts everything that acts. It ends together, so that the recorder knows when all has been said.
    pub(crate) fn start(
        &self,
        config: Config,
        resolvers: &Resolvers,
        reporter: &Reporter,
        orders: Orders,
        shard: Shard,
    ) -> Result<Vec<FleetHandle>, Failure> {
        let world = World::of(&config, resolvers.live.clone());
        let context = RunContext { ledger: orders.ledger, ..world.context(self.0.cancel.clone()) };
        let browsers = context.browsers.clone();
        let schedule = Schedule {
            context,
            reporter: reporter.clone(),
            phase: orders.phase,
            paces: orders.paces,
            pairs: Arc::default(),
            life: self.0.clone(),
        };
        let ending = self.0.cancel.clone();
        self.0.spawn("the browsers", async move {
            ending.cancelled().await;
            browsers.shutdown().await;
        });
        let journeys = config.journeys.len();
        for (index, plan) in config.journeys.iter().enumerate() {
            schedule::start(plan, stagger(plan.every, index, journeys), schedule.clone());
        }
        let every = config.watch_names_every;
        let watched = if shard.leads() { &config.cutover.names[..] } else { &[] };
        let questions: Vec<_> = watched
            .iter()
            .flat_map(|name| resolvers.all.iter().map(|resolver| (name.clone(), resolver.clone())))
            .collect();
        let count = questions.len();
        for (index, (name, resolver)) in questions.into_iter().enumerate() {
            let stagger = stagger(every, index, count);
            schedule::watch(name, resolver, every, stagger, reporter.clone(), &self.0);
        }
        let plans: Vec<_> = config.canaries.iter().map(|canary| canary.plan.clone()).collect();
        for listener in devices::listeners(&plans) {
            let context = CanaryContext {
                pins: config.cutover.pins.clone(),
                trust: config.trust.clone(),
                timeouts: Timeouts::default(),
                observations: reporter.channel(),
                cancel: self.0.cancel.clone(),
            };
            let who = format!("the watch over real canaries on {}", listener.side());
            self.0.spawn(who, listener.listen(context));
        }
        let pace = config.connects_per_second.map(Pace::per_second).map(Arc::new);
        let process = Process { shard, pace, openings: Openings::default() };
        let mut fleets = Vec::new();
        for plan in config.fleets {
            let context = FleetContext {
                resolver: resolvers.live.clone(),
                sides: config.cutover.sides.clone(),
                pins: config.cutover.pins.clone(),
                trust: config.trust.clone(),
                timeouts: Timeouts::default(),
                observations: reporter.channel(),
                cancel: self.0.cancel.clone(),
                user_agent: USER_AGENT.into(),
                process: process.clone(),
            };
            let tasks = TaskTracker::new();
            let fleet = devices::start(plan, context, &tasks);
            let fleet = fleet.map_err(|error| Failure::usage(error.to_string()))?;
            self.0.keep(fleet.name(), tasks);
            fleets.push(fleet);
        }
        Ok(fleets)
    }

    /// The life that they share.
    pub(crate) const fn life(&self) -> &Life {
        &self.0
    }

    /// Ends them all, and waits until they have ended, or until `by`.
    pub(crate) async fn end(self, by: Instant) {
        self.0.end(by).await;
    }
}

/// Spreads the first starts evenly over the interval.
fn stagger(every: Duration, index: usize, of: usize) -> Duration {
    every.mul_f64(index as f64 / of.max(1) as f64)
}
