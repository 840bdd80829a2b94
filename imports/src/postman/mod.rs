//! Collections of Postman's: 2.1 (<https://schema.postman.com/>). Folders in their order, variables, ways to sign in,
//! bodies, and of the scripts what is recognised: the status, what is looked at in the answer, what is kept of it.

mod dynamic;
mod request;
mod script;
mod variables;

use script::Patterns;
use variables::Variables;

use crate::ImportError;
use crate::doc::Tree;
use crate::draft::Draft;

/// Folders within folders, at most.
const DEEPEST: usize = 32;

/// Makes a draft of a collection.
pub(crate) fn read(text: &str, name: &str) -> Result<Draft, ImportError> {
    let tree: Tree = serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let help = "a collection is one JSON document, as Postman exports it";
        ImportError::at(error.line(), error.column(), format!("this is not JSON: {said}"), help)
    })?;
    // Some ways out of Postman put the collection into another object.
    let collection = tree.get("collection").filter(|inner| inner.get("item").is_some()).unwrap_or(&tree);
    if collection.get("item").is_none() {
        let help = "in Postman choose Export, Collection v2.1: {\"info\": {..}, \"item\": [..]}";
        let message = if tree.get("requests").is_some() {
            "this is a collection of version 1"
        } else {
            "this is no collection: `item` is missing"
        };
        return Err(ImportError::new(message, help));
    }
    let title = collection.get("info").and_then(|info| info.text("name"));
    let mut reading = Reading {
        draft: Draft::new(title.unwrap_or(name)),
        variables: Variables::of(collection),
        patterns: Patterns::new(),
    };
    let scope = Scope::default().within(collection, &mut reading);
    reading.items(collection.list("item"), &scope, DEEPEST)?;
    let Reading { mut draft, variables, .. } = reading;
    variables.finish(&mut draft);
    Ok(draft)
}

/// What the reading shares.
struct Reading {
    draft: Draft,
    variables: Variables,
    patterns: Patterns,
}

/// What a request has from the folders around it.
#[derive(Debug, Clone, Copy, Default)]
struct Scope<'t> {
    auth: Option<&'t Tree>,
}

impl<'t> Scope<'t> {
    /// The same, with what a folder says itself.
    fn within(self, folder: &'t Tree, reading: &mut Reading) -> Self {
        let lines = script::lines(folder, "prerequest").len() + script::lines(folder, "test").len();
        if lines > 0 {
            let name = folder.text("name").unwrap_or("the whole collection");
            reading
                .draft
                .remarks
                .push(format!("Scripts of {name} are not known here and were left out (lines: {lines})."));
        }
        Self { auth: folder.get("auth").or(self.auth) }
    }
}

impl Reading {
    fn items(&mut self, items: &[Tree], scope: &Scope<'_>, levels: usize) -> Result<(), ImportError> {
        if levels == 0 {
            return Err(ImportError::new(
                format!("folders are nested more than {DEEPEST} levels deep"),
                "export a folder alone",
            ));
        }
        for item in items {
            match item.get("item") {
                Some(Tree::List(inner)) => {
                    let within = scope.within(item, self);
                    self.items(inner, &within, levels - 1)?;
                }
                _ => self.request(item, scope),
            }
        }
        Ok(())
    }

    fn request(&mut self, item: &Tree, scope: &Scope<'_>) {
        let Some(request) = item.get("request") else { return };
        let name = item.text("name").unwrap_or_default();
        match request::step(request, scope.auth, &mut self.variables) {
            Ok(mut step) => {
                step.name = (!name.trim().is_empty()).then(|| name.to_owned());
                let before = script::lines(item, "prerequest").len();
                if before > 0 {
                    step.remarks.push(format!("A script that ran before it was left out (lines: {before})."));
                }
                self.patterns.test(&script::lines(item, "test"), &mut step, &mut self.variables);
                self.draft.steps.push(step);
            }
            Err(why) => self.draft.remarks.push(format!("Left out: {name}: {why}.")),
        }
    }
}
