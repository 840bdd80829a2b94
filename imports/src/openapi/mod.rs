//! Descriptions of APIs: OpenAPI 3.0 and 3.1. Every operation becomes a step with the values that its schemas give as
//! examples; what is created comes before it is read, and is deleted in `finally`.

mod example;
mod operation;
mod order;
mod schema;
mod security;

use operation::{Making, Operation};
use schema::Spec;

use crate::doc::Tree;
use crate::draft::Draft;
use crate::names::Names;
use crate::{ImportError, journey};

/// The methods of which a step can be made, as the description writes them.
const METHODS: [&str; 7] = ["post", "get", "head", "options", "put", "patch", "delete"];

/// Makes a draft of a description.
pub(crate) fn read(text: &str, name: &str) -> Result<Draft, ImportError> {
    let tree = parse(text)?;
    let version = tree.get("openapi").and_then(Tree::scalar).unwrap_or_default();
    if tree.get("swagger").is_some() {
        return Err(ImportError::new(
            "this is Swagger 2.0",
            "convert it to OpenAPI 3 first: most editors for it do that",
        ));
    }
    if !version.starts_with("3.") {
        let help = "a description begins with `openapi: 3.0.3` or `openapi: 3.1.0`";
        return Err(ImportError::new("this is no OpenAPI 3: `openapi` is missing, or is no 3.x", help));
    }
    let spec = Spec::new(&tree);
    let paths = tree.get("paths").map(Tree::fields).unwrap_or_default();
    let mut operations = Vec::new();
    for (path, item) in paths {
        let item = spec.resolve(item);
        for method in METHODS {
            if let Some(told) = item.get(method) {
                operations.push(Operation::new(method, path, item, told));
            }
        }
    }
    if operations.is_empty() {
        return Err(ImportError::new(
            "there is no operation in it",
            "what was looked for are `get`, `post` .. below `paths`",
        ));
    }
    if operations.len() > journey::MOST_STEPS {
        return Err(ImportError::new(
            format!("it has {} operations", operations.len()),
            format!("at most {}: describe less at once", journey::MOST_STEPS),
        ));
    }
    let title = tree.get("info").and_then(|info| info.text("title"));
    let mut draft = Draft { names: Names::default(), ..Draft::new(title.unwrap_or(name)) };
    let base = base(&tree, &mut draft);
    let order = order::order(&spec, operations);
    let mut making = Making::new(&spec, &order, base, &mut draft);
    for planned in &order.steps {
        let step = making.step(planned);
        making.draft.steps.push(step);
    }
    for planned in &order.finally {
        let step = making.step(planned);
        making.draft.finally.push(step);
    }
    let outside = spec.outside();
    if outside > 0 {
        draft.remarks.push(format!(
            "References that lead out of the file were left out ({outside}): bundle it first."
        ));
    }
    // Nothing but deletions: then they are what there is to do.
    if draft.steps.is_empty() {
        draft.steps.append(&mut draft.finally);
    }
    Ok(draft)
}

fn parse(text: &str) -> Result<Tree, ImportError> {
    let help = "a description is one YAML or JSON document";
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            ImportError::at(error.line(), error.column(), format!("this is not JSON: {said}"), help)
        });
    }
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! { max_depth: 128, flow_nesting_limit: 128, max_nodes: 5_000_000 },
    };
    serde_yaml::from_str_with_options(text, options).map_err(|error| {
        let place = error
            .location()
            .map_or((1, 1), |location| (location.line() as usize, location.column() as usize));
        let said = error.without_snippet().to_string();
        let said = said.split(" at line ").next().unwrap_or_default().lines().next().unwrap_or_default();
        ImportError::at(place.0, place.1, format!("this is not YAML: {said}"), help)
    })
}

/// Where the API is: the first of its servers, with the defaults of what is variable in it.
fn base(tree: &Tree, draft: &mut Draft) -> String {
    let Some(server) = tree.list("servers").first() else {
        draft.needs.push("api".to_owned());
        return String::new();
    };
    let mut url = server.text("url").unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").map(Tree::fields).unwrap_or_default() {
        if let Some(default) = variable.get("default").and_then(Tree::scalar) {
            url = url.replace(&format!("{{{name}}}"), &default);
        }
    }
    if !url.contains("://") {
        draft.needs.push("api".to_owned());
    }
    url.trim_end_matches('/').to_owned()
}
