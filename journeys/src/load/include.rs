//! `include`: steps that stand in a file of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use document::{Diagnostic, Fields, Kind, Node, Source, file};

use super::Loader;
use super::flow::Budget;
use super::step::Names;
use crate::journey::{Inclusion, Step};
use crate::subject::Subject;
use crate::template::Template;

/// Who includes more deeply than this has lost sight of what happens.
const DEEPEST: usize = 4;
/// The variables of no group: which there are is not known when a file that may save some could not be included.
pub(super) const SAVED: &str = "";
/// All of a journey's together.
const MOST: usize = 100;
/// As of a journey itself.
const LARGEST: u64 = 1 << 20;

/// What is known of the files that include each other, and of the one that is being read.
#[derive(Debug, Default)]
pub(crate) struct Including {
    /// The files that are being read, each included by the one before it.
    files: Vec<PathBuf>,
    /// How many were included so far.
    count: usize,
    /// What is wrong with them.
    elsewhere: Vec<Diagnostic>,
    /// What each of them was given.
    inclusions: Vec<Inclusion>,
    /// That of the file that is being read.
    current: Option<usize>,
    /// Where each of them is included, the journey's own file aside.
    sites: Vec<String>,
    /// Its variables, with those that they need themselves.
    given: BTreeMap<String, BTreeSet<String>>,
}

impl Including {
    pub(crate) fn begin(file: &str) -> Self {
        Self { files: vec![known_as(Path::new(file))], ..Self::default() }
    }

    /// The one that the steps being read belong to.
    pub(crate) const fn current(&self) -> Option<usize> {
        self.current
    }

    /// What a variable that the file was given needs in turn; `None` of any other.
    pub(crate) fn needs_of(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.given.get(name)
    }

    /// Notes what is wrong with the file that was read last, and how that came to be read.
    fn found(&mut self, diagnostics: Vec<Diagnostic>) {
        let sites: Vec<_> = self.sites.iter().rev().map(String::as_str).collect();
        let included = format!("included at {}", sites.join(", from "));
        self.sites.pop();
        for mut diagnostic in diagnostics {
            let same = |other: &&Diagnostic| {
                let of = |it: &Diagnostic| (it.file.clone(), it.line, it.column, it.message.clone());
                of(other) == of(&diagnostic)
            };
            // A file may be included twice; what is wrong with it is told once.
            if self.elsewhere.iter().find(same).is_none() {
                let help = diagnostic.help.take();
                let help = help.map_or_else(|| included.clone(), |help| format!("{help}; {included}"));
                self.elsewhere.push(Diagnostic { help: Some(help), ..diagnostic });
            }
        }
    }

    pub(crate) const fn is_clean(&self) -> bool {
        self.elsewhere.is_empty()
    }

    /// Everything at the end: what each was given, and what is wrong with them.
    pub(crate) fn end(self) -> (Vec<Inclusion>, Vec<Diagnostic>) {
        (self.inclusions, self.elsewhere)
    }
}

impl Loader<'_> {
    /// The steps of another file, if this item of a list of steps includes one.
    pub(super) fn include(
        &mut self,
        node: &Node,
        budget: Option<Budget>,
        names: &mut Names,
    ) -> Option<Vec<Step>> {
        let Kind::Map(entries) = &node.kind else { return None };
        let included = entries.iter().any(|(key, _)| key.name == "include");
        if !included && entries.iter().any(|(key, _)| key.name == "name") {
            return None;
        }
        let mut fields =
            Fields::like(node, "an `include`", "{ include: shared/sign-in.yaml }", &mut self.source)?;
        if !included && !fields.misspelt(&["include"], &mut self.source) {
            return None;
        }
        let path = fields.take("include");
        let vars = fields.take("vars");
        fields.finish(&mut self.source);
        let given = vars.map(|node| self.given_vars(node)).unwrap_or_default();
        let opened = path.and_then(|node| self.open(node));
        let Some((path, text)) = opened else {
            self.unknowable.insert(SAVED);
            return Some(Vec::new());
        };
        self.including.sites.push(format!("{}:{}", self.source.file(), node.place().line));
        Some(self.within(&path, text, given, |loader, node| loader.included_steps(node, budget, names)))
    }

    /// The file that is meant, unless it includes itself, or there are too many.
    fn open(&mut self, node: &Node) -> Option<(PathBuf, String)> {
        let path = self.base.join(node.text(&mut self.source)?);
        let known = known_as(&path);
        self.including.count += 1;
        let complaint = if self.including.files.contains(&known) {
            Some(format!("{} would include itself", path.display()))
        } else if self.including.files.len() > DEEPEST {
            Some(format!("files include each other more than {DEEPEST} deep"))
        } else if self.including.count > MOST {
            Some(format!("there are more than {MOST} `include` in one journey"))
        } else {
            None
        };
        let text = match complaint {
            Some(message) => Err(message),
            None => file::text(&path, LARGEST)
                .map_err(|why| format!("{} cannot be included: {why}", path.display())),
        };
        match text {
            Ok(text) => Some((path, text)),
            Err(message) => {
                self.source.complain(node.place(), message, None);
                None
            }
        }
    }

    /// The variables that the file is given; they see what is known where it is included.
    fn given_vars(&mut self, node: &Node) -> Vec<(String, Template, BTreeSet<String>)> {
        let entries = node.entries("names and values", &mut self.source).unwrap_or_default();
        let mut given = Vec::new();
        for (key, value) in entries {
            self.needs.clear();
            let template = self.template(value);
            if self.variable_name(key) {
                self.declared(&key.name, key.place);
                let needs = std::mem::take(&mut self.needs);
                given.extend(template.map(|template| (key.name.clone(), template, needs)));
            }
        }
        given
    }

    /// Reads `text` with what it is given, and then all is as it was before.
    fn within(
        &mut self,
        path: &Path,
        text: String,
        given: Vec<(String, Template, BTreeSet<String>)>,
        read: impl FnOnce(&mut Self, &Node) -> Vec<Step>,
    ) -> Vec<Step> {
        let fresh: Vec<_> =
            given.iter().map(|(name, ..)| name.clone()).filter(|name| !self.scope.contains(name)).collect();
        let outside = (self.including.current, self.including.given.clone());
        let mut vars = Vec::new();
        for (name, template, needs) in given {
            self.scope.insert(name.clone());
            self.including.given.insert(name.clone(), needs);
            vars.push((name, template));
        }
        self.including.inclusions.push(Inclusion { parent: self.including.current, vars });
        self.including.current = Some(self.including.inclusions.len() - 1);
        self.including.files.push(known_as(path));
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let base = std::mem::replace(&mut self.base, folder);
        let source = std::mem::replace(&mut self.source, Source::new(&path.display().to_string(), text));

        let node = Node::read(&mut self.source);
        let steps = node.map(|node| read(self, &node)).unwrap_or_default();

        let inside = std::mem::replace(&mut self.source, source);
        self.uses.elsewhere(inside.remarks());
        let inside = inside.into_rejected().0;
        self.including.found(inside);
        self.base = base;
        self.including.files.pop();
        (self.including.current, self.including.given) = outside;
        for name in fresh {
            self.scope.remove(&name);
        }
        steps
    }

    fn included_steps(&mut self, node: &Node, budget: Option<Budget>, names: &mut Names) -> Vec<Step> {
        if !Subject::is_included(node, &mut self.source) {
            return Vec::new();
        }
        let fields = Fields::of(node, "an included file", &mut self.source);
        let Some(mut fields) = fields else { return Vec::new() };
        let steps = fields.require("steps");
        fields.finish(&mut self.source);
        steps.map(|node| self.steps(node, budget, names)).unwrap_or_default()
    }
}

/// One name for one file, however it is written.
fn known_as(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
