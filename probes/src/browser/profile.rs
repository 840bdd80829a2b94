//! The folder in which a browser keeps its things, and what earlier ones left behind.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// What the folders' names begin with.
const PREFIX: &str = "serin-chromium-";
/// Held locked for as long as we live, and by nobody else: the lock ends with us, however we do.
const LOCK: &str = "serin.lock";

/// A fresh folder for one browser; removed with it.
#[derive(Debug)]
pub(super) struct Profile {
    folder: TempDir,
    _lock: File,
}

impl Profile {
    /// Makes one in `folder`, and removes those whose owners were killed.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        sweep(folder);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes it. A browser that has just been killed may still write for a moment.
    pub(super) fn remove(self) {
        let path = self.folder.keep();
        for _ in 0..3 {
            if std::fs::remove_dir_all(&path).is_ok() {
                return;
            }
        }
        tracing::debug!(path = %path.display(), "a browser's folder could not be removed; the next start will");
    }
}

/// Removes what is nobody's any more. What cannot be removed is left to the next time.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Without its lock it is only being made, in this very moment.
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_behind_is_removed_and_what_is_in_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("serin-chromium-left");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(LOCK), "").unwrap();
        let first = Profile::new(folder.path()).unwrap();
        assert!(!left.exists());
        let second = Profile::new(folder.path()).unwrap();
        assert!(first.path().exists() && second.path().exists());
        let path = first.path().to_owned();
        first.remove();
        assert!(!path.exists());
    }
}
