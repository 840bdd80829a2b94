//! What each resolver said last of each name.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover::{NameAnswer, NameView, NameViewLine, Sides};

/// The answers, by name and resolver.
#[derive(Debug, Default)]
pub(super) struct Names {
    rows: BTreeMap<(Arc<str>, Arc<str>), NameViewLine>,
}

impl Names {
    /// Takes one answer.
    pub(super) fn answer(&mut self, answer: &NameAnswer, sides: &Sides) {
        let (view, addresses, ttl) = match &answer.view {
            NameView::Addresses { addresses, ttl } => {
                let on = answer.view.sides(sides);
                let words: Vec<_> = on.iter().map(|side| side.as_str()).collect();
                (words.join("+"), addresses.clone(), Some(*ttl))
            }
            NameView::Failed(text) => (text.clone(), Vec::new(), None),
            NameView::Silent(text) => (format!("no answer: {text}"), Vec::new(), None),
        };
        let line = NameViewLine {
            name: answer.name.clone(),
            resolver: answer.resolver.clone(),
            authoritative: answer.authoritative,
            view,
            addresses,
            ttl,
            took: answer.took,
            at: answer.at,
        };
        self.rows.insert((answer.name.clone(), answer.resolver.clone()), line);
    }

    /// The lines of the snapshot.
    pub(super) fn view(&self) -> Vec<NameViewLine> {
        self.rows.values().cloned().collect()
    }
}
