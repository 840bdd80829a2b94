//! What the parts of loading share: the complaints, the templates, and the variables known so far.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::creation::Creation;
use super::include::{Including, SAVED};
use super::remarks::Uses;
use crate::secret::Secrets;
use crate::template::{Fault, Template, Workshop, grouped};
use crate::variant::Variant;
use crate::vars::Vars;
use document::{Node, Rejected, Source};

/// Carried through the loading of one file.
pub(crate) struct Loader<'t> {
    pub(crate) source: Source<'t>,
    pub(crate) workshop: Workshop,
    /// The variables that the configuration gives, with their values.
    pub(crate) given: BTreeMap<String, String>,
    /// The secrets, those of the file among them once they are read.
    pub(crate) secrets: Secrets,
    /// The folder from which paths in the file count.
    pub(crate) base: PathBuf,
    /// The axes of the journey's variants, with their values.
    pub(crate) axes: Vec<(String, Vec<String>)>,
    /// What they make.
    pub(crate) variants: Vec<Variant>,
    /// In which variants what is saved is there, at this point of the file.
    pub(crate) saved: BTreeMap<String, BTreeSet<usize>>,
    /// The files that are included.
    pub(crate) including: Including,
    /// The variables known at this point of the file.
    pub(crate) scope: BTreeSet<String>,
    /// The groups of variables of which nobody can tell which there are, for what makes them is wrong itself.
    pub(super) unknowable: BTreeSet<&'static str>,
    /// The variables that the journey's file makes, and in which line.
    pub(super) below: BTreeMap<String, usize>,
    /// Those of which was told already how they could be defined.
    pub(super) told: BTreeSet<String>,
    /// The variables that the file makes, and what it uses of them.
    pub(crate) uses: Uses,
    /// What becomes of what the steps being read create.
    pub(super) creation: Creation,
    /// The variables needed by what was loaded since this was last emptied.
    pub(crate) needs: BTreeSet<String>,
}

impl<'t> Loader<'t> {
    pub(crate) fn new(file: &str, text: &'t str) -> Self {
        Self {
            source: Source::new(file, text),
            workshop: Workshop::new(),
            given: BTreeMap::new(),
            secrets: Secrets::default(),
            base: Path::new(file).parent().map(Path::to_owned).unwrap_or_default(),
            axes: Vec::new(),
            variants: vec![Variant::default()],
            saved: BTreeMap::new(),
            including: Including::begin(file),
            scope: BTreeSet::new(),
            unknowable: BTreeSet::new(),
            below: BTreeMap::new(),
            told: BTreeSet::new(),
            uses: Uses::default(),
            creation: Creation::default(),
            needs: BTreeSet::new(),
        }
    }

    /// Whether nothing was found wrong so far, in whatever file.
    pub(crate) fn is_clean(&self) -> bool {
        self.source.is_clean() && self.including.is_clean()
    }

    /// Everything that was found wrong: in the journey's own file, then in those that it includes.
    pub(crate) fn into_rejected(self) -> Rejected {
        let mut rejected = self.source.into_rejected();
        let (_, elsewhere) = self.including.end();
        rejected.0.extend(elsewhere);
        rejected
    }

    /// A text that may name variables.
    pub(crate) fn template(&mut self, node: &Node) -> Option<Template> {
        let text = node.text(&mut self.source)?;
        self.template_at(node, 0, &text)
    }

    /// A part of a text that may name variables; it begins at character `at` of `node`.
    pub(crate) fn template_at(&mut self, node: &Node, at: usize, text: &str) -> Option<Template> {
        match self.workshop.compile(text) {
            Ok(template) => {
                let needs: Vec<_> = template.needs().into_iter().map(str::to_owned).collect();
                self.need(node, needs).then_some(template)
            }
            Err(bad) => {
                for Fault { at: within, width, message, help } in bad.faults {
                    let place = node.within(&self.source, at + within, width);
                    self.source.complain(place, format!("bad template: {message}"), help);
                }
                self.need(node, bad.needs.into_iter().collect());
                None
            }
        }
    }

    /// Notes that variables are needed, and complains of those that nothing defines.
    pub(crate) fn need(&mut self, node: &Node, names: Vec<String>) -> bool {
        let mut known = true;
        for name in names {
            if !self.scope.contains(&name) {
                known = false;
                if !self.unknowable.contains(grouped(&name).map_or(SAVED, |(group, _)| group)) {
                    self.undefined(node, &name);
                }
            }
            self.uses.of(&name);
            match self.including.needs_of(&name) {
                Some(needs) => self.needs.extend(needs.clone()),
                None => {
                    self.needs.insert(name);
                }
            }
        }
        known
    }

    /// The template as it may come out: what the configuration gives is filled in, the rest is taken to be a word.
    /// `None` when its very beginning is known only in the run.
    pub(crate) fn trial(&self, text: &str, template: &Template) -> Option<String> {
        if let Some(literal) = template.literal() {
            return Some(literal.to_owned());
        }
        let text = text.trim_start();
        if let Some(inside) = text.strip_prefix("{{") {
            let first = inside.split("}}").next().unwrap_or_default().trim();
            self.given.get(first)?;
        } else if text.starts_with("{%") {
            return None;
        }
        let mut vars = Vars::new(self.workshop.snapshot());
        vars.extend(template.needs().into_iter().map(|name| (name.to_owned(), "x")));
        vars.extend(self.given.clone());
        vars.admit(&self.secrets);
        vars.render(template).ok()
    }
}
