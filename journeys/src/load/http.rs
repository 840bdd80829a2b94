//! The keys of an HTTP step.

use std::str::FromStr;

use http::{HeaderName, Method};
use url::Url;

use super::Loader;
use crate::action::{Body, HttpAction, JsonTemplate};
use crate::template::Template;
use document::did_you_mean;
use document::{Fields, Kind, Node};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl Loader<'_> {
    /// `http: METHOD URL`, with `headers` and one of `json`, `form`, `text`.
    pub(crate) fn http(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<HttpAction> {
        fields.call("an `http` step");
        let target = self.target(node);
        let headers = fields.take("headers").map(|node| self.headers(node)).unwrap_or_default();
        if let [_, second, ..] = fields.present(&["json", "form", "text"]).as_slice() {
            let message = "a request has one body: one of `json`, `form`, `text`";
            self.source.complain(second.place, message, None);
        }
        let json = fields.take("json").map(|node| self.json(node).map(Body::Json));
        let form = fields.take("form").map(|node| Some(Body::Form(self.form(node))));
        let text = fields.take("text").map(|node| self.template(node).map(Body::Text));
        let body = json.or(form).or(text).unwrap_or(Some(Body::Empty));
        let (method, url) = target?;
        Some(HttpAction { method, url, headers, body: body? })
    }

    fn target(&mut self, node: &Node) -> Option<(Method, Template)> {
        let text = node.text(&mut self.source)?;
        let Some((word, url)) = text.split_once(char::is_whitespace) else {
            let help = "as in `http: GET https://api.acme.example/users`".to_owned();
            self.source.complain(node.place, "`http` needs a method and a URL", Some(help));
            return None;
        };
        let at = text[..text.len() - url.trim_start().len()].chars().count();
        let url = url.trim();
        let method = if METHODS.contains(&word) { Method::from_str(word).ok() } else { None };
        if method.is_none() {
            let place = node.within(&self.source, 0, word.chars().count());
            let help = did_you_mean(word, METHODS);
            self.source.complain(place, format!("`{word}` is no method"), Some(help));
        }
        let template = self.template_at(node, at, url)?;
        self.check_url(node, at, url, &template).then_some(())?;
        Some((method?, template))
    }

    /// A URL is checked as far as it is known: what a run fills in later is taken to be a word.
    fn check_url(&mut self, node: &Node, at: usize, text: &str, template: &Template) -> bool {
        let Some(trial) = self.trial(text, template) else { return true };
        let complaint = match Url::parse(&trial) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => return true,
            Ok(url) => format!("`{}` is not spoken here", url.scheme()),
            Err(error) => format!("`{trial}` is no URL: {error}"),
        };
        let place = node.within(&self.source, at, text.chars().count());
        let help = "a URL begins with https:// or http:// and a host".to_owned();
        self.source.complain(place, complaint, Some(help));
        false
    }

    fn headers(&mut self, node: &Node) -> Vec<(HeaderName, Template)> {
        let entries = node.entries("header names and values", &mut self.source).unwrap_or_default();
        let mut headers = Vec::new();
        for (key, value) in entries {
            let template = self.template(value);
            let Ok(name) = HeaderName::from_str(&key.name) else {
                let message = format!("`{}` cannot be a header's name", key.name);
                self.source.complain(key.place, message, None);
                continue;
            };
            headers.extend(template.map(|template| (name, template)));
        }
        headers
    }

    fn form(&mut self, node: &Node) -> Vec<(String, Template)> {
        let entries = node.entries("form fields and their values", &mut self.source).unwrap_or_default();
        let field = |(key, value): &(document::Key, Node)| {
            self.template(value).map(|template| (key.name.clone(), template))
        };
        entries.iter().filter_map(field).collect()
    }

    /// A JSON document whose texts may name variables.
    pub(crate) fn json(&mut self, node: &Node) -> Option<JsonTemplate> {
        Some(match &node.kind {
            Kind::Null => JsonTemplate::Constant(serde_json::Value::Null),
            Kind::Bool(value) => JsonTemplate::Constant((*value).into()),
            Kind::Number(value) => JsonTemplate::Constant(value.clone().into()),
            Kind::Text(_) => JsonTemplate::Text(self.template(node)?),
            Kind::List(items) => {
                // Every item is looked at, so that every mistake in it is found.
                let items: Vec<_> = items.iter().map(|item| self.json(item)).collect();
                JsonTemplate::List(items.into_iter().collect::<Option<_>>()?)
            }
            Kind::Map(entries) => {
                let fields: Vec<_> =
                    entries.iter().map(|(key, value)| Some((key.name.clone(), self.json(value)?))).collect();
                JsonTemplate::Map(fields.into_iter().collect::<Option<_>>()?)
            }
        })
    }
}
