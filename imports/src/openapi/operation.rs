//! One operation, and the step that it becomes.

use std::collections::HashMap;

use super::example::{Examples, given, plain};
use super::order::{Order, shape};
use super::schema::Spec;
use super::security;
use crate::bodies;
use crate::doc::{Json, Tree};
use crate::draft::{Body, Draft, Field, Save, Step};
use crate::names::words;
use crate::secrets::in_url;
use crate::target::Target;
use crate::text::Text;
use crate::tokens::step_into;

/// One operation.
#[derive(Debug)]
pub(super) struct Operation<'t> {
    pub(super) method: &'static str,
    pub(super) path: &'t str,
    /// What is said of all operations on the path.
    item: &'t Tree,
    told: &'t Tree,
}

impl<'t> Operation<'t> {
    pub(super) const fn new(method: &'static str, path: &'t str, item: &'t Tree, told: &'t Tree) -> Self {
        Self { method, path, item, told }
    }

    /// What it is about: the path up to its first parameter.
    pub(super) fn resource(&self) -> &'t str {
        self.path.split('{').next().unwrap_or_default().trim_end_matches('/')
    }

    /// Where it stands among those of the same resource.
    pub(super) fn rank(&self) -> usize {
        super::METHODS.iter().position(|method| *method == self.method).unwrap_or_default()
    }

    /// The parameters of its path, each with the path up to it.
    pub(super) fn parameters_of_path(&self) -> Vec<(String, &'t str)> {
        let mut found = Vec::new();
        let mut so_far = String::new();
        for part in self.path.trim_matches('/').split('/') {
            so_far = format!("{so_far}/{}", shape(part));
            if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                found.push((so_far.clone(), name));
            }
        }
        found
    }

    /// What its path needs.
    pub(super) fn needs(&self) -> Vec<String> {
        self.parameters_of_path().into_iter().map(|(need, _)| need).collect()
    }

    /// The status of success, as it is written, and what is answered then.
    pub(super) fn success(&self, spec: &Spec<'t>) -> Option<(&'t str, &'t Tree)> {
        let answers = self.told.get("responses")?.fields();
        let good = |(status, _): &&(String, Tree)| status.starts_with(['2', '3']);
        let best = answers.iter().filter(good).min_by_key(|(status, _)| status.as_str());
        let best = best.or_else(|| answers.iter().find(|(status, _)| status == "default"));
        best.map(|(status, answer)| (status.as_str(), spec.resolve(answer)))
    }

    /// Its parameters; one of its own takes the place of the path's.
    fn parameters(&self, spec: &Spec<'t>) -> Vec<&'t Tree> {
        let mut found: Vec<&Tree> = Vec::new();
        for parameter in self.told.list("parameters").iter().chain(self.item.list("parameters")) {
            let parameter = spec.resolve(parameter);
            let key = |one: &Tree| (one.text("name").map(str::to_owned), one.text("in").map(str::to_owned));
            if !found.iter().any(|other| key(other) == key(parameter)) {
                found.push(parameter);
            }
        }
        found
    }
}

/// What the making of steps shares.
pub(super) struct Making<'m, 't> {
    spec: &'m Spec<'t>,
    order: &'m Order<'t>,
    base: String,
    pub(super) draft: &'m mut Draft,
    /// The variables of the ids, by the path that needs them.
    ids: HashMap<String, String>,
}

impl<'m, 't> Making<'m, 't> {
    pub(super) fn new(spec: &'m Spec<'t>, order: &'m Order<'t>, base: String, draft: &'m mut Draft) -> Self {
        for need in &draft.needs {
            draft.names.variable(need);
        }
        Self { spec, order, base, draft, ids: HashMap::new() }
    }

    /// The step that an operation becomes.
    pub(super) fn step(&mut self, operation: &Operation<'t>) -> Step {
        let told = operation.told;
        let mut examples = Examples::new(self.spec);
        let mut step = Step {
            name: told.text("operationId").map(words).or_else(|| told.text("summary").map(str::to_owned)),
            method: operation.method.to_ascii_uppercase(),
            target: self.target(operation, &mut examples),
            ..Step::default()
        };
        for parameter in operation.parameters(self.spec) {
            self.put_parameter(&mut step, parameter, &mut examples);
        }
        security::put(&mut step, self.spec, told, &mut examples);
        if let Some(body) = told.get("requestBody") {
            self.put_body(&mut step, self.spec.resolve(body), &mut examples);
        }
        self.put_expectations(&mut step, operation);
        step.save = self.saves(operation);
        for secret in examples.secrets {
            self.draft.secrets.entry(secret).or_default();
        }
        step
    }

    fn target(&self, operation: &Operation<'t>, examples: &mut Examples<'_, 't>) -> Target {
        // A base that is no whole URL is only the path in front: where that is must be told.
        let origin = match Target::of(&self.base) {
            Ok(_) => Text::from(self.base.as_str()),
            Err(_) => {
                let mut origin = Text::filled("api");
                origin.append(Text::from(self.base.as_str()));
                origin
            }
        };
        let mut path = Vec::new();
        let mut so_far = String::new();
        for part in operation.path.trim_start_matches('/').split('/') {
            so_far = format!("{so_far}/{}", shape(part));
            path.push(self.segment(&so_far, part, operation, examples));
        }
        Target { origin, path, ..Target::default() }
    }

    /// A segment of the path; a parameter is filled in with what an answer gave, or else with an example.
    fn segment(
        &self,
        so_far: &str,
        part: &str,
        operation: &Operation<'t>,
        examples: &mut Examples<'_, 't>,
    ) -> Text {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            return part.into();
        };
        if let Some(id) = self.ids.get(so_far) {
            return Text::filled(id.as_str());
        }
        let parameters = operation.parameters(self.spec);
        let of_name =
            |parameter: &&&Tree| parameter.text("in") == Some("path") && parameter.text("name") == Some(name);
        match parameters.iter().find(of_name) {
            Some(parameter) => self.parameter_value(name, parameter, examples),
            None => "1".into(),
        }
    }

    fn parameter_value(&self, name: &str, parameter: &'t Tree, examples: &mut Examples<'_, 't>) -> Text {
        if let Some(given) = given(parameter) {
            return plain(&given.to_json());
        }
        match parameter.get("schema") {
            Some(schema) => examples.plain(name, schema),
            None => "text".into(),
        }
    }

    fn put_parameter(&self, step: &mut Step, parameter: &'t Tree, examples: &mut Examples<'_, 't>) {
        let (Some(name), true) = (parameter.text("name"), parameter.flag("required")) else { return };
        match parameter.text("in") {
            Some("query") => {
                let value = self.parameter_value(name, parameter, examples);
                step.target.query.push((encoded(name), in_url(&value)));
            }
            Some("header") => {
                let value = self.parameter_value(name, parameter, examples);
                if http::HeaderName::try_from(name).is_ok() {
                    step.add_header(name, value);
                }
            }
            Some("cookie") => {
                step.cookies.push((name.to_owned(), self.parameter_value(name, parameter, examples)));
            }
            _ => {}
        }
    }

    fn put_body(&self, step: &mut Step, body: &'t Tree, examples: &mut Examples<'_, 't>) {
        let Some((mime, media)) = self.spec.media(body) else { return };
        let value = match given(media) {
            Some(given) => Some(given.to_json()),
            None => media.get("schema").and_then(|schema| examples.value("", schema, 0)),
        };
        let fields = |value: &Json| -> Vec<(String, Text)> {
            value.fields().iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        };
        let body = match (bodies::essence(mime).as_str(), value) {
            (_, None) => return,
            (essence, Some(value)) if essence.ends_with("json") => Body::Json(value),
            ("application/x-www-form-urlencoded", Some(value)) => Body::Form(fields(&value)),
            ("multipart/form-data", Some(value)) => {
                let field = |(name, value)| (name, Field::Text(value));
                Body::Multipart(fields(&value).into_iter().map(field).collect())
            }
            (essence, Some(Json::Text(text))) if essence.starts_with("text/") => Body::Text(text),
            (essence, Some(_)) => {
                step.remarks.push(format!("A body of the type {essence} is missing here."));
                return;
            }
        };
        bodies::put_body(step, Some(mime), body);
    }

    fn put_expectations(&self, step: &mut Step, operation: &Operation<'t>) {
        const MOST: usize = 10;
        let Some((status, answer)) = operation.success(self.spec) else {
            step.expect.push("status < 400".to_owned());
            return;
        };
        step.expect.push(match status.parse::<u16>() {
            Ok(status) if (100..600).contains(&status) => format!("status == {status}"),
            _ if status.starts_with('2') => "status < 300".to_owned(),
            _ => "status < 400".to_owned(),
        });
        let Some((mime, media)) = self.spec.media(answer) else { return };
        if !bodies::essence(mime).ends_with("json") || operation.method == "head" {
            return;
        }
        step.expect.push("header content-type contains json".to_owned());
        let Some(schema) = media.get("schema").map(|schema| self.spec.resolve(schema)) else { return };
        let required = self.spec.properties(schema).into_iter().filter(|(.., required)| *required);
        step.expect
            .extend(required.take(MOST).map(|(name, ..)| format!("json {} exists", step_into("$", name))));
    }

    /// What later paths need of its answer.
    fn saves(&mut self, operation: &Operation<'t>) -> Vec<Save> {
        let mut saves: Vec<Save> = Vec::new();
        let gives = self.order.givers.iter();
        let mut gives: Vec<_> = gives
            .filter(|(_, giver)| giver.method == operation.method && giver.path == operation.path)
            .collect();
        gives.sort_by_key(|(need, _)| need.as_str());
        for (need, giver) in gives {
            let same = saves.iter().find(|save| save.query == giver.query).map(|save| save.name.clone());
            let name = same.unwrap_or_else(|| {
                let name = self.draft.names.variable(&giver.name);
                saves.push(Save { name: name.clone(), query: giver.query.clone(), secret: false });
                name
            });
            self.ids.insert(need.clone(), name);
        }
        saves
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
