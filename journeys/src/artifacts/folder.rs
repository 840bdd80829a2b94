//! Where they are kept, for how long, and how many of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::Utc;

use super::Kept;

/// A folder of folders, one for each step that left something. The oldest go first: when they are too old, or all of
/// them together too large. What else is in it is left alone.
#[derive(Debug)]
pub struct Artifacts {
    folder: PathBuf,
    keep: Duration,
    at_most: u64,
    /// One at a time writes and cleans up.
    turn: Mutex<()>,
}

/// One of the folders.
struct Entry {
    path: PathBuf,
    age: Duration,
    bytes: u64,
}

impl Artifacts {
    /// Keeps them in `folder`, for as long as `keep` says, and `at_most` bytes of them. Nothing is made before something
    /// is to be kept.
    pub const fn new(folder: PathBuf, keep: Duration, at_most: u64) -> Self {
        Self { folder, keep, at_most, turn: Mutex::new(()) }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps files in a folder of their own, named after what left them, and says where. A run does not fail because
    /// its traces cannot be kept; that is logged.
    pub(crate) async fn keep(self: &Arc<Self>, what: &str, kept: Kept) -> Option<PathBuf> {
        let (own, what) = (Arc::clone(self), what.to_owned());
        let written = tokio::task::spawn_blocking(move || own.write(&what, &kept)).await.ok()?;
        match written {
            Ok(path) => Some(path),
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "what a failed step left cannot be kept");
                None
            }
        }
    }

    fn write(&self, what: &str, kept: &Kept) -> io::Result<PathBuf> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(format!("{}-{}", Utc::now().format("%Y%m%dT%H%M%S%3fZ"), plain(what)));
        std::fs::create_dir_all(&path)?;
        for (name, bytes) in &kept.0 {
            std::fs::write(path.join(name), bytes)?;
        }
        self.clean_up(&path);
        Ok(path)
    }

    /// Removes what is too old, and the oldest of what is too much; never what was just written.
    fn clean_up(&self, newest: &Path) {
        let mut entries: Vec<Entry> = entries(&self.folder);
        // Newest first; two of one millisecond are told apart by nothing else.
        entries.sort_by(|a, b| b.path.file_name().cmp(&a.path.file_name()));
        entries.sort_by_key(|entry| entry.path != newest);
        let mut sum = 0_u64;
        for entry in entries {
            sum = sum.saturating_add(entry.bytes);
            if entry.path != newest && (sum > self.at_most || entry.age > self.keep) {
                drop(std::fs::remove_dir_all(entry.path));
            }
        }
    }
}

fn entries(folder: &Path) -> Vec<Entry> {
    let all = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let own = all.filter(|entry| entry.file_name().to_str().is_some_and(is_own));
    own.map(|entry| {
        let files = std::fs::read_dir(entry.path()).into_iter().flatten().flatten();
        let bytes = files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        let age = written.ok().and_then(|written| SystemTime::now().duration_since(written).ok());
        Entry { path: entry.path(), age: age.unwrap_or_default(), bytes }
    })
    .collect()
}

/// Whether a folder bears a name that we give: `20261122T063000123Z-...`.
fn is_own(name: &str) -> bool {
    let bytes = name.as_bytes();
    let digits =
        |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    digits(0, 8) && bytes.get(8) == Some(&b'T') && digits(9, 18) && bytes.get(18..20) == Some(b"Z-")
}

/// A name that a file may have anywhere.
fn plain(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    plain.take(120).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn kept(bytes: usize) -> Kept {
        Kept(vec![("page.html".to_owned(), vec![b'x'; bytes].into())])
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_oldest_go_when_it_is_too_much_and_others_things_stay() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mine")).unwrap();
        let artifacts = Artifacts::new(folder.path().to_owned(), Duration::from_secs(3600), 2500);
        let made: Vec<_> =
            (0..4).map(|n| artifacts.write(&format!("Sign in/{n}"), &kept(1000)).unwrap()).collect();
        let left = names(folder.path());
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(left[1].ends_with("-sign-in-3") || left[0].ends_with("-sign-in-3"), "{left:?}");
        assert!(made[3].join("page.html").is_file() && left.contains(&"mine".to_owned()));
        // One that is too large by itself stays until the next one comes.
        let large = artifacts.write("large", &kept(5000)).unwrap();
        assert!(large.exists());
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn what_is_too_old_goes() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::new(folder.path().to_owned(), Duration::ZERO, 1 << 20);
        let first = artifacts.write("a", &kept(1)).unwrap();
        let second = artifacts.write("b", &kept(1)).unwrap();
        assert!(!first.exists() && second.exists());
    }

    #[test]
    fn only_names_that_we_give_are_ours() {
        assert!(is_own("20261122T063000123Z-sign-in"));
        for other in ["20261122", "20261122T063000123Z", "2026-11-22T06:30:00Z-x", "", "notes"] {
            assert!(!is_own(other), "{other}");
        }
    }
}
