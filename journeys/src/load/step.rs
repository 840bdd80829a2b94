//! One step: its action, and what is the same for every action.

use std::collections::BTreeMap;

use cutover::{FailureKind, Route};

use super::Loader;
use crate::action::Action;
use crate::journey::Step;
use crate::run::At;
use document::did_you_mean;
use document::{Fields, Key, Node};

/// The keys that say what a step does; each step has one of them.
const ACTIONS: [&str; 7] = ["http", "browser", "mqtt", "dns", "tcp", "websocket", "pause"];

/// The names of the steps read so far, and where each is given.
pub(super) type Names = BTreeMap<String, String>;

impl Loader<'_> {
    /// A step, if nothing is wrong with it.
    pub(super) fn step(&mut self, node: &Node, names: &mut Names) -> Option<Step> {
        self.needs.clear();
        let mut fields = Fields::of(node, "a step", &mut self.source)?;
        let name = fields.require("name").and_then(|node| self.step_name(node, names));
        let place = match fields.present(&ACTIONS).first() {
            Some(key) => node.field_place(&key.name),
            None => fields.place(),
        };
        let at = At::new(&self.source, place);
        let action = self.action(&mut fields);
        let found = action.as_ref();
        let asked = found.map(Action::askable);
        let route = fields.take("route").map(|node| self.route(node));
        let timeout = fields.take("timeout").map(|node| node.duration(&mut self.source));
        let expect = fields.take("expect").map(|node| self.expectations(node, asked)).unwrap_or_default();
        self.weigh(&expect, timeout.flatten());
        let failure = fields.take("failure").map(|node| self.failure(node));
        let again = self.again(&mut fields);
        let within = fields.take("within").map(|node| node.duration(&mut self.source));
        let when = fields.take("when").map_or(Some(Vec::new()), |node| self.when(node));
        let everywhere = fields.take("addresses").map_or(Some(false), |node| self.addresses(node, found));
        if everywhere == Some(false) {
            self.compares_addresses(&expect);
        }
        let save = fields.take("save").map(|node| self.saves(node, asked)).unwrap_or_default();
        let creates = fields.take("creates").and_then(|node| self.creates(node));
        fields.finish(&mut self.source);
        Some(Step {
            name: name?.into(),
            at,
            action: action?,
            route: route.map_or(Some(None), |given| given.map(Some))?,
            timeout: timeout.map_or(Some(None), |given| given.map(Some))?,
            expect,
            save,
            again: again?,
            within: within.map_or(Some(None), |given| given.map(Some))?,
            when: when?,
            everywhere: everywhere?,
            failure: failure.map_or(Some(None), |given| given.map(Some))?,
            creates,
            needs: std::mem::take(&mut self.needs),
            inclusion: self.including.current(),
        })
    }

    fn step_name(&mut self, node: &Node, names: &mut Names) -> Option<String> {
        let name = node.text(&mut self.source)?;
        if name.trim().is_empty() {
            self.source.complain(node.place, "a step's name must not be empty", None);
            return None;
        }
        let here = format!("{}:{}", self.source.file(), node.place.line);
        if let Some(other) = names.insert(name.clone(), here) {
            let help = format!("at {other}; the name tells its figures from those of other steps");
            self.source.complain(node.place, format!("another step is named `{name}` already"), Some(help));
            return None;
        }
        Some(name)
    }

    fn action(&mut self, fields: &mut Fields<'_>) -> Option<Action> {
        if let [_, Key { name, place }, ..] = fields.present(&ACTIONS).as_slice() {
            let message = format!("a step does one thing: `{name}` belongs into a step of its own");
            self.source.complain(*place, message, None);
        }
        let [http, browser, mqtt, dns, tcp, websocket, pause] = ACTIONS.map(|word| fields.take(word));
        if let Some(node) = http {
            self.http(node, fields).map(Action::Http)
        } else if let Some(node) = browser {
            self.browser(node, fields).map(Action::Browser)
        } else if let Some(node) = mqtt {
            self.mqtt(node, fields).map(Action::Mqtt)
        } else if let Some(node) = dns {
            self.dns(node, fields).map(Action::Dns)
        } else if let Some(node) = tcp {
            self.tcp(node, fields).map(Action::Tcp)
        } else if let Some(node) = websocket {
            self.websocket(node, fields).map(Action::WebSocket)
        } else if let Some(node) = pause {
            self.pause(node, fields).map(Action::Pause)
        } else {
            if !fields.misspelt(&ACTIONS, &mut self.source) {
                let actions = ACTIONS.map(|word| format!("`{word}:`")).join(", ");
                let help = format!("a step has one of {actions}; other steps are put in with `include:`");
                self.source.complain(fields.place(), "this step does nothing", Some(help));
            }
            None
        }
    }

    fn route(&mut self, node: &Node) -> Option<Route> {
        let word = node.text(&mut self.source)?;
        let route = word.parse().ok();
        if route.is_none() {
            let help = did_you_mean(&word, ["old", "new", "live"]);
            self.source.complain(node.place, format!("`{word}` is no route"), Some(help));
        }
        route
    }

    fn failure(&mut self, node: &Node) -> Option<FailureKind> {
        let word = node.text(&mut self.source)?;
        match word.as_str() {
            "lost" => return Some(FailureKind::Lost),
            "duplicate" => return Some(FailureKind::Duplicate),
            "assertion" => return Some(FailureKind::Assertion),
            _ => {}
        }
        let help = did_you_mean(&word, ["lost", "duplicate", "assertion"]);
        self.source.complain(node.place, format!("`{word}` is no kind of wrong answer"), Some(help));
        None
    }
}
