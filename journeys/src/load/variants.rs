//! `variants:` the axes, and what follows from them for the steps.

use std::collections::BTreeSet;

use document::{Key, Node};

use super::Loader;
use crate::journey::Step;
use crate::variant::{PREFIX, Variant};

/// Each variant is a series of its own, which runs as often as the journey does.
const MOST_VARIANTS: usize = 64;

/// A value is part of a label, of a line on the page and of a mail's subject.
const LONGEST_VALUE: usize = 32;

impl Loader<'_> {
    /// The axes with their values; what they make is known to the loader from here on.
    pub(super) fn variants(&mut self, node: &Node) {
        let what = "axes and their values, such as `app: [7.1, 7.2]`";
        let entries = node.entries(what, &mut self.source);
        if entries.is_none() {
            self.unknowable.insert("variant");
        }
        for (key, value) in entries.unwrap_or_default() {
            let values = self.axis(key, value);
            self.scope.insert(format!("{PREFIX}{}", key.name));
            self.axes.push((key.name.clone(), values));
        }
        let many = self.axes.iter().map(|(_, values)| values.len().max(1)).fold(1, usize::saturating_mul);
        if many > MOST_VARIANTS {
            let message = format!("these are {many} variants; there may be {MOST_VARIANTS}");
            let help = "each is a series of its own, which runs as often as the journey does".to_owned();
            self.source.complain(node.place(), message, Some(help));
            return;
        }
        self.variants = Variant::all(&self.axes);
    }

    fn axis(&mut self, key: &Key, node: &Node) -> Vec<String> {
        self.variable_name(key);
        let items = node.list("a list of values, such as `[7.1, 7.2]`", &mut self.source).unwrap_or_default();
        if items.is_empty() && node.items().is_some() {
            self.source.complain(node.place(), format!("`{}` has no values", key.name), None);
        }
        let mut values = Vec::new();
        for item in items {
            let Some(value) = item.text(&mut self.source) else { continue };
            let length = value.chars().count();
            let odd = |c: char| c.is_control() || matches!(c, ',' | '=' | '[' | ']');
            if !(1..=LONGEST_VALUE).contains(&length) || value.contains(odd) {
                let message = format!("`{value}` cannot be the value of a variant");
                let help =
                    format!("1 to {LONGEST_VALUE} characters without `,`, `=`, `[` and `]`: it is a label");
                self.source.complain(item.place, message, Some(help));
            } else if values.contains(&value) {
                self.source.complain(
                    item.place,
                    format!("`{}` has the value `{value}` already", key.name),
                    None,
                );
            } else {
                values.push(value);
            }
        }
        values
    }

    /// The variants for which this step is, by their places.
    fn meant(&self, step: &Step) -> BTreeSet<usize> {
        let variants = self.variants.iter().enumerate();
        variants.filter(|(_, variant)| step.is_for(variant)).map(|(index, _)| index).collect()
    }

    /// Notes where this step saves what, and complains if it needs what is saved in other variants only.
    pub(super) fn check_variants(&mut self, node: &Node, step: &Step) {
        let meant = self.meant(step);
        for name in &step.needs {
            let Some(saved) = self.saved.get(name) else { continue };
            let Some(without) = meant.difference(saved).next() else { continue };
            let variant = self.variants[*without].name();
            let message = format!("`{name}` is not saved in the variant {variant}, for which this step is");
            let help = "give this step the `when:` of the one that saves it, or save it there too".to_owned();
            self.source.complain(node.field_place("name"), message, Some(help));
        }
        for save in &step.save {
            self.saved.entry(save.name.clone()).or_default().extend(&meant);
        }
    }

    /// A variant in which nothing is done would always pass.
    pub(super) fn check_idle(&mut self, node: &Node, steps: &[Step]) {
        let idle = self.variants.iter().find(|variant| steps.iter().all(|step| !step.is_for(variant)));
        if let Some(idle) = idle.filter(|_| !steps.is_empty()) {
            let message = format!("in the variant {} no step is done", idle.name());
            self.source.complain(node.place(), message, None);
        }
    }
}
