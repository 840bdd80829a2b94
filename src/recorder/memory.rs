//! What an earlier life left, understood.

use std::collections::BTreeMap;

use alerts::{Notice, Pending};
use cutover::Phase;
use store::{Key, Letter, Saved};

use super::notes::Notes;
use super::phases::Phases;

/// What an earlier life left.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(super) phases: Option<Phases>,
    /// What each alert rule remembers, by the rule's name.
    pub(super) alerts: BTreeMap<String, alerts::State>,
    /// The last notes.
    pub(super) notes: Notes,
    /// The judge with all its evidence.
    pub(super) judge: Option<cutover::Saved>,
    pending: Vec<Pending>,
}

impl Memory {
    /// Understands what was saved of the cutover called `name`.
    ///
    /// # Errors
    /// When it is of another cutover, or not understood; the message gives the way out.
    pub(crate) fn read(saved: &Saved, name: &str) -> Result<Self, String> {
        let way = "name another file under `store:`, or begin anew with `serin run --fresh`, which keeps it";
        let unclear = |why: String| format!("{why}; {way}");
        let of = saved.get::<String>(Key::Cutover).map_err(unclear)?;
        if let Some(of) = of.filter(|of| of != name) {
            return Err(format!("it belongs to the cutover `{of}`, not to `{name}`: {way}"));
        }
        Ok(Self {
            phases: saved.get(Key::Phase).map_err(unclear)?,
            alerts: saved.get(Key::Alerts).map_err(unclear)?.unwrap_or_default(),
            notes: saved.get(Key::Notes).map_err(unclear)?.unwrap_or_default(),
            judge: judge(saved),
            pending: saved.pending.iter().filter_map(pending).collect(),
        })
    }

    /// The phase in which the earlier life was; `None` if there was none.
    pub(crate) fn phase(&self) -> Option<Phase> {
        self.phases.as_ref().map(Phases::phase)
    }

    /// How many notices are still to be delivered.
    pub(crate) const fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Takes out the notices that are still to be delivered.
    pub(crate) fn take_pending(&mut self) -> Vec<Pending> {
        std::mem::take(&mut self.pending)
    }
}

/// Evidence that is not understood, by another version say, keeps nobody from watching: it is gathered anew.
fn judge(saved: &Saved) -> Option<cutover::Saved> {
    saved.get(Key::Judge).unwrap_or_else(|why| {
        tracing::warn!("the evidence is gathered anew: in the store, {why}");
        None
    })
}

fn pending(letter: &Letter) -> Option<Pending> {
    match serde_json::from_value::<Notice>(letter.data.clone()) {
        Ok(notice) => Some(Pending { channel: letter.channel.clone(), notice }),
        Err(error) => {
            tracing::error!(notice = %letter.notice, %error, "a notice in the store is not understood, and not sent");
            None
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use cutover::NoteView;
    use store::{Batch, Settings, Store};

    use super::*;

    async fn saved(fill: impl FnOnce(&mut Batch)) -> Saved {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serin.db");
        let (store, _) = Store::open(&path, Settings::default()).unwrap();
        let mut batch = Batch::default();
        fill(&mut batch);
        store.write(batch);
        assert!(store.close(Duration::from_secs(10)).await);
        Store::open(&path, Settings::default()).unwrap().1
    }

    #[tokio::test]
    async fn what_belongs_to_another_cutover_or_is_not_understood_is_refused() {
        let memory = Memory::read(&saved(|_| {}).await, "acme").unwrap();
        assert_eq!(memory.phase(), None);
        let other = saved(|batch| batch.state(Key::Cutover, &"other")).await;
        let error = Memory::read(&other, "acme").unwrap_err();
        assert!(error.contains("belongs to the cutover `other`, not to `acme`"), "{error}");
        let odd = saved(|batch| batch.state(Key::Phase, &7)).await;
        assert!(Memory::read(&odd, "acme").unwrap_err().contains("--fresh"));
    }
    #[tokio::test]
    async fn the_last_notes_are_there_again() {
        let note = NoteView { at: DateTime::UNIX_EPOCH, by: "ann".to_owned(), text: "told".to_owned() };
        let mut notes = Notes::default();
        notes.push(note.clone());
        let noted = saved(|batch| batch.state(Key::Notes, &notes)).await;
        assert_eq!(Memory::read(&noted, "acme").unwrap().notes.view(), [note]);
    }
}
