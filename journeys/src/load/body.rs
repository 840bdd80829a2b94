//! What an HTTP step sends: one of `json`, `form`, `multipart`, `text` and `file`.

use std::path::Path;

use document::{Fields, Kind, Node, file};
use http::HeaderValue;

use super::Loader;
use crate::action::{Body, Enclosed, Field, JsonTemplate};
use crate::template::Template;

const BODIES: [&str; 5] = ["json", "form", "multipart", "text", "file"];

/// The largest file that is sent: it is kept in memory, and goes out with each run.
const LARGEST: u64 = 16 << 20;

impl Loader<'_> {
    /// The body of a request.
    pub(super) fn body(&mut self, fields: &mut Fields<'_>) -> Option<Body> {
        if let [_, second, ..] = fields.present(&BODIES).as_slice() {
            let message = "a request has one body: one of `json`, `form`, `multipart`, `text`, `file`";
            self.source.complain(second.place, message, None);
        }
        let json = fields.take("json").map(|node| self.json(node).map(Body::Json));
        let form = fields.take("form").map(|node| Some(Body::Form(self.pairs(node, "form fields"))));
        let multipart = fields.take("multipart").map(|node| Some(Body::Multipart(self.multipart(node))));
        let text = fields.take("text").map(|node| self.template(node).map(Body::Text));
        let file = fields.take("file").map(|node| self.enclosed(node, LARGEST).map(Body::File));
        json.or(form).or(multipart).or(text).or(file).unwrap_or(Some(Body::Empty))
    }

    /// Names, each with a text that may name variables, or a list of such texts.
    pub(super) fn pairs(&mut self, node: &Node, what: &str) -> Vec<(String, Template)> {
        let entries = node.entries(&format!("{what} and their values"), &mut self.source).unwrap_or_default();
        let mut pairs = Vec::new();
        for (key, value) in entries {
            for item in value.items().unwrap_or(std::slice::from_ref(value)) {
                pairs.extend(self.template(item).map(|template| (key.name.clone(), template)));
            }
        }
        pairs
    }

    fn multipart(&mut self, node: &Node) -> Vec<(String, Field)> {
        let entries = node.entries("form fields and their values", &mut self.source).unwrap_or_default();
        let field = |(key, value): &(document::Key, Node)| {
            let field = if value.is_mapping() {
                self.attachment(value)
            } else {
                self.template(value).map(Field::Text)
            };
            field.map(|field| (key.name.clone(), field))
        };
        entries.iter().filter_map(field).collect()
    }

    /// `{ file: photo.png, type: image/png }`.
    fn attachment(&mut self, node: &Node) -> Option<Field> {
        let example = "{ file: photo.png, type: image/png }";
        let mut fields = Fields::like(node, "a file of `multipart`", example, &mut self.source)?;
        let path = fields.require("file");
        let kind = fields.take("type").map(|node| self.media_type(node));
        fields.finish(&mut self.source);
        let path = path?;
        let enclosed = self.enclosed(path, LARGEST);
        let name = path.text(&mut self.source)?;
        let name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = kind.unwrap_or_else(|| Some("application/octet-stream".to_owned()))?;
        Some(Field::File { name, kind, enclosed: enclosed? })
    }

    fn media_type(&mut self, node: &Node) -> Option<String> {
        let kind = node.text(&mut self.source)?;
        let parts = kind.split_once('/').filter(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
        if parts.is_some() && HeaderValue::from_str(&kind).is_ok() {
            return Some(kind);
        }
        let help = Some("as in `image/png`".to_owned());
        self.source.complain(node.place(), format!("`{kind}` is no media type"), help);
        None
    }

    /// A file, whose path counts from the file that names it.
    pub(super) fn enclosed(&mut self, node: &Node, most: u64) -> Option<Enclosed> {
        let path = self.base.join(node.text(&mut self.source)?);
        match file::bytes(&path, most) {
            Ok(content) => Some(Enclosed { path: path.to_string_lossy().into(), content: content.into() }),
            Err(why) => {
                let message = format!("{} cannot be read: {why}", path.display());
                self.source.complain(node.place(), message, None);
                None
            }
        }
    }

    /// A JSON document whose texts may name variables.
    pub(crate) fn json(&mut self, node: &Node) -> Option<JsonTemplate> {
        if !node.goes_into_json(&mut self.source) {
            return None;
        }
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
