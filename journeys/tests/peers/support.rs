//! A server's process, and runs of journeys against it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cutover::{Outcome, Route, Sides};
use journeys::{Aims, Journey, Known, Run, RunContext, Secrets};
use probes::{Aim, Pins, Resolver, Trust};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// A server's process, which ends with the test, and the folder in which its files are.
pub(crate) struct Server {
    process: Child,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Where a program is, if it is installed. Debian keeps daemons apart from what users call.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var_os("SERIN_PEERS").is_some();
        assert!(!required, "{program} is required here (SERIN_PEERS), and is missing");
        eprintln!("skipped: {program} is not installed; `tests/run`, as root on Debian, installs it");
    }
    found
}

/// A port of loopback that was free a moment ago.
pub(crate) fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

impl Server {
    /// Starts a server, and waits until it takes connections at each of `at`.
    pub(crate) async fn start(mut command: Command, folder: TempDir, at: &[SocketAddr]) -> Self {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Self { process, _folder: folder };
        let until = Instant::now() + Duration::from_secs(20);
        for address in at {
            while TcpStream::connect(address).await.is_err() {
                let ended = server.process.try_wait().unwrap();
                assert_eq!(ended, None, "{command:?} ended: are its settings right?");
                assert!(Instant::now() < until, "{command:?} does not listen at {address}");
                sleep(Duration::from_millis(20)).await;
            }
        }
        server
    }
}

/// A world in which `at` is known by the variable `at`, on the old side, and `office` is the resolver.
pub(crate) async fn context(at: SocketAddr, own_ca: &[Vec<u8>]) -> RunContext {
    let resolver = Resolver::connect("office", at, Duration::from_secs(2)).await.unwrap();
    let net = |text: &str| vec![text.parse().unwrap()];
    let sides = Arc::new(Sides::new(net("127.0.0.0/24"), net("127.0.62.0/24")).unwrap());
    let pins = Arc::new(Pins::default());
    let aim = |route| Aim::new(route, sides.clone(), pins.clone(), resolver.clone());
    let vars =
        BTreeMap::from([("at".to_owned(), at.to_string()), ("port".to_owned(), at.port().to_string())]);
    let aims = Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) };
    RunContext { vars: Arc::new(vars), ..RunContext::new(aims, Trust::new(own_ca).unwrap(), "serin/test") }
}

/// Runs a journey that is written out.
pub(crate) async fn run(context: &RunContext, yaml: &str) -> Run {
    let journey =
        Journey::parse(yaml, "test.yaml", Known { vars: &context.vars, secrets: &Secrets::default() });
    journey.unwrap_or_else(|rejected| panic!("{rejected}")).run(context).await
}

/// The same, which passes.
pub(crate) async fn passes(context: &RunContext, yaml: &str) -> Run {
    let run = run(context, yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    run
}
