//! The keys of a WebSocket step.

use document::{Fields, Kind, Node};
use http::HeaderName;
use probes::WebSocketTarget;

use super::Loader;
use crate::action::{Askable, CONTENT, Payload, WebSocketAction};
use crate::grammar::Expectation;
use crate::template::Template;

/// The headers by which a WebSocket is asked for (RFC 6455 section 4.1): it sets them itself.
const ITS_OWN: [&str; 6] = [
    "host",
    "connection",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
];

impl Loader<'_> {
    /// `websocket: URL`, with `headers`, one of `send` and `json`, `await` and `where`.
    pub(crate) fn websocket(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<WebSocketAction> {
        fields.call("a `websocket` step");
        let url = self.websocket_url(node);
        let headers = fields.take("headers").map(|node| self.websocket_headers(node)).unwrap_or_default();
        if let [_, second, ..] = fields.present(&["send", "json"]).as_slice() {
            self.source.complain(second.place, "one message is sent: `send` or `json`", None);
        }
        let send = fields.take("send").map(|node| self.template(node).map(Payload::Text));
        let json = fields.take("json").map(|node| self.json(node).map(Payload::Json));
        let awaits = fields.take("await").map_or(Some(true), |node| node.boolean(&mut self.source));
        let wanted = fields.take("where");
        if let (Some(node), Some(false)) = (wanted, awaits) {
            let help = "leave out `await: false`, and the message of which they hold is awaited".to_owned();
            self.source.complain(node.place(), "`where` without a message that is awaited", Some(help));
        }
        let of = Askable { described: "a message over a WebSocket", queries: &[CONTENT] };
        let wanted = wanted.map(|node| self.wanted(node, of)).unwrap_or_default();
        Some(WebSocketAction {
            url: url?,
            headers,
            send: send.or(json).map_or(Some(None), |payload| payload.map(Some))?,
            awaited: awaits?.then_some(wanted),
        })
    }

    /// `where`: what must hold of the message that is awaited.
    pub(super) fn wanted(&mut self, node: &Node, of: Askable) -> Vec<Expectation> {
        if node.items().is_some_and(<[Node]>::is_empty) {
            self.source.complain(node.place(), "there are no expectations in this list", None);
        }
        self.expectations(node, Some(of))
    }

    fn websocket_url(&mut self, node: &Node) -> Option<Template> {
        let text = node.text(&mut self.source)?;
        let template = self.template(node)?;
        match self.trial(&text, &template).map(|trial| trial.parse::<WebSocketTarget>()) {
            None | Some(Ok(_)) => Some(template),
            Some(Err(error)) => {
                self.source.complain(node.place(), error.to_string(), None);
                None
            }
        }
    }

    fn websocket_headers(&mut self, node: &Node) -> Vec<(HeaderName, Template)> {
        if let Kind::Map(entries) = &node.kind {
            for (key, _) in entries.iter().filter(|(key, _)| is_its_own(&key.name)) {
                let message = format!("the header `{}` is set by the WebSocket itself", key.name);
                self.source.complain(key.place, message, None);
            }
        }
        self.headers(node)
    }
}

fn is_its_own(name: &str) -> bool {
    ITS_OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}
