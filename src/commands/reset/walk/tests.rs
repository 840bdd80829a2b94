//! Walks between two brokers, with a canary that has a desk and a gate: all of it real but the verdict, which is told here.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use cutover::{Phase, Snapshot, Verdict};
use dashboards::{CheckIns, Command, Metrics, Surface, Token};
use rehearsal::broker::{Broker, Inbound};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use url::Url;

use super::super::canaries::{Canaries, tests::secret};
use super::super::wait::wait;
use super::*;
use crate::deadline::Deadline;
use crate::desk::Desk;
use crate::engine::Engine;
use crate::engine::tests as engine;
use crate::life::Life;
use crate::reset::Sender;
use crate::vigil::Vigil;

/// One side's broker, and what was published on it.
struct Platform {
    broker: Broker,
    published: mpsc::Receiver<Inbound>,
    serving: JoinHandle<()>,
}

/// Ten devices that never come, in three waves; their brokers, and the canary.
struct Stage {
    config: Config,
    engine: Engine,
    _folder: engine::Stage,
    old: Platform,
    new: Platform,
    port: u16,
    canary: Url,
    verdicts: watch::Sender<Arc<Snapshot>>,
    commands: mpsc::Receiver<Command>,
    life: Life,
    server: (CancellationToken, JoinHandle<()>),
}

impl Platform {
    fn new(listener: TcpListener) -> Self {
        let (inbound, published) = mpsc::channel(100);
        let broker = Broker::new(|_, _| true, inbound);
        let serving = tokio::spawn(accept(broker.clone(), listener));
        Self { broker, published, serving }
    }

    /// Nobody listens there any more.
    async fn down(&mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }

    fn up(&mut self, listener: TcpListener) {
        self.serving = tokio::spawn(accept(self.broker.clone(), listener));
    }

    /// The numbers of the devices that were told since the last time, each once. Who is told is so before the walk goes on.
    fn told(&mut self) -> BTreeSet<u32> {
        let mut told = BTreeSet::new();
        while let Ok(message) = self.published.try_recv() {
            let device = message.topic.strip_prefix("devices/lamps-").unwrap();
            assert!(
                told.insert(device.strip_suffix("/commands").unwrap().parse().unwrap()),
                "told twice: {device}"
            );
        }
        told
    }
}

async fn accept(broker: Broker, listener: TcpListener) {
    // One after the other: whoever sends a reset has one session with each broker.
    while let Ok((stream, _)) = listener.accept().await {
        broker.serve(stream, CancellationToken::new()).await;
    }
}

/// The same port on both sides.
async fn listeners() -> (TcpListener, TcpListener, u16) {
    loop {
        let old = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = old.local_addr().unwrap().port();
        if let Ok(new) = TcpListener::bind(("127.0.0.2", port)).await {
            return (old, new, port);
        }
    }
}

impl Stage {
    async fn start() -> Self {
        let (old, new, port) = listeners().await;
        let folder = engine::Stage::with(&format!(
            "devices:\n  lamps: {{ count: 10, broker: \"mqtt://api.acme.example:{port}\", grace: 1h }}\nwaves:\n  \
             - {{ name: canary, devices: lamps-000002 }}\n  - {{ name: half, share: 50% }}\n  \
             - {{ name: rest, share: 100% }}\n"
        ))
        .await;
        let (config, engine) = (folder.config(), folder.engine().await);
        let (noted, commands) = mpsc::channel(100);
        let (inquiries, asked) = mpsc::channel(10);
        let life = Life::new(Vigil::new());
        let (fleets, waves) = (engine.fleets.clone(), config.waves.clone());
        let desk = Desk::new(fleets, waves, Sender::new(&config), noted.clone(), life.clone());
        tokio::spawn(desk.run(asked));
        let (verdicts, snapshots) = watch::channel(picture(Decision::Go));
        let surface = Surface {
            snapshots,
            broken: watch::channel(None).1,
            metrics: Arc::new(Metrics::new().unwrap()),
            commands: noted,
            inquiries,
            check_ins: CheckIns::default(),
            token: Token::new("secret"),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let canary = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let closing = CancellationToken::new();
        let server = tokio::spawn(dashboards::serve(listener, surface, closing.clone()));
        let (old, new) = (Platform::new(old), Platform::new(new));
        let server = (closing, server);
        Self { config, engine, _folder: folder, old, new, port, canary, verdicts, commands, life, server }
    }

    fn sending(&self, id: &str) -> Sending {
        let canaries = Canaries::at(vec![self.canary.clone()], Some(secret("secret")));
        Sending {
            id: id.to_owned(),
            by: "ann".to_owned(),
            sender: Sender::new(&self.config),
            canaries,
            failed: false,
        }
    }

    /// A walk that nobody interrupts, at this verdict; and whether a side did not take something over.
    async fn walk(&self, id: &str, verdict: Decision, unless_rollback: bool) -> (Option<Exit>, bool) {
        self.verdicts.send_replace(picture(verdict));
        let mut sending = self.sending(id);
        let ended = walk(&mut sending, &self.config, unless_rollback, &CancellationToken::new()).await;
        (ended.unwrap(), sending.failed)
    }

    /// Who was told since the last time: the same on both sides.
    fn told(&mut self) -> Vec<u32> {
        let (old, new) = (self.old.told(), self.new.told());
        assert_eq!(old, new);
        old.into_iter().collect()
    }

    /// The waves of which the canary knows that they were sent.
    async fn sent(&self, id: &str) -> Vec<String> {
        let reports = self.sending(id).canaries.reports(id).await.unwrap();
        let waves = reports.into_iter().filter_map(|(_, report)| report).flat_map(|report| report.waves);
        waves.map(|wave| wave.to_string()).collect()
    }

    /// What was noted since the last time.
    fn noted(&mut self) -> Vec<String> {
        let mut noted = Vec::new();
        while let Ok(Command::Note { text, by }) = self.commands.try_recv() {
            assert_eq!(by, "ann");
            noted.push(text);
        }
        noted
    }

    async fn end(mut self) {
        self.server.0.cancel();
        self.server.1.await.unwrap();
        self.old.down().await;
        self.new.down().await;
        self.life.cancel.cancel();
        self.engine.drain(Deadline::of_drain()).await.unwrap();
    }
}

fn picture(decision: Decision) -> Arc<Snapshot> {
    let now = Utc::now();
    let mut snapshot = Snapshot::first("acme".into(), Phase::Go, Verdict::bare(decision, now), now);
    snapshot.health.folded = 1;
    Arc::new(snapshot)
}

#[tokio::test]
async fn a_walk_stops_where_the_verdict_holds_and_goes_on_there() {
    let mut stage = Stage::start().await;
    // The first wave asks nobody: there is nothing yet that could have gone wrong.
    assert_eq!(stage.walk("go", Decision::Hold, false).await, (Some(Exit::Hold), false));
    assert_eq!((stage.told(), stage.sent("go").await), (vec![2], vec!["canary".to_owned()]));
    assert_eq!(stage.walk("go", Decision::Hold, false).await, (Some(Exit::Hold), false));
    assert_eq!(stage.walk("go", Decision::Go, false).await, (None, false));
    assert_eq!(stage.told(), [0, 1, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(stage.sent("go").await, ["canary", "half", "rest"]);
    let noted = ["canary", "half", "rest"].map(|wave| format!("reset go of wave {wave}"));
    assert_eq!(stage.noted(), noted);
    // All of them were sent: there is nothing left to ask the verdict for.
    assert_eq!(stage.walk("go", Decision::Rollback, false).await, (None, false));
    assert!(stage.told().is_empty());
    stage.end().await;
}

#[tokio::test]
async fn only_a_rollback_stops_who_goes_on_unless_there_is_one() {
    let mut stage = Stage::start().await;
    assert_eq!(stage.walk("go", Decision::Rollback, true).await, (Some(Exit::Rollback), false));
    assert_eq!(stage.told(), [2]);
    assert_eq!(stage.walk("go", Decision::Hold, true).await, (None, false));
    assert_eq!(stage.told(), [0, 1, 3, 4, 5, 6, 7, 8, 9]);
    stage.end().await;
}

#[tokio::test]
async fn a_wave_that_does_not_come_over_is_sent_again_and_nothing_after_it() {
    let mut stage = Stage::start().await;
    assert_eq!(stage.walk("go", Decision::Hold, false).await, (Some(Exit::Hold), false));
    assert_eq!(stage.told(), [2]);
    stage.new.down().await;
    assert_eq!(stage.walk("go", Decision::Go, false).await, (None, true));
    assert_eq!((stage.old.told(), stage.new.told()), (BTreeSet::from([0, 1, 3, 4]), BTreeSet::new()));
    assert_eq!(stage.sent("go").await, ["canary"]);
    assert_eq!(stage.noted().last().unwrap(), "reset go of fleet lamps, NOT sent on new");

    stage.new.up(TcpListener::bind(("127.0.0.2", stage.port)).await.unwrap());
    assert_eq!(stage.walk("go", Decision::Go, false).await, (None, false));
    assert_eq!(stage.told(), [0, 1, 3, 4, 5, 6, 7, 8, 9]);
    // The brokers have it, and no device ever comes for it: that is what waiting is for.
    let mut canaries = stage.sending("go").canaries;
    let waited = wait(&mut canaries, "go", Duration::ZERO, &CancellationToken::new()).await;
    assert_eq!(waited.unwrap(), Exit::Hold);
    stage.end().await;
}

#[tokio::test]
async fn an_interrupted_walk_goes_on_with_the_wave_that_was_not_sent() {
    let mut stage = Stage::start().await;
    stage.config.waves[0].pause = Duration::from_secs(3600);
    let asked = CancellationToken::new();
    let mut sending = stage.sending("go");
    let interrupt = async {
        while stage.sent("go").await != ["canary"] {}
        asked.cancel();
    };
    let (ended, ()) = tokio::join!(walk(&mut sending, &stage.config, false, &asked), interrupt);
    let said = ended.unwrap_err().to_string();
    assert_eq!(said, "interrupted: go on with --id go, which each device obeys once");
    assert_eq!(stage.told(), [2]);

    // The pause after it is kept by who goes on, too; this one is short. Then a broker takes its time.
    stage.config.waves[0].pause = Duration::from_millis(10);
    stage.new.down().await;
    let silent = TcpListener::bind(("127.0.0.2", stage.port)).await.unwrap();
    let asked = CancellationToken::new();
    let mut sending = stage.sending("go");
    let interrupt = async {
        let taken = silent.accept().await.unwrap();
        asked.cancel();
        taken
    };
    let (ended, taken) = tokio::join!(walk(&mut sending, &stage.config, false, &asked), interrupt);
    assert_eq!(ended.unwrap_err().to_string(), said);
    drop(taken);
    assert_eq!((stage.sent("go").await, stage.new.told()), (vec!["canary".to_owned()], BTreeSet::new()));
    // What the other side has of that wave by now it gets again: devices obey once.
    stage.old.told();
    stage.new.up(silent);
    assert_eq!(stage.walk("go", Decision::Go, false).await, (None, false));
    assert_eq!(stage.told(), [0, 1, 3, 4, 5, 6, 7, 8, 9]);
    stage.end().await;
}

#[tokio::test]
async fn a_walk_past_its_first_wave_needs_a_canary_that_answers() {
    let mut stage = Stage::start().await;
    stage.server.0.cancel();
    (&mut stage.server.1).await.unwrap();
    let mut sending = stage.sending("go");
    let ended = walk(&mut sending, &stage.config, true, &CancellationToken::new()).await;
    let said = ended.unwrap_err().to_string();
    assert!(said.starts_with("stopped before wave half: the verdict cannot be asked for: "), "{said}");
    assert!(said.ends_with("; go on with --wave all --id go"), "{said}");
    assert_eq!(stage.told(), [2]);
    stage.server.1 = tokio::spawn(async {});
    stage.end().await;
}
