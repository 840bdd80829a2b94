//! JSON with variables in its texts.

use serde_json::{Map, Value};

use crate::template::Template;
use crate::vars::{ScriptError, Vars};

/// A JSON document whose texts may name variables.
#[derive(Debug)]
pub(crate) enum JsonTemplate {
    Constant(Value),
    Text(Template),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl JsonTemplate {
    /// The document, with everything filled in.
    pub(crate) fn render(&self, vars: &Vars) -> Result<Value, ScriptError> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::Text(template) => vars.value(template)?,
            Self::List(items) => {
                Value::Array(items.iter().map(|item| item.render(vars)).collect::<Result<_, _>>()?)
            }
            Self::Map(fields) => {
                let mut map = Map::new();
                for (name, value) in fields {
                    map.insert(name.clone(), value.render(vars)?);
                }
                Value::Object(map)
            }
        })
    }
}
