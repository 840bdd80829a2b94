//! `journeys:` which run, how often, and on which routes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::Route;
use document::{Diagnostic, Fields, Node, Source};
use journeys::{Journey, Known, Variant};

use super::JourneyPlan;
use super::values::{interval, one_or_more, parsed};

/// More often than this, starts would no longer be told apart from their own jitter.
const OFTENEST: Duration = Duration::from_millis(10);

const EXAMPLE: &str = "{ run: journeys/sign-up.yaml, every: 5s }";

/// Reads the section; what is wrong inside of the journeys' own files is added to `elsewhere`.
pub(super) fn read(
    node: &Node,
    base: &Path,
    known: Known<'_>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Vec<JourneyPlan> {
    let mut plans: Vec<JourneyPlan> = Vec::new();
    let what = "a list of journeys, such as `- { run: journeys/sign-up.yaml, every: 5s }`";
    for item in node.list(what, source).unwrap_or_default() {
        let of = one(item, base, known, elsewhere, source);
        let Some(name) = of.first().map(|plan| plan.journey.name()) else { continue };
        if plans.iter().any(|known| known.journey.name() == name) {
            let message = format!("two journeys are named `{name}`: their runs could not be told apart");
            let help =
                "its name is in the file's line `journey:`; to run it on more routes, add them to `on`";
            source.complain(item.field_place("run"), message, Some(help.to_owned()));
        } else {
            plans.extend(of);
        }
    }
    plans
}

/// A plan for each of the journey's variants; none if something is wrong.
fn one(
    node: &Node,
    base: &Path,
    known: Known<'_>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Vec<JourneyPlan> {
    let Some(mut fields) = Fields::like(node, "a journey", EXAMPLE, source) else { return Vec::new() };
    let (run, every) = (fields.require("run"), fields.require("every"));
    let on = fields.take("on");
    fields.finish(source);
    let every = every.and_then(|node| interval(node, OFTENEST, source));
    let on = on.map_or_else(|| vec![Route::Old, Route::New, Route::Live], |node| routes(node, source));
    let journey = run.and_then(|node| journey(node, base, known, elsewhere, source));
    let Some((journey, every)) = journey.map(Arc::new).zip(every) else { return Vec::new() };
    let plan = |variant: &Variant| {
        let (journey, variant, on) = (journey.clone(), variant.clone(), on.clone());
        JourneyPlan { journey, variant, every, on }
    };
    journey.variants().iter().map(plan).collect()
}

fn journey(
    node: &Node,
    base: &Path,
    known: Known<'_>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<Journey> {
    let path = base.join(node.text(source)?);
    let missing = match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => Some(format!("{} is a folder, no journey", path.display())),
        Ok(_) => None,
        Err(_) => Some(format!("there is no file {}", path.display())),
    };
    if let Some(message) = missing {
        let help = "the path counts from the folder of this configuration".to_owned();
        source.complain(node.place(), message, Some(help));
        return None;
    }
    let rejected = match Journey::load(&path, known) {
        Ok(journey) => return Some(journey),
        Err(rejected) => rejected.0,
    };
    for diagnostic in rejected {
        // A file may be named twice; what is wrong with it is told once.
        if !elsewhere.contains(&diagnostic) {
            elsewhere.push(diagnostic);
        }
    }
    None
}

fn routes(node: &Node, source: &mut Source<'_>) -> Vec<Route> {
    let mut routes = one_or_more(node, source, parsed::<Route>);
    routes.sort_unstable();
    routes.dedup();
    if node.items().is_some_and(<[_]>::is_empty) {
        let help = "leave `on` out for all of them".to_owned();
        source.complain(node.place(), "a journey runs on at least one route: old, new, live", Some(help));
    }
    routes
}
