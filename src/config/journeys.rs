//! `journeys:` which run, how often, and on which routes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::Route;
use document::{Diagnostic, Fields, Node, Source};
use journeys::{Journey, Known};

use super::JourneyPlan;
use super::values::{one_or_more, parsed};

/// More often than this, starts would no longer be told apart from their own jitter.
const OFTENEST: Duration = Duration::from_millis(10);

/// Reads the section; what is wrong inside of the journeys' own files is added to `elsewhere`.
pub(super) fn read(
    node: &Node,
    base: &Path,
    vars: &BTreeMap<String, String>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Vec<JourneyPlan> {
    let mut plans: Vec<JourneyPlan> = Vec::new();
    for item in node.list("a list of journeys", source).unwrap_or_default() {
        let Some(plan) = one(item, base, vars, elsewhere, source) else { continue };
        if plans.iter().any(|known| known.journey.name() == plan.journey.name()) {
            let message = format!(
                "two journeys are named `{}`: their runs could not be told apart",
                plan.journey.name()
            );
            source.complain(item.field_place("run"), message, None);
        } else {
            plans.push(plan);
        }
    }
    plans
}

fn one(
    node: &Node,
    base: &Path,
    vars: &BTreeMap<String, String>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<JourneyPlan> {
    let mut fields = Fields::of(node, "a journey", source)?;
    let (run, every) = (fields.require("run", source), fields.require("every", source));
    let on = fields.take("on");
    fields.finish(source);
    let every = every.and_then(|node| {
        let every = node.duration(source)?;
        if every < OFTENEST {
            source.complain(node.place(), "a journey starts every 10ms at most".to_owned(), None);
        }
        Some(every)
    });
    let on = on.map_or_else(|| vec![Route::Old, Route::New, Route::Live], |node| routes(node, source));
    let journey = run.and_then(|node| {
        let path = base.join(node.text(source)?);
        if !path.is_file() {
            source.complain(node.place(), format!("there is no file {}", path.display()), None);
            return None;
        }
        let loaded = Journey::load(&path, Known { vars });
        loaded.map_err(|rejected| elsewhere.extend(rejected.0)).ok()
    });
    Some(JourneyPlan { journey: Arc::new(journey?), every: every?, on })
}

fn routes(node: &Node, source: &mut Source<'_>) -> Vec<Route> {
    let mut routes = one_or_more(node, source, parsed::<Route>);
    routes.sort_unstable();
    routes.dedup();
    if routes.is_empty() && source.is_clean() {
        source.complain(
            node.place(),
            "a journey runs on at least one route: old, new, live".to_owned(),
            None,
        );
    }
    routes
}
