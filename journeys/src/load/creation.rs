//! `creates`: what a step makes, which somebody must take away again.

use std::sync::Arc;

use document::Node;

use super::Loader;

/// What becomes of something that the steps being read create.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Creation {
    /// `finally` takes it away.
    #[default]
    Welcome,
    /// There is no `finally`.
    Left,
    /// This is `finally` itself.
    TooLate,
}

impl Loader<'_> {
    /// A word for what the step makes.
    pub(super) fn creates(&mut self, node: &Node) -> Option<Arc<str>> {
        let what = node.text(&mut self.source)?;
        let (message, help) = match self.creation {
            _ if what.trim().is_empty() => {
                ("nothing is created here", "a word for it, as in `creates: user`")
            }
            Creation::Welcome => return Some(what.into()),
            Creation::Left => (
                "something is created here, and there is no `finally` to take it away",
                "add `finally:` with a step that deletes it",
            ),
            Creation::TooLate => (
                "something is created here that nothing takes away any more",
                "what is made in `steps` is taken away in `finally`",
            ),
        };
        self.source.complain(node.place(), message, Some(help.to_owned()));
        None
    }
}
