//! What people and programs did and said so, as far as it is shown.

use std::collections::VecDeque;

use cutover::NoteView;
use serde::{Deserialize, Serialize};

/// Notes that are shown; the store keeps all of them.
const SHOWN: usize = 20;

/// The last notes, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Notes(VecDeque<NoteView>);

impl Notes {
    /// Takes one more.
    pub(super) fn push(&mut self, note: NoteView) {
        self.0.push_back(note);
        let beyond = self.0.len().saturating_sub(SHOWN);
        self.0.drain(..beyond);
    }

    /// The lines of the snapshot.
    pub(super) fn view(&self) -> Vec<NoteView> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn the_last_notes_are_shown_the_newest_at_the_end() {
        let mut notes = Notes::default();
        for number in 0..30 {
            notes.push(NoteView {
                at: DateTime::UNIX_EPOCH,
                by: "ann".to_owned(),
                text: format!("note {number}"),
            });
        }
        let texts: Vec<_> = notes.view().into_iter().map(|note| note.text).collect();
        assert_eq!((texts.len(), &*texts[0], &*texts[19]), (20, "note 10", "note 29"));
    }
}
