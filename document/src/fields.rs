//! Typed access to a mapping: each field is taken by its name, what is left over is unknown.

use std::time::Duration;

use crate::near::{did_you_mean, nearest};
use crate::{Key, Kind, Node, Place, Source};

/// The fields of one mapping.
pub struct Fields<'n> {
    what: &'static str,
    example: Option<&'static str>,
    place: Place,
    left: Vec<&'n (Key, Node)>,
    known: Vec<&'static str>,
    /// What must be there and is not, with the complaint.
    missing: Vec<(&'static str, String)>,
    /// Whether it cannot be told which other keys belong here.
    vague: bool,
}

impl<'n> Fields<'n> {
    /// The fields of `node`, which must be a mapping; `what` names it in messages ("a step").
    pub fn of(node: &'n Node, what: &'static str, source: &mut Source<'_>) -> Option<Self> {
        Self::new(node, what, None, source)
    }

    /// As [`of`](Self::of), with an example for whoever writes something else, or leaves out what must be there.
    pub fn like(
        node: &'n Node,
        what: &'static str,
        example: &'static str,
        source: &mut Source<'_>,
    ) -> Option<Self> {
        Self::new(node, what, Some(example), source)
    }

    fn new(
        node: &'n Node,
        what: &'static str,
        example: Option<&'static str>,
        source: &mut Source<'_>,
    ) -> Option<Self> {
        if let Kind::Map(entries) = &node.kind {
            let left = entries.iter().collect();
            let (known, missing) = (Vec::new(), Vec::new());
            return Some(Self { what, example, place: node.place, left, known, missing, vague: false });
        }
        let message = format!("expected {what} as a mapping of keys to values, found {}", node.kind_name());
        source.complain(node.place(), message, example.map(such_as));
        None
    }

    /// Takes the field of that name, if it is there.
    pub fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.known.push(name);
        let index = self.left.iter().position(|(key, _)| key.name == name)?;
        Some(&self.left.remove(index).1)
    }

    /// Takes a field that must be there. If it is not, [`finish`](Self::finish) complains.
    pub fn require(&mut self, name: &'static str) -> Option<&'n Node> {
        let found = self.take(name);
        if found.is_none() {
            self.missing.push((name, format!("{} needs `{name}:`", self.what)));
        }
        found
    }

    /// Complains of a field that does not belong here, and says what does. It is no known one.
    pub fn refuse(&mut self, name: &str, help: &str, source: &mut Source<'_>) {
        if let Some(index) = self.left.iter().position(|(key, _)| key.name == name) {
            let (key, _) = self.left.remove(index);
            let message = format!("unknown key `{name}` in {}", self.what);
            source.complain(key.place, message, Some(help.to_owned()));
        }
    }

    /// Complains of a key that is nearly one of these, if there is one. Which others belong beside it is not known
    /// then: of them [`finish`](Self::finish) says nothing.
    pub fn misspelt(&mut self, names: &[&'static str], source: &mut Source<'_>) -> bool {
        let near = |(key, _): &&(Key, Node)| nearest(&key.name, names.iter().copied());
        let Some((key, meant)) = self.left.iter().find_map(|field| Some((&field.0, near(field)?))) else {
            return false;
        };
        let message = format!("unknown key `{}` in {}", key.name, self.what);
        source.complain(key.place, message, Some(format!("did you mean `{meant}`?")));
        self.vague = true;
        true
    }

    /// Which of these keys are there, without taking them.
    pub fn present(&self, names: &[&'static str]) -> Vec<&'n Key> {
        let wanted = self.left.iter().filter(|(key, _)| names.contains(&key.name.as_str()));
        wanted.map(|(key, _)| key).collect()
    }

    /// Where the mapping begins.
    pub const fn place(&self) -> Place {
        Place { width: 1, ..self.place }
    }

    /// From here on the mapping goes by a more precise name.
    pub const fn call(&mut self, what: &'static str) {
        self.what = what;
    }

    /// Complains of every field that nobody took, and of those that are missing; of one that was misspelt, once.
    pub fn finish(self, source: &mut Source<'_>) {
        let meant: Vec<_> =
            self.left.iter().filter_map(|(key, _)| nearest(&key.name, self.known.iter().copied())).collect();
        for (_, message) in self.missing.iter().filter(|(name, _)| !meant.contains(name)) {
            // The whole mapping may span many lines: its first character is mark enough.
            source.complain(self.place(), message.as_str(), self.example.map(such_as));
        }
        for (key, _) in self.left.iter().filter(|_| !self.vague) {
            let message = format!("unknown key `{}` in {}", key.name, self.what);
            source.complain(key.place, message, Some(did_you_mean(&key.name, self.known.iter().copied())));
        }
    }
}

fn such_as(example: &str) -> String {
    format!("such as `{example}`")
}

impl Node {
    /// Complains that this is not what was expected here.
    pub fn expected(&self, what: &str, source: &mut Source<'_>) {
        source.complain(self.place(), format!("expected {what}, found {}", self.kind_name()), None);
    }

    /// A text. A number or a truth value is taken as it is spelled.
    pub fn text(&self, source: &mut Source<'_>) -> Option<String> {
        let text = self.spelling(source);
        if text.is_none() {
            self.expected("text", source);
        }
        text
    }

    /// `true` or `false`.
    pub fn boolean(&self, source: &mut Source<'_>) -> Option<bool> {
        if let Kind::Bool(value) = self.kind {
            return Some(value);
        }
        self.expected("true or false", source);
        None
    }

    /// A duration with its unit, more than nothing: `800ms`, `10s`, `2m`.
    pub fn duration(&self, source: &mut Source<'_>) -> Option<Duration> {
        let text = self.text(source)?;
        match humantime::parse_duration(&text) {
            Ok(duration) if duration > Duration::ZERO => return Some(duration),
            Ok(_) => source.complain(self.place, "a duration must be more than nothing", None),
            Err(_) => {
                let help = "a number and its unit: 800ms, 10s, 2m".to_owned();
                source.complain(self.place, format!("`{text}` is no duration"), Some(help));
            }
        }
        None
    }

    /// The items of a list.
    pub fn list(&self, what: &str, source: &mut Source<'_>) -> Option<&[Self]> {
        if let Kind::List(items) = &self.kind {
            return Some(items);
        }
        self.expected(what, source);
        None
    }

    /// The entries of a mapping whose keys the author chooses.
    pub fn entries(&self, what: &str, source: &mut Source<'_>) -> Option<&[(Key, Self)]> {
        if let Kind::Map(entries) = &self.kind {
            return Some(entries);
        }
        self.expected(what, source);
        None
    }
}
