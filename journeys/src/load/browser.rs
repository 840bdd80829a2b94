//! The commands of a browser step.

use document::{Fields, Key, Kind, Node, Place, did_you_mean};
use probes::browser::is_key;
use regex::Regex;

use super::Loader;
use crate::action::{Awaited, BrowserAction, Doing};
use crate::grammar::selector_fault;
use crate::run::At;
use crate::template::Template;

const COMMANDS: [&str; 9] =
    ["goto", "click", "fill", "press", "select", "wait", "evaluate", "upload", "screenshot"];
/// More than any user does in one step.
const MOST: usize = 100;

impl Loader<'_> {
    /// `browser:` with a list of one-key commands.
    pub(crate) fn browser(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<BrowserAction> {
        fields.call("a `browser` step");
        let items = node.list("a list of commands, such as `- click: \"#sign-in\"`", &mut self.source)?;
        if items.is_empty() {
            self.source.complain(node.place, "there are no commands in this list", None);
        }
        if items.len() > MOST {
            let help = "a step of its own for each part tells what took its time".to_owned();
            self.source.complain(node.place, format!("a step has at most {MOST} commands"), Some(help));
        }
        let doings: Vec<_> = items.iter().map(|item| self.command(item)).collect();
        let doings: Option<Vec<Vec<Doing>>> = doings.into_iter().collect();
        let doings = doings?;
        let each = items.iter().zip(&doings);
        let places =
            each.flat_map(|(item, of)| vec![At::new(&self.source, item.place()); of.len()]).collect();
        let commands: Vec<Doing> = doings.into_iter().flatten().collect();
        (!commands.is_empty()).then(|| BrowserAction { commands, places, base: self.base.clone() })
    }

    /// One command; `fill` and its like may be several.
    fn command(&mut self, node: &Node) -> Option<Vec<Doing>> {
        let entries = node.entries("a command and what it is for", &mut self.source)?;
        let [(Key { name, place }, value)] = entries else {
            let help = "each command is an item of the list of its own".to_owned();
            self.source.complain(node.place(), "a command has one key", Some(help));
            return None;
        };
        let one = |doing: Doing| vec![doing];
        match name.as_str() {
            "goto" => {
                let url = value.text(&mut self.source)?;
                let template = self.template_at(value, 0, &url)?;
                self.check_url(value, 0, &url, &template).then(|| one(Doing::Goto(template)))
            }
            "click" => self.element(value).map(Doing::Click).map(one),
            "fill" => self.each(value, Doing::Fill),
            "select" => self.each(value, Doing::Select),
            "upload" => self.each(value, Doing::Upload),
            "press" => self.key(value).map(Doing::Press).map(one),
            "wait" => self.awaited(value).map(Doing::Wait).map(one),
            "evaluate" => self.named(value, "a script").map(Doing::Evaluate).map(one),
            "screenshot" => self.picture(value).map(Doing::Screenshot).map(one),
            _ => {
                let message = format!("`{name}` is nothing that a browser does");
                self.source.complain(*place, message, Some(did_you_mean(name, COMMANDS)));
                None
            }
        }
    }

    fn named(&mut self, node: &Node, what: &str) -> Option<Template> {
        let text = node.text(&mut self.source)?;
        if text.trim().is_empty() {
            self.source.complain(node.place, format!("{what} is missing"), None);
            return None;
        }
        self.template(node)
    }

    /// The selector of an element.
    fn element(&mut self, node: &Node) -> Option<Template> {
        let template = self.named(node, "an element")?;
        let text = node.text(&mut self.source)?;
        let selector = self.trial(&text, &template);
        selector.is_none_or(|selector| self.selector(node.place(), &selector)).then_some(template)
    }

    /// Whether a browser takes this for a selector; complains if not.
    fn selector(&mut self, place: Place, text: &str) -> bool {
        let Some(fault) = selector_fault(text) else { return true };
        let help = "as in `#sign-in`, `button[type=submit]`, `ul.menu > li:first-child a`".to_owned();
        self.source.complain(place, format!("`{text}` is no CSS selector: {fault}"), Some(help));
        false
    }

    /// Selectors, and a value for each.
    fn each(&mut self, node: &Node, doing: impl Fn(String, Template) -> Doing) -> Option<Vec<Doing>> {
        let entries = node.entries("CSS selectors and values", &mut self.source)?;
        if entries.is_empty() {
            self.source.complain(node.place, "a selector and a value are missing", None);
            return None;
        }
        let doings = entries.iter().map(|(key, value)| {
            let fine = self.selector(key.place, &key.name);
            let value = self.template(value);
            value.filter(|_| fine).map(|value| doing(key.name.clone(), value))
        });
        // All of them first: one mistake does not hide the next.
        doings.collect::<Vec<_>>().into_iter().collect()
    }

    fn key(&mut self, node: &Node) -> Option<String> {
        let key = node.text(&mut self.source)?;
        if is_key(&key) {
            return Some(key);
        }
        let known = [
            "Enter",
            "Tab",
            "Escape",
            "Backspace",
            "Delete",
            "ArrowUp",
            "ArrowDown",
            "ArrowLeft",
            "ArrowRight",
        ];
        let help = did_you_mean(&key, known);
        self.source.complain(node.place, format!("`{key}` is no key"), Some(help));
        None
    }

    /// A selector, `idle`, `{ text: T }` or `{ url: /re/ }`.
    fn awaited(&mut self, node: &Node) -> Option<Awaited> {
        if !matches!(node.kind, Kind::Map(_)) {
            let text = node.text(&mut self.source)?;
            return if text == "idle" {
                Some(Awaited::Idle)
            } else {
                self.element(node).map(Awaited::Selector)
            };
        }
        let empty = matches!(&node.kind, Kind::Map(entries) if entries.is_empty());
        let mut fields = Fields::of(node, "`wait`", &mut self.source)?;
        let text = fields.take("text").map(|node| self.named(node, "a text").map(Awaited::Text));
        let url = fields.take("url").map(|node| self.address(node).map(Awaited::Url));
        let place = fields.place();
        fields.finish(&mut self.source);
        match (text, url) {
            (Some(text), None) => text,
            (None, Some(url)) => url,
            // What it has instead was complained of.
            (None, None) if !empty => None,
            _ => {
                let help = "as in `wait: \"#done\"`, `wait: { text: Welcome }` or `wait: idle`".to_owned();
                self.source.complain(
                    place,
                    "`wait` is for one of a selector, `text`, `url`, `idle`",
                    Some(help),
                );
                None
            }
        }
    }

    fn address(&mut self, node: &Node) -> Option<Regex> {
        let text = node.text(&mut self.source)?;
        let inside = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let Some(inside) = inside.filter(|inside| !inside.is_empty()) else {
            let help = "a regular expression stands between slashes: /\\/home$/".to_owned();
            self.source.complain(node.place, format!("`{text}` is no regular expression"), Some(help));
            return None;
        };
        match Regex::new(&inside.replace("\\/", "/")) {
            Ok(regex) => Some(regex),
            Err(_) => {
                let help = "the syntax is that of the Rust crate `regex`".to_owned();
                self.source.complain(node.place, format!("`{text}` is no regular expression"), Some(help));
                None
            }
        }
    }

    /// A picture's name becomes a file's.
    fn picture(&mut self, node: &Node) -> Option<String> {
        let name = node.text(&mut self.source)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !name.is_empty() && name.len() <= 60 && name.chars().all(plain) {
            return Some(name);
        }
        let help = "letters, digits, `-` and `_`; 60 of them at most".to_owned();
        self.source.complain(node.place, format!("`{name}` cannot be a picture's name"), Some(help));
        None
    }
}
