//! `data`.

use document::{Fields, Kind, Node, did_you_mean, file};

use super::Loader;
use crate::data::Data;

/// Far beyond any list of test users.
const LARGEST: u64 = 10 << 20;

impl Loader<'_> {
    /// `data: FILE`, or a mapping of `file`, `order` and `secret`.
    pub(crate) fn data(&mut self, node: &Node) -> Option<Data> {
        if !node.is_mapping() {
            return self.table(node);
        }
        let mut fields =
            Fields::like(node, "`data`", "{ file: users.csv, order: random }", &mut self.source)?;
        let table = fields.require("file");
        let order = fields.take("order");
        let secret = fields.take("secret");
        fields.finish(&mut self.source);
        let mut data = table.and_then(|node| self.table(node))?;
        let random = order.map_or(Some(false), |node| self.order(node));
        let secret = secret.map_or_else(Vec::new, |node| self.columns(node, &data));
        data.seed = random?.then(rand::random);
        data.secret.extend(secret);
        Some(data)
    }

    fn table(&mut self, node: &Node) -> Option<Data> {
        let path = self.base.join(node.text(&mut self.source)?);
        let text = file::text(&path, LARGEST);
        let data = text.map_err(|why| format!("it cannot be read: {why}")).and_then(|text| {
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("csv") => Data::csv(&text),
                Some("json") => Data::json(&text),
                _ => Err("its name ends neither with .csv nor with .json".to_owned()),
            }
        });
        match data {
            Ok(data) => {
                self.scope.extend(data.columns().iter().map(|column| format!("data.{column}")));
                Some(data)
            }
            Err(why) => {
                self.source.complain(node.place(), format!("no data from {}: {why}", path.display()), None);
                None
            }
        }
    }

    fn order(&mut self, node: &Node) -> Option<bool> {
        match node.text(&mut self.source)?.as_str() {
            "sequential" => Some(false),
            "random" => Some(true),
            word => {
                let help = did_you_mean(word, ["sequential", "random"]);
                self.source.complain(node.place(), format!("`{word}` is no order"), Some(help));
                None
            }
        }
    }

    /// Columns that are kept secret: one or a list of them.
    fn columns(&mut self, node: &Node, data: &Data) -> Vec<String> {
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut columns = Vec::new();
        for item in items {
            let Some(name) = item.text(&mut self.source) else { continue };
            if !data.columns().contains(&name) {
                let help = did_you_mean(&name, data.columns().iter().map(String::as_str));
                self.source.complain(item.place(), format!("the data has no column `{name}`"), Some(help));
            }
            columns.push(name);
        }
        columns
    }
}
