//! The engine: everything that acts and judges, put together from a configuration. `serin run` and `serin rehearse`
//! use the same one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use alerts::{Backoff, Channel, Email, Outbox, Rule, VerdictRule};
use chrono::Utc;
use cutover::{Decision, Phase, Series, Snapshot, Verdict, Watched};
use dashboards::{CheckIns, Command, Metrics, Surface, Token};
use devices::{FleetHandle, Shard};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

use crate::actors::{Actors, Orders};
use crate::config::{Config, JourneyPlan};
use crate::control::Control;
use crate::deadline::Deadline;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::limits::Limits;
use crate::recorder::{Ended, Inbox, Outlets, Recorder, Watch};
use crate::reset::Sender;
use crate::schedule::{Paces, Reporter};
use crate::vigil::Vigil;
use crate::{keep, resolvers, shard};

/// Observations that may wait for the recorder; at 10,000 a second it has most of a second to catch up.
const OBSERVATIONS: usize = 8192;
/// Commands and deliveries that may wait: people are slow.
const COMMANDS: usize = 16;
const DELIVERIES: usize = 256;
/// What every request names as its agent.
pub(crate) const USER_AGENT: &str = concat!("serin/", env!("CARGO_PKG_VERSION"));

/// How the engine is to be started, beside its configuration.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// What one must know to command it.
    pub token: Option<Token>,
    /// The phase in which the cutover is, whatever the store says; `None`: as the store says, or `ready`.
    pub phase: Option<Phase>,
    /// Whether what is in the store is moved aside, to begin anew.
    pub fresh: bool,
    /// Which share of the devices is in this process.
    pub shard: Shard,
}

/// A running engine.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Where the page, the API and the metrics are.
    pub address: SocketAddr,
    /// What is to be said of the store.
    pub said: String,
    /// The picture.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// The fleets.
    pub fleets: Vec<FleetHandle>,
    /// Who of all that must live has broken off.
    pub vigil: Vigil,
    commands: mpsc::Sender<Command>,
    actors: Actors,
    server: (CancellationToken, JoinHandle<()>),
    draining: watch::Sender<Option<Deadline>>,
    recorder: JoinHandle<Ended>,
    /// Dropped last: who lives on it is gone by then, or of no more use.
    control: Control,
}

impl Engine {
    /// Binds and checks everything, then starts it.
    ///
    /// # Errors
    /// When a port is taken or a resolver does not answer: the canary's own fault, and nothing runs then.
    pub(crate) async fn start(config: Config, options: Options) -> Result<Self, Failure> {
        let config = shard::narrow(config, options.shard);
        Limits::raised().admit(&config.fleets, options.shard).map_err(Failure::usage)?;
        let control = Control::start()?;
        let bound = control.handle().spawn(TcpListener::bind(config.serve)).await;
        let bound = bound.unwrap_or_else(|broken| Err(broken.into()));
        let listener = bound.map_err(|error| {
            let way = "stop what listens there, or write another `serve:` address into the configuration";
            Failure::canary(format!("cannot listen on {}: {error}; {way}", config.serve))
        })?;
        let address = listener.local_addr().map_err(|error| Failure::canary(error.to_string()))?;
        let resolvers = resolvers::connect(&config).await?;
        let channels = channels(&config)?;
        let metrics = Metrics::new().map_err(|error| Failure::canary(error.to_string()))?;
        metrics.config_loaded(true);

        let metrics = Arc::new(metrics);
        let keep::Opened { journal, mut memory, ledger, said } = keep::open(&config, options.fresh)?;
        let phase = options.phase.or(memory.phase()).unwrap_or(Phase::Ready);
        let (observations_in, observations) = mpsc::channel(OBSERVATIONS);
        let (commands, commands_out) = mpsc::channel(COMMANDS);
        let (inquiries, inquiries_out) = mpsc::channel(COMMANDS);
        let (deliveries_in, deliveries) = mpsc::channel(DELIVERIES);
        let (phase_in, phases) = watch::channel(phase);
        let (paces_in, paces) = watch::channel(Paces::default());
        let (snapshots_in, snapshots) = watch::channel(Arc::new(first(&config, phase)));
        let waits = Arc::new(AtomicU64::new(0));
        let vigil = Vigil::new();
        let (draining, drain) = watch::channel(None);
        let inbox = Inbox { observations, commands: commands_out, deliveries, waits: waits.clone(), drain };
        let outbox = {
            let _on = control.handle().enter();
            Outbox::start(channels, memory.take_pending(), Backoff::default(), &deliveries_in)
        };
        let metrics_out = metrics.clone();
        let outlets = Outlets {
            snapshots: snapshots_in,
            phase: phase_in,
            paces: paces_in,
            metrics: metrics_out,
            outbox,
            journal,
            vigil: vigil.clone(),
        };
        let recorder = Recorder::new(watched(&config, phase, address, options.shard), memory, inbox, outlets);
        let recorder = control.handle().spawn(vigil.over("the recorder", recorder.run()));

        let closing = CancellationToken::new();
        let surface = Surface {
            snapshots: snapshots.clone(),
            broken: vigil.told(),
            metrics,
            commands: commands.clone(),
            inquiries,
            token: options.token,
            check_ins: check_ins(&config),
        };
        let serving = dashboards::serve(listener, surface, closing.clone());
        let serving = control.handle().spawn(vigil.over("the server of page, API and metrics", serving));

        let actors = Actors::new(vigil.clone());
        let reporter = Reporter::new(observations_in, waits);
        let (sender, waves) = (Sender::new(&config), config.waves.clone());
        let orders = Orders { phase: phases, paces, ledger };
        let fleets = actors.start(config, &resolvers, &reporter, orders, options.shard)?;
        let desk = Desk::new(fleets.clone(), waves, sender, commands.clone(), actors.life().clone());
        tokio::spawn(vigil.over("the desk at which devices are asked for", desk.run(inquiries_out)));
        Ok(Self {
            address,
            said,
            snapshots,
            fleets,
            vigil,
            commands,
            actors,
            server: (closing, serving),
            draining,
            recorder,
            control,
        })
    }

    /// Moves on to another phase.
    ///
    /// # Errors
    /// When it may not follow the present one, or the recorder has ended.
    pub(crate) async fn enter(&self, to: Phase, by: &str) -> Result<Phase, Failure> {
        let (reply, answer) = oneshot::channel();
        let gone = || Failure::canary("the recorder has ended".to_owned());
        let command = Command::Phase { to, by: by.to_owned(), reply };
        self.commands.send(command).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?.map_err(|error| Failure::usage(error.to_string()))
    }

    /// Writes down what somebody did, for the report.
    pub(crate) async fn note(&self, by: &str, text: String) {
        let command = Command::Note { by: by.to_owned(), text };
        if self.commands.send(command).await.is_err() {
            tracing::debug!("the recorder has ended: a note is not written down");
        }
    }

    /// Ends the actors, lets the recorder fold what they still said and the outbox deliver, then closes the server; all
    /// of it by the `deadline`.
    ///
    /// # Errors
    /// When the recorder broke off, or hangs.
    pub(crate) async fn drain(self, deadline: Deadline) -> Result<Ended, Failure> {
        self.draining.send_replace(Some(deadline));
        self.actors.end(deadline.actors()).await;
        let ended = timeout_at(deadline.end(), self.recorder).await;
        let (closing, serving) = self.server;
        closing.cancel();
        if timeout_at(deadline.end(), serving).await.is_err() {
            self.control.leave();
        }
        let lost =
            |why: &str| Failure::canary(format!("not drained: {why}; what it had not written down is lost"));
        match ended {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(_)) => Err(lost("the recorder broke off")),
            Err(_) => Err(lost("the recorder hangs")),
        }
    }
}

fn check_ins(config: &Config) -> CheckIns {
    let checking = config.canaries.iter().filter(|canary| canary.checks_in);
    CheckIns::new(checking.map(|canary| (canary.plan.canary.name.clone(), canary.token.clone())))
}

fn channels(config: &Config) -> Result<Vec<Channel>, Failure> {
    let email = config.alerts.email.iter();
    let channel = email.map(|(name, settings)| Email::new(name.clone(), settings).map(Channel::Email));
    channel.collect::<Result<_, _>>().map_err(|error| Failure::usage(error.to_string()))
}

fn first(config: &Config, phase: Phase) -> Snapshot {
    let now = Utc::now();
    Snapshot::first(config.cutover.name.clone(), phase, Verdict::bare(Decision::Hold, now), now)
}

/// The steps of a journey that are compared, in this variant.
fn steps(plan: &JourneyPlan) -> impl Iterator<Item = (Series, Arc<str>)> {
    let series = plan.series();
    plan.journey.parts(&plan.variant).map(move |step| (series.clone(), step.clone()))
}

/// The variant, with its journey's name, where there is one.
fn variant(plan: &JourneyPlan) -> Option<(Arc<str>, Arc<str>)> {
    let name = plan.variant.name();
    (!name.is_empty()).then(|| (plan.journey.name().clone(), name.clone()))
}

fn watched(config: &Config, phase: Phase, address: SocketAddr, shard: Shard) -> Watch {
    let paired: Vec<_> = config.journeys.iter().filter(|plan| plan.paired()).collect();
    let page = config.link(address);
    let rule = VerdictRule { cutover: config.cutover.name.clone(), on: config.alerts.on.clone(), page };
    Watch {
        name: config.cutover.name.clone(),
        sides: config.cutover.sides.clone(),
        phase,
        settings: config.evidence.clone(),
        watched: Watched {
            paired: paired.iter().map(|plan| plan.journey.name().clone()).collect(),
            pairs_per_second: paired.iter().map(|plan| plan.every.as_secs_f64().recip()).sum(),
            variants: paired.iter().filter_map(|plan| variant(plan)).collect(),
            steps: paired.iter().flat_map(|plan| steps(plan)).collect(),
            names: if shard.leads() { config.cutover.names.len() } else { 0 },
            shard: (!shard.leads()).then(|| shard.to_string().into()),
            fleets: config.fleets.len(),
            canaries: config.canaries.iter().map(|canary| canary.plan.canary.clone()).collect(),
            unpaired: config.journeys.iter().map(JourneyPlan::unpaired).sum(),
            point_of_no_return: config.cutover.point_of_no_return,
        },
        rules: if config.alerts.on.is_empty() { vec![] } else { vec![Rule::Verdict(rule)] },
    }
}

#[cfg(test)]
pub(crate) mod tests;
