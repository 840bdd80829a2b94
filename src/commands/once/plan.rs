//! What is to be run: everything that can be refused is refused here, before anything is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cutover::Sides;
use document::{Rejected, Remark, did_you_mean};
use journeys::{Journey, Known, Markers, PortionError, RunContext, Secrets};
use probes::{Browsers, Pins, Resolver, Trust};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::runs::{Planned, Portion, runs};
use crate::cli::{Given, Once};
use crate::config::{self, Config};
use crate::context::World;
use crate::failure::Failure;
use crate::{resolvers, say};

/// What is to be run.
pub(super) struct Plan {
    /// The runs, in order.
    pub(super) runs: Vec<Planned>,
    /// What each is given, beside its route.
    pub(super) context: RunContext,
    /// The file with the certificate authority that is trusted beside the public ones, if there is just one.
    pub(super) authority: Option<String>,
    /// Whether it is known where the sides are.
    pub(super) sided: bool,
}

/// Reads everything, and asks the resolver.
pub(super) async fn plan(options: &Once) -> Result<Plan, Failure> {
    let config = options.config.as_deref().map(config::load_world).transpose()?;
    let journeys = load(options, config.as_ref())?;
    remark(&journeys);
    let given: BTreeMap<_, _> =
        options.vars.iter().map(|Given { name, value }| (name.clone(), value.clone())).collect();
    known(&journeys, &given)?;
    if config.is_none() {
        without_sides(options, &journeys)?;
    }
    let journeys = portions(options, journeys, &given)?;
    let runs = runs(&journeys, options.row.as_ref(), options.route.each())?;
    let sided = config.is_some();
    let world = match &config {
        Some(config) => World::of(config, resolvers::connect(config).await?.live),
        None => unconfigured().await?,
    };
    let context =
        RunContext { given: Arc::new(given), keep_requests: true, ..world.context(CancellationToken::new()) };
    let authority = config.as_ref().and_then(|config| config.authority.as_ref());
    let authority = authority.map(|path| path.display().to_string());
    Ok(Plan { runs, context, authority, sided })
}

/// The journeys; what is wrong with any of them is told at once.
fn load(options: &Once, config: Option<&Config>) -> Result<Vec<(Arc<str>, Journey)>, Failure> {
    let (vars, secrets) =
        config.map_or_else(Default::default, |config| (config.vars.clone(), config.secrets.clone()));
    let mut vars = BTreeMap::clone(&vars);
    let as_text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    vars.extend(options.vars.iter().map(|Given { name, value }| (name.clone(), as_text(value))));
    let secrets: Secrets = secrets;
    let mut wrong = Vec::new();
    let mut journeys = Vec::new();
    for file in &options.files {
        match Journey::load(file, Known { vars: &vars, secrets: &secrets }) {
            Ok(journey) => journeys.push((file.display().to_string().into(), journey)),
            Err(rejected) => wrong.extend(rejected.0),
        }
    }
    if wrong.is_empty() { Ok(journeys) } else { Err(Rejected(wrong).into()) }
}

/// Tells what is likely a mistake in them. A file may be named twice, or included twice; of what it says is told once.
fn remark(journeys: &[(Arc<str>, Journey)]) {
    let mut told: Vec<&Remark> = Vec::new();
    for remark in journeys.iter().flat_map(|(_, journey)| journey.remarks()) {
        if !told.contains(&remark) {
            say::error(format_args!("{remark}\n"));
            told.push(remark);
        }
    }
}

/// A variable that no journey has would be given in vain.
fn known(journeys: &[(Arc<str>, Journey)], given: &BTreeMap<String, Value>) -> Result<(), Failure> {
    // Those of a group, such as `run.id`, nobody can give.
    let all = journeys.iter().flat_map(|(_, journey)| journey.variables()).filter(|name| !name.contains('.'));
    let all: BTreeSet<_> = all.collect();
    match given.keys().find(|name| !all.contains(name.as_str())) {
        None => Ok(()),
        Some(_) if all.is_empty() => {
            Err(Failure::usage("--var: there is no variable in these journeys".to_owned()))
        }
        Some(name) => {
            let help = did_you_mean(name, all.iter().copied());
            Err(Failure::usage(format!("--var {name}: no journey here has a variable of that name; {help}")))
        }
    }
}

/// Without a configuration nobody knows where the sides are.
fn without_sides(options: &Once, journeys: &[(Arc<str>, Journey)]) -> Result<(), Failure> {
    let way = "name the configuration that says where the sides are: --config serin.yaml";
    if let Some(route) = options.route.each().iter().find(|route| route.pinned().is_some()) {
        return Err(Failure::usage(format!("nobody knows where the route `{route}` leads: {way}")));
    }
    match journeys.iter().find(|(_, journey)| journey.needs_sides()) {
        Some((file, _)) => Err(Failure::usage(format!(
            "{file} has steps on old or new, and nobody knows where that is: {way}"
        ))),
        None => Ok(()),
    }
}

/// The journeys, from the step and to the step that are asked for.
fn portions(
    options: &Once,
    journeys: Vec<(Arc<str>, Journey)>,
    given: &BTreeMap<String, Value>,
) -> Result<Vec<Portion>, Failure> {
    let (from, to) = (options.from.as_deref(), options.to.as_deref());
    if journeys.len() > 1 && (from.is_some() || to.is_some()) {
        let message = "--from and --to are for one journey: name one FILE";
        return Err(Failure::usage(message.to_owned()));
    }
    let given: BTreeSet<_> = given.keys().map(String::as_str).collect();
    let portion = |(file, journey): (Arc<str>, Journey)| {
        let portion = journey.only(from, to, &given);
        portion.map(|journey| (file, Arc::new(journey))).map_err(|error| Failure::usage(way_out(&error)))
    };
    journeys.into_iter().map(portion).collect()
}

fn way_out(error: &PortionError) -> String {
    let PortionError::Unsaved(missing) = error else { return error.to_string() };
    let flags: Vec<_> = missing.iter().map(|unsaved| format!("--var {}=VALUE", unsaved.variable)).collect();
    format!("{error}. Give it by hand: {}", flags.join(" "))
}

/// This machine's view of the world: its resolver, the public certificates, no sides.
async fn unconfigured() -> Result<World, Failure> {
    // Whoever asks for addresses and `localhost` alone needs no resolver; all else says that there is none.
    let resolver = Resolver::system(resolvers::TIMEOUT).await;
    let resolver = resolver.inspect_err(|error| tracing::warn!("{error}")).ok();
    Ok(World {
        sides: Arc::new(Sides::unknown()),
        pins: Arc::new(Pins::default()),
        markers: Arc::new(Markers::new(Vec::new(), Vec::new())),
        trust: Trust::new(&[]).map_err(|error| Failure::canary(error.to_string()))?,
        vars: Arc::default(),
        resolver,
        browsers: Browsers::default(),
        artifacts: None,
    })
}
