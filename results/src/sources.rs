//! The lines of the files that results point into.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts of files, by the names under which results know them.
#[derive(Debug, Clone, Default)]
pub struct Sources(BTreeMap<Arc<str>, Arc<str>>);

impl Sources {
    /// Whether the text of that file is there.
    pub fn has(&self, file: &str) -> bool {
        self.0.contains_key(file)
    }

    /// Adds the text of a file.
    pub fn add(&mut self, file: Arc<str>, text: &str) {
        self.0.insert(file, text.into());
    }

    /// The line of that number, from 1.
    pub(crate) fn line(&self, file: &str, number: usize) -> Option<&str> {
        number.checked_sub(1).and_then(|index| self.0.get(file)?.lines().nth(index))
    }
}
