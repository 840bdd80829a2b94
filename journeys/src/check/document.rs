//! Documents, apart from what is ignored in them.

use serde_json::Value;

use super::compare::equal;
use crate::grammar::Document;
use crate::vars::{ScriptError, Vars};

impl Document {
    /// Whether the other document is the same.
    pub(super) fn is(&self, other: &Value, vars: &Vars) -> Result<bool, ScriptError> {
        let wanted = self.wanted(vars)?;
        if self.ignoring.is_empty() {
            return Ok(equal(&wanted, other));
        }
        Ok(equal(&wanted, &self.counted(other.clone())))
    }

    /// What counts of the document itself, with its variables filled in.
    pub(super) fn wanted(&self, vars: &Vars) -> Result<Value, ScriptError> {
        self.whole.render(vars).map(|value| self.counted(value))
    }

    /// What counts of a document.
    pub(super) fn counted(&self, mut value: Value) -> Value {
        for path in &self.ignoring {
            path.remove(&mut value);
        }
        value
    }
}
