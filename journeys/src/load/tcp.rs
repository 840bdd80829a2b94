//! The keys of a TCP step.

use document::{Fields, Node, did_you_mean};
use probes::TcpTarget;
use probes::tcp::{MOST, Until};
use regex::bytes::RegexBuilder;

use super::Loader;
use crate::action::TcpAction;
use crate::grammar::{Cursor, pattern};
use crate::template::Template;

impl Loader<'_> {
    /// `tcp: HOST:PORT`, with `tls`, `send` and `read`.
    pub(crate) fn tcp(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<TcpAction> {
        fields.call("a `tcp` step");
        let target = self.server(node);
        let tls = fields.take("tls").map_or(Some(false), |node| node.boolean(&mut self.source));
        let send = fields.take("send").map_or(Some(None), |node| self.template(node).map(Some));
        let read = fields.take("read").map_or(Some(None), |node| self.read(node).map(Some));
        Some(TcpAction { target: target?, tls: tls?, send: send?, read: read? })
    }

    fn server(&mut self, node: &Node) -> Option<Template> {
        let text = node.text(&mut self.source)?;
        let template = self.template(node)?;
        if self.port_comes_later(&text, &template) {
            return Some(template);
        }
        match self.trial(&text, &template).map(|trial| trial.parse::<TcpTarget>()) {
            None | Some(Ok(_)) => Some(template),
            Some(Err(error)) => {
                self.source.complain(node.place(), error.to_string(), None);
                None
            }
        }
    }

    /// Whether what stands behind the last colon is known only in the run: the word for which it is taken meanwhile is
    /// no port.
    pub(super) fn port_comes_later(&self, text: &str, template: &Template) -> bool {
        let open = text.rsplit(':').next().is_some_and(|last| last.contains("{{"));
        open && template.needs().into_iter().any(|name| !self.given.contains_key(name))
    }

    /// `line`, `close`, `N bytes` or `/regex/`.
    fn read(&mut self, node: &Node) -> Option<Until> {
        let text = node.text(&mut self.source)?;
        let text = text.trim();
        if text.starts_with('/') {
            return self.until_match(node, text);
        }
        let help = match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["line"] => return Some(Until::Line),
            ["close"] => return Some(Until::Close),
            [number, "bytes" | "byte"] => match number.parse() {
                Ok(wanted @ 1..=MOST) => return Some(Until::Bytes(wanted)),
                _ => format!("1 to {MOST} bytes are read at once"),
            },
            _ => did_you_mean(text, ["line", "close", "5 bytes", "/END\\r\\n/"]),
        };
        self.source.complain(node.place(), format!("`{text}` does not say how much to read"), Some(help));
        None
    }

    fn until_match(&mut self, node: &Node, text: &str) -> Option<Until> {
        let mut cursor = Cursor::new(text);
        let read = pattern::read(&mut cursor, true)
            .and_then(|regex| cursor.finish("only the expression stands here").map(|()| regex));
        let compiled = read.and_then(|regex| {
            let bytes = RegexBuilder::new(regex.as_str()).size_limit(pattern::LARGEST).build();
            // It was compiled for text a moment ago.
            bytes.map_err(|error| cursor.error(0, format!("bad regular expression: {error}"), None))
        });
        match compiled {
            Ok(regex) if regex.is_match(b"") => {
                let help = "it is to match the end of what is read, as in /END\\r\\n/".to_owned();
                let message = "the regular expression matches before anything is read";
                self.source.complain(node.place(), message, Some(help));
                None
            }
            Ok(regex) => Some(Until::Match(regex)),
            Err(error) => {
                self.complain_of_grammar(node, error);
                None
            }
        }
    }
}
