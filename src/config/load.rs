//! The file as a whole.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use document::{Diagnostic, Fields, Node, Rejected, Source};
use probes::Trust;

use super::values::socket;
use super::{AlertPlan, Config, alerts, cutover_section, devices, evidence, journeys, resolvers};

/// Where the page, the API and the metrics are served if nobody says otherwise.
const SERVE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9900);

/// How often each resolver is asked if nobody says otherwise.
const WATCH_NAMES_EVERY: Duration = Duration::from_secs(5);

/// The largest configuration that is read.
const LARGEST: u64 = 4 << 20;

/// Reads and checks the configuration at `path`, and every journey that it names.
///
/// # Errors
/// Everything that is wrong, each with its file, line and column.
pub(crate) fn load(path: &Path) -> Result<Config, Rejected> {
    let file = path.display().to_string();
    let whole = |message: String| Rejected(vec![Diagnostic::of_file(&file, message)]);
    let size = std::fs::metadata(path).map_err(|error| whole(format!("cannot be read: {error}")))?.len();
    if size > LARGEST {
        return Err(whole(format!("{size} bytes are no configuration: at most {LARGEST} are read")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| whole(format!("cannot be read: {error}")))?;
    let base = path.parent().unwrap_or_else(|| Path::new(""));
    let mut source = Source::new(&file, &text);
    let mut elsewhere = Vec::new();
    let config = Node::read(&mut source).and_then(|node| read(&node, base, &mut elsewhere, &mut source));
    match config {
        Some(config) if source.is_clean() && elsewhere.is_empty() => Ok(config),
        _ => {
            let mut rejected = source.into_rejected();
            rejected.0.append(&mut elsewhere);
            Err(rejected)
        }
    }
}

fn read(
    node: &Node,
    base: &Path,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<Config> {
    let mut fields = Fields::of(node, "the configuration", source)?;
    let cutover = fields.require("cutover", source);
    let (resolvers, every) = (fields.take("resolvers"), fields.take("watch-names-every"));
    let (journeys, devices) = (fields.take("journeys"), fields.take("devices"));
    let (evidence, alerts) = (fields.take("evidence"), fields.take("alerts"));
    let operator = fields.take("operator");
    let (serve, trust, vars) = (fields.take("serve"), fields.take("trust"), fields.take("vars"));
    fields.finish(source);
    let vars = Arc::new(vars.map_or_else(BTreeMap::new, |node| variables(node, source)));
    let cutover = cutover.and_then(|node| cutover_section::read(node, source));
    let every = every.map_or(Some(WATCH_NAMES_EVERY), |node| node.duration(source));
    let plans = journeys.map_or_else(Vec::new, |node| journeys::read(node, base, &vars, elsewhere, source));
    let fleets = devices.map_or_else(Vec::new, |node| devices::read(node, base, source));
    if journeys.is_none() && devices.is_none() {
        let help = "add `journeys:` or `devices:`".to_owned();
        source.complain(fields_place(node), "nothing is to be done".to_owned(), Some(help));
    }
    let evidence = evidence.map_or_else(|| Some(Default::default()), |node| evidence::read(node, source));
    let alerts = alerts.map_or_else(|| Some(AlertPlan::default()), |node| alerts::read(node, base, source));
    let operator = operator.map_or(Some(None), |node| super::account::read(node, base, source).map(Some));
    let serve = serve.map_or(Some(SERVE), |node| socket(node, None, None, source));
    let trust = authorities(trust, base, source);
    let resolvers = resolvers.map_or_else(Vec::new, |node| resolvers::read(node, source));
    Some(Config {
        cutover: cutover?,
        resolvers,
        watch_names_every: every?,
        journeys: plans,
        fleets,
        evidence: evidence?,
        operator: operator?,
        alerts: alerts?,
        serve: serve?,
        trust: trust?,
        vars,
    })
}

fn fields_place(node: &Node) -> document::Place {
    document::Place { width: 1, ..node.place() }
}

fn variables(node: &Node, source: &mut Source<'_>) -> BTreeMap<String, String> {
    let mut vars = BTreeMap::new();
    for (key, value) in node.entries("variables with their values", source).unwrap_or_default() {
        vars.extend(value.text(source).map(|text| (key.name.clone(), text)));
    }
    vars
}

/// The certificate authorities to trust beside the public ones.
fn authorities(node: Option<&Node>, base: &Path, source: &mut Source<'_>) -> Option<Trust> {
    let mut own = Vec::new();
    if let Some(node) = node {
        own = super::values::one_or_more(node, source, |node, source| pem(node, base, source));
    }
    match Trust::new(&own) {
        Ok(trust) => Some(trust),
        Err(error) => {
            source.complain(node.map_or_else(Default::default, Node::place), error.to_string(), None);
            None
        }
    }
}

/// The content of a certificate file; its path counts from the configuration's own folder.
pub(super) fn pem(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Vec<u8>> {
    let path = base.join(node.text(source)?);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            source.complain(node.place(), format!("{} cannot be read: {error}", path.display()), None);
            None
        }
    }
}
