//! Why a store cannot be used.

use std::path::{Path, PathBuf};

use rusqlite::{Error, ErrorCode};

/// Why a store cannot be used. Each message names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such file to read.
    #[error(
        "the store {path}: there is no such file; `serin run` makes it where the configuration says `store:`"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It was written by a newer version.
    #[error(
        "the store {path} has schema {found}, this version of serin knows schemas up to {known}: use the newer \
         version, or begin anew with `serin run --fresh`, which keeps the file under another name"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// It is a database of some other program.
    #[error("the store {path} is a database of another program: name another file under `store:`")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It is damaged, or no database at all.
    #[error(
        "the store {path} is damaged or no store at all ({why}): begin anew with `serin run --fresh`, which keeps the \
         file under another name; `sqlite3 {path} .recover` may save what it held"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// Somebody else writes to it.
    #[error("the store {path} is in use by {by}: end it first, or name another file under `store:`")]
    InUse {
        /// The file.
        path: PathBuf,
        /// By whom.
        by: String,
    },
    /// Anything else: permissions, a full disk, a folder that is not there.
    #[error("the store {path} cannot be {what}: {why}; see to it, or name another file under `store:`")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was tried: `opened`, `read`, `written`, `moved aside`.
        what: &'static str,
        /// Why it failed.
        why: String,
    },
}

impl StoreError {
    /// What SQLite's error means to whoever named the file.
    pub(crate) fn of(path: &Path, what: &'static str, error: &Error) -> Self {
        let (path, why) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, why },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::InUse { path, by: "another program that locked it".to_owned() }
            }
            _ => Self::Unusable { path, what, why },
        }
    }

    pub(crate) fn io(path: &Path, what: &'static str, error: &std::io::Error) -> Self {
        Self::Unusable { path: path.to_owned(), what, why: error.to_string() }
    }
}
