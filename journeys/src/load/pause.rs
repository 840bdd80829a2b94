//! `pause: 500ms`.

use document::{Fields, Node};

use super::Loader;
use crate::action::PauseAction;

impl Loader<'_> {
    /// `pause: TIME`, and nothing beside it.
    pub(crate) fn pause(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<PauseAction> {
        fields.call("a `pause` step");
        Some(PauseAction { time: node.duration(&mut self.source)? })
    }
}
