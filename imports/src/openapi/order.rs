//! The order of the steps: what is created comes before it is read, changed and, in `finally`, deleted; and which
//! answer gives the id that a path needs.

use std::collections::HashMap;

use super::operation::Operation;
use super::schema::Spec;
use crate::doc::Tree;
use crate::names::singular;
use crate::tokens::step_into;

/// Operations in the order in which they are carried out.
#[derive(Debug)]
pub(super) struct Order<'t> {
    pub(super) steps: Vec<Operation<'t>>,
    pub(super) finally: Vec<Operation<'t>>,
    /// Which operation gives what a path needs, by the path up to the parameter, `/users/{}`.
    pub(super) givers: HashMap<String, Giver>,
}

/// An answer that holds an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Giver {
    pub(super) method: &'static str,
    pub(super) path: String,
    /// Where in the answer it is.
    pub(super) query: String,
    /// What it is called.
    pub(super) name: String,
}

/// Puts them in order.
pub(super) fn order<'t>(spec: &Spec<'t>, operations: Vec<Operation<'t>>) -> Order<'t> {
    let givers = givers(spec, &operations);
    let mut resources: Vec<&str> = Vec::new();
    for operation in &operations {
        let resource = operation.resource();
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    let place: HashMap<_, _> =
        resources.iter().enumerate().map(|(place, resource)| ((*resource).to_owned(), place)).collect();
    let key = |operation: &Operation<'_>| {
        (
            place.get(operation.resource()).copied(),
            operation.rank(),
            operation.needs().len(),
            operation.path.to_owned(),
        )
    };
    let (mut finally, mut waiting): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|operation| operation.method == "delete");
    waiting.sort_by_key(|operation| key(operation));
    // What was made last goes first, and what is within something before that.
    finally.sort_by(|a, b| {
        (place.get(b.resource()), b.needs().len()).cmp(&(place.get(a.resource()), a.needs().len()))
    });
    Order { steps: ready_first(waiting, &givers), finally, givers }
}

/// Each comes after those whose answers it needs. Where they need each other in a ring, one has to begin.
fn ready_first<'t>(mut waiting: Vec<Operation<'t>>, givers: &HashMap<String, Giver>) -> Vec<Operation<'t>> {
    let mut steps: Vec<Operation<'t>> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|operation| {
            operation.needs().iter().filter_map(|need| givers.get(need)).all(|giver| {
                let gives = |step: &Operation<'_>| step.method == giver.method && step.path == giver.path;
                steps.iter().any(gives) || !waiting.iter().any(gives) || gives(operation)
            })
        });
        let next = waiting.remove(ready.unwrap_or(0));
        steps.push(next);
    }
    steps
}

/// For each place where a path needs an id, the answer that gives one: of what is created, or of what is listed.
fn givers<'t>(spec: &Spec<'t>, operations: &[Operation<'t>]) -> HashMap<String, Giver> {
    let mut givers = HashMap::new();
    for operation in operations {
        for (need, parameter) in operation.parameters_of_path() {
            if givers.contains_key(&need) {
                continue;
            }
            let Some((collection, _)) = need.rsplit_once('/') else { continue };
            let of = |method: &str| {
                let mut all = operations.iter();
                all.find(|other| other.method == method && shape(other.path) == collection)
            };
            let made = of("post").and_then(|other| giver(spec, other, parameter));
            let listed = || of("get").and_then(|other| giver(spec, other, parameter));
            if let Some(giver) = made.or_else(listed) {
                givers.insert(need, giver);
            }
        }
    }
    givers
}

fn giver<'t>(spec: &Spec<'t>, operation: &Operation<'t>, parameter: &str) -> Option<Giver> {
    let (_, answer) = operation.success(spec)?;
    let (_, media) = spec.media(answer)?;
    let schema = spec.resolve(media.get("schema")?);
    let noun = operation.path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'))?;
    let found = |query: String, field: &str| Giver {
        method: operation.method,
        path: operation.path.to_owned(),
        query: format!("json {query}"),
        name: if field == "id" { singular(noun) } else { field.to_owned() },
    };
    if operation.method == "post" {
        let field = id_of(spec, schema, parameter)?;
        return Some(found(step_into("$", field), field));
    }
    // A list, or a page with a list in it.
    if let Some(items) = schema.get("items") {
        let field = id_of(spec, items, parameter)?;
        return Some(found(step_into("$[0]", field), field));
    }
    let lists = spec.properties(schema).into_iter().filter_map(|(name, property, _)| {
        let items = spec.resolve(property).get("items")?;
        Some((name, id_of(spec, items, parameter)?))
    });
    let (name, field) = lists.into_iter().next()?;
    Some(found(step_into(&format!("{}[0]", step_into("$", name)), field), field))
}

/// The property that holds the id: of the parameter's own name, or `id`, or what ends in the parameter's name.
fn id_of<'t>(spec: &Spec<'t>, schema: &'t Tree, parameter: &str) -> Option<&'t str> {
    let properties = spec.properties(schema);
    let same = |a: &str, b: &str| crate::names::identifier(a) == crate::names::identifier(b);
    let exact = properties.iter().find(|(name, ..)| same(name, parameter));
    let id = || {
        let ends = crate::names::identifier(parameter);
        let about_id = ends == "id" || ends.ends_with("_id") || ends.ends_with("id");
        properties.iter().find(|(name, ..)| about_id && *name == "id")
    };
    exact.or_else(id).map(|(name, ..)| *name)
}

/// A path without the names of its parameters: `/users/{userId}` is `/users/{}`.
pub(super) fn shape(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
    path.trim_end_matches('/').split('/').map(part).collect::<Vec<_>>().join("/")
}
