//! The folder with the world's files.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;

/// A folder that is removed with the rehearsal, unless its user named it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Removes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

impl Folder {
    /// The folder that the user named, made if need be, or a new temporary one.
    pub(super) fn new(named: Option<&Path>) -> Result<Self, Failure> {
        let failed = |what: &Path, error| Failure::usage(format!("the folder {}: {error}", what.display()));
        if let Some(path) = named {
            std::fs::create_dir_all(path).map_err(|error| failed(path, error))?;
            return Ok(Self { path: path.to_owned(), _temporary: None });
        }
        let made = tempfile::Builder::new().prefix("serin-rehearsal-").tempdir();
        let temporary = made.map_err(|error| failed(&std::env::temp_dir(), error))?;
        Ok(Self { path: temporary.path().to_owned(), _temporary: Some(temporary) })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration in it.
    pub(super) fn config(&self) -> PathBuf {
        self.path.join("serin.yaml")
    }

    /// Writes a file, and the folders above it.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<(), Failure> {
        let path = self.path.join(name);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, content));
        written.map_err(|error| Failure::canary(format!("cannot write {}: {error}", path.display())))
    }
}
