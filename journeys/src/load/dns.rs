//! The keys of a DNS step.

use document::{Fields, Node, did_you_mean};
use probes::dns::{Question, RecordKind, Server};

use super::Loader;
use crate::action::DnsAction;
use crate::template::Template;

impl Loader<'_> {
    /// `dns: TYPE NAME`, with `resolver`.
    pub(crate) fn dns(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<DnsAction> {
        fields.call("a `dns` step");
        let question = self.question(node);
        let resolver = fields.take("resolver").map_or(Some(None), |node| self.named_resolver(node).map(Some));
        let (kind, name) = question?;
        Some(DnsAction { kind, name, resolver: resolver? })
    }

    fn question(&mut self, node: &Node) -> Option<(RecordKind, Template)> {
        let text = node.text(&mut self.source)?;
        let (word, name) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let at = text[..text.len() - name.trim_start().len()].chars().count();
        let name = name.trim();
        let kind = word.parse::<RecordKind>().ok();
        if name.is_empty() {
            let help = "as in `dns: A api.acme.example`".to_owned();
            self.source.complain(node.place(), "`dns` needs a type and a name", Some(help));
            return None;
        }
        if kind.is_none() {
            let place = node.within(&self.source, 0, word.chars().count());
            let upper = word.to_ascii_uppercase();
            let help = did_you_mean(&upper, RecordKind::ALL.map(RecordKind::as_str));
            self.source.complain(place, format!("`{word}` is no type of record"), Some(help));
        }
        let template = self.template_at(node, at, name)?;
        let kind = kind?;
        let trial = self.trial(name, &template);
        if let Some(Err(error)) = trial.map(|trial| Question::new(kind, &trial)) {
            let place = node.within(&self.source, at, name.chars().count());
            self.source.complain(place, error.to_string(), None);
            return None;
        }
        Some((kind, template))
    }

    fn named_resolver(&mut self, node: &Node) -> Option<Template> {
        let text = node.text(&mut self.source)?;
        let template = self.template(node)?;
        if self.port_comes_later(&text, &template) {
            return Some(template);
        }
        match self.trial(&text, &template).map(|trial| trial.parse::<Server>()) {
            None | Some(Ok(_)) => Some(template),
            Some(Err(error)) => {
                self.source.complain(node.place(), error.to_string(), None);
                None
            }
        }
    }
}
