//! The file as a whole.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::journeys::{Known, Secrets, Subject};
use document::{Diagnostic, Fields, Key, Kind, Node, Rejected, Source, file};

use super::schema::CONFIGURATION;
use super::values::{interval, listening};
use super::{
    AlertPlan, Config, account, alerts, artifacts, browser, canaries, cutover_section, devices, evidence,
    journeys, page, resolvers, store, trust, vars, waves,
};

/// Where the page, the API and the metrics are served if nobody says otherwise.
const SERVE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9900);
/// How often each resolver is asked if nobody says otherwise.
const WATCH_NAMES_EVERY: Duration = Duration::from_secs(5);
/// Nobody's resolver is asked more often.
const OFTENEST: Duration = Duration::from_millis(100);
/// Where a configuration comes from when there is none.
const BEGINNING: &str = "`serin rehearse --world --folder FOLDER` writes one to begin with";
/// The largest configuration that is read.
const LARGEST: u64 = 4 << 20;

/// Reads and checks the configuration at `path`, and every journey that it names.
///
/// # Errors
/// Everything that is wrong, each with its file, line and column; that it gives a canary nothing to do is wrong, too.
pub(crate) fn load(path: &Path) -> Result<Config, Rejected> {
    loaded(path, true)
}

/// The same for those who only look at what it says of the world: it may give a canary nothing to do.
///
/// # Errors
/// Everything else that is wrong.
pub(crate) fn load_world(path: &Path) -> Result<Config, Rejected> {
    loaded(path, false)
}

fn loaded(path: &Path, busy: bool) -> Result<Config, Rejected> {
    let name = path.display().to_string();
    let text = file::text(path, LARGEST).map_err(|why| Rejected(vec![unreadable(&name, &why)]))?;
    let mut source = Source::new(&name, &text);
    let mut elsewhere = Vec::new();
    let base = path.parent().unwrap_or_else(|| Path::new(""));
    let node = Node::read(&mut source).filter(|node| is_configuration(node, &mut source));
    if let Some(node) = node.as_ref().filter(|node| busy && is_idle(node)) {
        let help = "add `journeys:` or `devices:`".to_owned();
        source.complain(node.place(), "nothing is to be done", Some(help));
    }
    let config = node.and_then(|node| read(&node, base, &mut elsewhere, &mut source));
    match config {
        Some(mut config) if source.is_clean() && elsewhere.is_empty() => {
            config.remarks = source.remarks();
            for remark in config.journeys.iter().flat_map(|plan| plan.journey.remarks()) {
                // A file may be named twice; what is likely wrong with it is told once.
                if !config.remarks.contains(remark) {
                    config.remarks.push(remark.clone());
                }
            }
            Ok(config)
        }
        _ => {
            let mut rejected = source.into_rejected();
            rejected.0.append(&mut elsewhere);
            Err(rejected)
        }
    }
}

fn unreadable(file: &str, why: &str) -> Diagnostic {
    let message = format!("the configuration cannot be read: {why}");
    Diagnostic { help: Some(BEGINNING.to_owned()), ..Diagnostic::of_file(file, message) }
}

fn read(
    node: &Node,
    base: &Path,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<Config> {
    if matches!(node.kind, Kind::Null) {
        source.complain(node.place(), "the configuration is empty", Some(BEGINNING.to_owned()));
        return None;
    }
    let mut fields = Fields::of(node, "the configuration", source)?;
    let cutover = fields.require("cutover");
    let (resolvers, every) = (fields.take("resolvers"), fields.take("watch-names-every"));
    let (journeys, devices) = (fields.take("journeys"), fields.take("devices"));
    let real = fields.take("canaries");
    let (evidence, alerts) = (fields.take("evidence"), fields.take("alerts"));
    let (operator, page, store) = (fields.take("operator"), fields.take("page"), fields.take("store"));
    let (waves, bind) = (fields.take("waves"), fields.take("bind"));
    let connects = fields.take("connects-per-second");
    let (serve, trust, vars) = (fields.take("serve"), fields.take("trust"), fields.take("vars"));
    let secrets = fields.take("secrets");
    let (browser, artifacts) = (fields.take("browser"), fields.take("artifacts"));
    fields.finish(source);

    let cutover = cutover.and_then(|node| cutover_section::read(node, source));
    // Where the names are wrong, nothing is said about those that are none of them.
    let names = cutover.as_ref().map_or_else(Vec::new, |cutover| cutover.names.clone());
    let vars = vars.map_or_else(Default::default, |node| vars::read(node, &names, source));
    let secrets = secrets.map_or_else(Secrets::default, |node| Secrets::read(node, base, source));
    let known = Known { vars: &vars, secrets: &secrets };
    let every = every.map_or(Some(WATCH_NAMES_EVERY), |node| interval(node, OFTENEST, source));
    let plans = journeys.map_or_else(Vec::new, |node| journeys::read(node, base, known, elsewhere, source));
    let around = devices::Around { base, names: &names, operator: operator.is_some() };
    let mut fleets = devices.map_or_else(Vec::new, |node| devices::read(node, around, elsewhere, source));
    if let Some(all) = bind.map(|node| devices::sources(node, source)) {
        let without = fleets.iter_mut().filter(|fleet| fleet.scale.sources.ranges().is_empty());
        without.for_each(|fleet| fleet.scale.sources.clone_from(&all));
    }
    let connects_per_second = connects.and_then(|node| devices::connects_per_second(node, source));
    let waves = waves.map_or_else(Vec::new, |node| waves::read(node, &fleets, source));
    let evidence = evidence.map_or_else(|| Some(Default::default()), |node| evidence::read(node, source));
    let alerts = alerts.map_or_else(|| Some(AlertPlan::default()), |node| alerts::read(node, base, source));
    let operator = operator.map_or(Some(None), |node| account::read(node, base, source).map(Some));
    let around = canaries::Around {
        base,
        names: &names,
        pins: cutover.as_ref().map(|cutover| &*cutover.pins),
        operator: operator.as_ref().and_then(Option::as_ref),
    };
    let real = real.map_or_else(Vec::new, |node| canaries::read(node, around, source));
    let serve = serve.map_or(Some(SERVE), |node| listening(node, source));
    let page = page.map_or(Some(None), |node| page::read(node, source).map(Some));
    let store = store.map_or(Some(None), |node| store::read(node, base, source).map(Some));
    let browser = browser.map_or_else(|| Some(Default::default()), |node| browser::read(node, base, source));
    let artifacts = match artifacts {
        Some(node) => artifacts::read(node, base, source).map(Some),
        None => Some(store.as_ref().and_then(|store| artifacts::beside(store.as_ref()))),
    };
    let authority = trust::single(trust, base, source);
    let trust = trust::read(trust, base, source);
    let resolvers = resolvers.map_or_else(Vec::new, |node| resolvers::read(node, source));
    Some(Config {
        cutover: cutover?,
        resolvers,
        watch_names_every: every?,
        journeys: plans,
        fleets,
        connects_per_second,
        waves,
        canaries: real,
        evidence: evidence?,
        operator: operator?,
        alerts: alerts?,
        serve: serve?,
        page: page?,
        store: store?,
        browser: browser?,
        artifacts: artifacts?,
        trust: trust?,
        authority,
        vars: Arc::new(vars),
        secrets,
        remarks: Vec::new(),
    })
}

/// Whether a document that is not known by a key of its own has any of a configuration's.
pub(crate) fn resembles(node: &Node) -> bool {
    let Kind::Map(entries) = &node.kind else { return false };
    let known = CONFIGURATION.keys();
    entries.iter().any(|(key, _)| known.contains(&key.name.as_str()))
}

/// Whether a configuration can be made of the document; what it is instead is complained of.
fn is_configuration(node: &Node, source: &mut Source<'_>) -> bool {
    let message = match Subject::of(node) {
        Subject::Journey => "this is a journey, not a configuration",
        Subject::Steps => "these are steps for journeys to include, not a configuration",
        Subject::Unknown if node.is_mapping() && !resembles(node) => {
            "this is no configuration: it has no key of one"
        }
        Subject::Configuration | Subject::Unknown => return true,
    };
    let help = "a configuration begins with `cutover:`".to_owned();
    source.complain(node.place(), message, Some(help));
    false
}

/// Whether the sections of what is done are left out, or are there and empty. What is of a wrong kind is complained of
/// elsewhere.
fn is_idle(node: &Node) -> bool {
    let Kind::Map(sections) = &node.kind else { return false };
    let busy = |(key, section): &(Key, Node)| {
        ["journeys", "devices", "canaries"].contains(&key.name.as_str())
            && match &section.kind {
                Kind::List(items) => !items.is_empty(),
                Kind::Map(entries) => !entries.is_empty(),
                _ => true,
            }
    };
    !sections.iter().any(busy)
}
