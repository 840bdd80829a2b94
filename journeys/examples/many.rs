//! Runs one journey many times, so that its cost can be measured: `tests/bench/journeys/run` does so beside k6.
//!
//! ```text
//! many FILE TIMES AT_ONCE [NAME=VALUE...]
//! ```
//!
//! Each run has a session of its own, as under `serin run`: its own connection, cookies and view of DNS. Ends with 1
//! at the first run that does not pass, and says why.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cutover::{Outcome, Route, Sides};
use journeys::{Aims, Journey, Known, Marker, Markers, RunContext, Secrets};
use probes::{Aim, Pins, Trust};
use tokio::task::JoinSet;

type Anything = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, times, at_once, vars @ ..] = arguments.as_slice() else {
        eprintln!("usage: many FILE TIMES AT_ONCE [NAME=VALUE...]");
        return ExitCode::from(2);
    };
    match many(file, times, at_once, vars) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn many(file: &str, times: &str, at_once: &str, vars: &[String]) -> Result<(), Anything> {
    let (times, at_once) = (times.parse::<usize>()?, at_once.parse::<usize>()?);
    let pairs = vars.iter().filter_map(|pair| pair.split_once('='));
    let vars: BTreeMap<_, _> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let known = Known { vars: &vars, secrets: &Secrets::default() };
    let journey = Arc::new(Journey::load(Path::new(file), known)?);
    let context = Arc::new(context(vars)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let left = Arc::new(AtomicUsize::new(times));
        let mut users = JoinSet::new();
        for _ in 0..at_once {
            users.spawn(user(Arc::clone(&journey), Arc::clone(&context), Arc::clone(&left)));
        }
        while let Some(ended) = users.join_next().await {
            ended??;
        }
        Ok(())
    })
}

/// Runs the journey again and again, until all users together have run it often enough.
async fn user(
    journey: Arc<Journey>,
    context: Arc<RunContext>,
    left: Arc<AtomicUsize>,
) -> Result<(), Anything> {
    let next = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    while next().is_ok() {
        let run = journey.run(&context).await;
        if run.outcome != Outcome::Passed {
            return Err(run.detail.into_string().into());
        }
    }
    Ok(())
}

/// The new side is this machine; nothing is resolved.
fn context(vars: BTreeMap<String, String>) -> Result<RunContext, Anything> {
    let sides = Sides::new(vec!["192.0.2.0/24".parse()?], vec!["127.0.0.0/8".parse()?])?;
    let (sides, pins) = (Arc::new(sides), Arc::new(Pins::default()));
    let aim = |route| Aim::new(route, Arc::clone(&sides), Arc::clone(&pins), None);
    let marker = |side: &str| Marker::parse(&format!("header x-served-by == {side}"));
    let aims = Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) };
    Ok(RunContext {
        route: Route::New,
        markers: Arc::new(Markers::new(vec![marker("old")?], vec![marker("new")?])),
        vars: Arc::new(vars),
        ..RunContext::new(aims, Trust::new(&[])?, "serin/bench")
    })
}
