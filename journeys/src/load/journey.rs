//! The whole file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use cutover::Series;

use super::Loader;
use super::creation::Creation;
use super::flow::Budget;
use super::step::Names;
use crate::data::Data;
use crate::journey::{Journey, Step};
use crate::secret::Secrets;
use crate::subject::Subject;
use crate::template::Template;
use document::{Diagnostic, Rejected, Remark, file};
use document::{Fields, Kind, Node};

/// What is known before a journey is read: the variables and secrets that the configuration gives.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Their names and values.
    pub vars: &'a BTreeMap<String, String>,
    /// The secrets beside them.
    pub secrets: &'a Secrets,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_FINALLY_TIMEOUT: Duration = Duration::from_secs(10);

/// Far beyond any journey.
const MOST_BYTES: u64 = 1024 * 1024;

impl Journey {
    /// Reads a journey from a file and checks all of it.
    ///
    /// # Errors
    /// Everything that is wrong with the file, each with its place.
    pub fn load(path: &Path, known: Known<'_>) -> Result<Self, Rejected> {
        let name = path.display().to_string();
        let text = file::text(path, MOST_BYTES).map_err(|why| {
            let message = format!("the journey cannot be read: {why}");
            Rejected(vec![Diagnostic::of_file(&name, message)])
        })?;
        Self::parse(&text, &name, known)
    }

    /// Reads a journey from text; `file` is its name in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with its place.
    pub fn parse(source: &str, file: &str, known: Known<'_>) -> Result<Self, Rejected> {
        let mut loader = Loader::new(file, source);
        loader.given = known.vars.clone();
        loader.secrets = known.secrets.clone();
        loader.workshop.knows(known.vars, known.secrets);
        loader.scope = known.vars.keys().cloned().collect();
        loader.scope.extend(["run.id".to_owned(), "run.route".to_owned()]);
        let node = Node::read(&mut loader.source);
        let node = node.filter(|node| Subject::is_journey(node, &mut loader.source));
        let journey = node.and_then(|node| loader.journey(&node));
        match journey {
            Some(parts) if loader.is_clean() => Ok(parts.finish(loader)),
            _ => Err(loader.into_rejected()),
        }
    }
}

struct Parts {
    name: String,
    timeout: Duration,
    secrets: Secrets,
    finally_timeout: Duration,
    data: Option<Data>,
    vars: Vec<(String, Template)>,
    steps: Vec<Step>,
    finally: Vec<Step>,
}

impl Parts {
    fn finish(self, loader: Loader<'_>) -> Journey {
        let Self { name, timeout, finally_timeout, secrets, data, vars, steps, finally } = self;
        let (inclusions, _) = loader.including.end();
        let mut remarks: Vec<_> = loader.source.remarks().into_iter().chain(loader.uses.remarks()).collect();
        remarks.sort_by(|Remark(a), Remark(b)| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Journey {
            name: name.into(),
            timeout,
            finally_timeout,
            variants: loader.variants,
            secrets,
            data,
            vars,
            inclusions,
            steps,
            finally,
            remarks,
            environment: loader.workshop.finish(),
        }
    }
}

impl Loader<'_> {
    fn journey(&mut self, node: &Node) -> Option<Parts> {
        let mut fields = Fields::of(node, "a journey", &mut self.source)?;
        self.note_makers(node);
        let name = fields.require("journey").and_then(|node| self.journey_name(node));
        let timeout = fields.take("timeout").map(|node| node.duration(&mut self.source));
        let timeout = timeout.unwrap_or(Some(DEFAULT_TIMEOUT));
        let own = fields.take("secrets");
        if let Some(Node { kind: Kind::Map(entries), .. }) = own {
            entries.iter().for_each(|(key, _)| self.declared(&format!("secret.{}", key.name), key.place));
        }
        let own = own.map(|node| Secrets::read(node, &self.base, &mut self.source));
        let secrets = own.map_or_else(|| self.secrets.clone(), |own| own.over(&self.secrets));
        self.secrets = secrets.clone();
        self.workshop.knows(&self.given, &secrets);
        self.scope.extend(secrets.names().map(|name| format!("secret.{name}")));
        let finally_timeout = fields.take("finally-timeout");
        if let Some(variants) = fields.take("variants") {
            self.variants(variants);
        }
        let data = fields.take("data").and_then(|node| {
            let data = self.data(node);
            if !self.scope.iter().any(|name| name.starts_with("data.")) {
                self.unknowable.insert("data");
            }
            data
        });
        let vars = fields.take("vars").map(|node| self.vars(node)).unwrap_or_default();
        let mut names = Names::new();
        let has_finally = !fields.present(&["finally"]).is_empty();
        let steps = fields.require("steps").map_or_else(Vec::new, |node| {
            self.creation = if has_finally { Creation::Welcome } else { Creation::Left };
            let steps = self.steps(node, timeout.map(Budget::Journey), &mut names);
            self.check_idle(node, &steps);
            steps
        });
        let limit =
            finally_timeout.map_or(Some(DEFAULT_FINALLY_TIMEOUT), |node| node.duration(&mut self.source));
        let finally = fields.take("finally");
        if let Some(given) = finally_timeout.filter(|_| finally.is_none()) {
            self.source.complain(given.place, "`finally-timeout` without `finally`", None);
        }
        self.creation = Creation::TooLate;
        let budget = limit.map(Budget::Finally);
        let finally = finally.map(|node| self.steps(node, budget, &mut names)).unwrap_or_default();
        fields.finish(&mut self.source);
        self.check_sweep(&steps, &finally);
        Some(Parts {
            name: name?,
            timeout: timeout?,
            finally_timeout: limit?,
            secrets,
            data,
            vars,
            steps,
            finally,
        })
    }

    /// What is made must be taken away, also after a crash, by somebody who knows no secret of the run.
    fn check_sweep(&mut self, steps: &[Step], finally: &[Step]) {
        if !steps.iter().any(|step| step.creates.is_some()) {
            return;
        }
        let mut secret: BTreeSet<_> = steps
            .iter()
            .flat_map(|step| &step.save)
            .filter(|save| save.secret)
            .map(|save| &save.name)
            .collect();
        for step in finally {
            if let Some(name) = step.needs.iter().find(|name| secret.contains(name)) {
                let message =
                    format!("`{name}` is secret, and so it is not there when `serin sweep` does this");
                let help = "sign in again in `finally`, and save it there".to_owned();
                if step.at.file == *self.source.file() {
                    self.source.remark(step.at.place(), message, Some(help));
                }
            }
            step.save.iter().for_each(|save| {
                secret.remove(&save.name);
            });
        }
    }

    fn journey_name(&mut self, node: &Node) -> Option<String> {
        let name = node.text(&mut self.source)?;
        if Series::is_ambiguous(&name) {
            let help = "what differs between them is said by `variants:`".to_owned();
            self.source.complain(node.place, "a name that ends like that of a variant", Some(help));
        }
        Some(name)
    }

    /// Variables, in their order: each may use those before it.
    fn vars(&mut self, node: &Node) -> Vec<(String, Template)> {
        let entries = node.entries("names and values", &mut self.source).unwrap_or_default();
        let mut vars = Vec::new();
        for (key, value) in entries {
            let template = self.template(value);
            if self.variable_name(key) {
                self.declared(&key.name, key.place);
                vars.extend(template.map(|template| (key.name.clone(), template)));
            }
            self.scope.insert(key.name.clone());
        }
        vars
    }

    pub(super) fn steps(&mut self, node: &Node, budget: Option<Budget>, names: &mut Names) -> Vec<Step> {
        let items = node.list("a list of steps", &mut self.source).unwrap_or_default();
        if items.is_empty() && matches!(node.kind, Kind::List(_)) {
            self.source.complain(node.place, "there are no steps in this list", None);
        }
        let mut steps = Vec::new();
        for item in items {
            if let Some(included) = self.include(item, budget, names) {
                steps.extend(included);
                continue;
            }
            let Some(step) = self.step(item, names) else { continue };
            if let Some(budget) = budget {
                self.check_times(item, &step, budget);
            }
            // What was not saved is no mistake in finally: such a step is skipped.
            if !matches!(budget, Some(Budget::Finally(_))) {
                self.check_variants(item, &step);
            }
            steps.push(step);
        }
        steps
    }
}
