//! One writer: a lock beside the store, held as long as the process lives. The system gives it back after a kill.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Held by the one who writes. A lock of its own, since closing a second handle on the database would drop SQLite's.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Dropping it unlocks.
    _file: File,
}

impl Lock {
    /// Takes the lock on the store at `path`.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let beside = beside(path, "-lock");
        let failed = |error: std::io::Error| StoreError::io(path, "opened", &error);
        let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(beside);
        let mut file = opened.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let by = match (&file).take(20).read_to_string(&mut holder) {
                    Ok(1..) => format!("another serin, process {}", holder.trim()),
                    _ => "another serin".to_owned(),
                };
                return Err(StoreError::InUse { path: path.to_owned(), by });
            }
        }
        // The number only helps whoever finds the lock taken.
        let noted = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        if let Err(error) = noted {
            tracing::debug!(%error, "the lock beside the store bears no process number");
        }
        Ok(Self { _file: file })
    }
}

/// The file with `suffix` after its whole name, as SQLite names its own: `serin.db-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_by_name_until_the_first_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serin.db");
        let first = Lock::take(&path).unwrap();
        let error = Lock::take(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("another serin, process {}", std::process::id())), "{error}");
        drop(first);
        Lock::take(&path).unwrap();
    }
}
