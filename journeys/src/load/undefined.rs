//! What is said of a variable that nothing defines.

use document::{Kind, Node, nearest};

use super::Loader;
use crate::functions::FUNCTIONS;
use crate::template::grouped;

impl Loader<'_> {
    /// Notes where the journey's file itself makes variables, for whoever uses one above that.
    pub(super) fn note_makers(&mut self, node: &Node) {
        let steps = field(node, "steps").and_then(Node::items).unwrap_or_default();
        let makers =
            field(node, "vars").into_iter().chain(steps.iter().filter_map(|step| field(step, "save")));
        for maker in makers {
            let Kind::Map(entries) = &maker.kind else { continue };
            for (key, _) in entries {
                self.below.entry(key.name.clone()).or_insert(key.place.line);
            }
        }
    }

    /// Complains of a variable that nothing defines; how it could be defined is said once for each.
    pub(super) fn undefined(&mut self, node: &Node, name: &str) {
        let text = node.text(&mut self.source).unwrap_or_default();
        let place = match position_of(&text, name) {
            Some(at) => node.within(&self.source, at, name.chars().count()),
            None => node.place,
        };
        let (message, help) = if text.contains(&format!("{name}(")) {
            let help = match nearest(name, FUNCTIONS) {
                Some(near) => format!("did you mean `{near}()`?"),
                None => format!("there are {}", FUNCTIONS.map(|name| format!("`{name}()`")).join(", ")),
            };
            (format!("there is no function `{name}`"), help)
        } else {
            (format!("the variable `{name}` is not defined here"), self.way_to_define(name))
        };
        let first = self.told.insert(name.to_owned());
        self.source.complain(place, message, first.then_some(help));
    }

    fn way_to_define(&self, name: &str) -> String {
        if FUNCTIONS.contains(&name) {
            return format!("did you mean `{name}()`?");
        }
        let below = self.below.get(name).filter(|_| self.including.current().is_none());
        if let Some(line) = below {
            return format!("it is made in line {line}: what uses it must stand below that");
        }
        let group = grouped(name).map(|(group, _)| group);
        let alike = self.scope.iter().map(String::as_str);
        let alike = alike.filter(|known| grouped(known).map(|(group, _)| group) == group);
        if let Some(near) = nearest(name, alike.clone()) {
            return format!("did you mean `{near}`?");
        }
        let known: Vec<_> = alike.collect();
        let known =
            if known.is_empty() { String::new() } else { format!("known here: {}; ", known.join(", ")) };
        let way = match grouped(name) {
            Some(("data", _)) => "it is a column of the file that `data: FILE` names".to_owned(),
            Some(("variant", axis)) => format!("it is an axis that `variants: {{ {axis}: [..] }}` names"),
            Some(("secret", secret)) => {
                let variable = secret.to_ascii_uppercase();
                format!(
                    "`secrets: {{ {secret}: {{ env: {variable} }} }}` makes it, here or in serin.yaml (`--config`)"
                )
            }
            Some(_) => return known.trim_end_matches("; ").to_owned(),
            None => format!(
                "give it with `vars:`, here or in serin.yaml (`--config`), with `serin once --var {name}=..`, or let \
                 an earlier step `save` it"
            ),
        };
        format!("{known}{way}")
    }
}

fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let Kind::Map(entries) = &node.kind else { return None };
    entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
}

/// Where a variable is named within a template, in characters.
fn position_of(text: &str, name: &str) -> Option<usize> {
    let open = text.find("{{").into_iter().chain(text.find("{%")).min()?;
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let found = text[open..].match_indices(name).map(|(index, _)| open + index).find(|&index| {
        let before = text[..index].chars().next_back();
        let after = text[index + name.len()..].chars().next();
        !before.is_some_and(word) && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })?;
    Some(text[..found].chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_inside_the_braces_only() {
        assert_eq!(position_of("user {{ user }}", "user"), Some(8));
        assert_eq!(position_of("{{ users }}{{ user.name }}", "user"), Some(14));
        assert_eq!(position_of("user", "user"), None);
    }
}
