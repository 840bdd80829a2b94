//! Which Chromium.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cutover::AbortCause;

use crate::{Fault, ProbeError};

/// The variable that names the program.
const VARIABLE: &str = "SERIN_CHROMIUM";
/// The names under which it is installed.
const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "headless_shell"];

/// The Chromium to start: the one that is `named`, else the one that `$SERIN_CHROMIUM` names, else the first in `$PATH`.
///
/// # Errors
/// [`Aborted(Local)`](Fault::Aborted) when there is none, with the way out.
pub fn locate(named: Option<&Path>) -> Result<PathBuf, ProbeError> {
    let variable = std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
    let path = std::env::var_os("PATH").unwrap_or_default();
    find(named, variable.as_deref(), &path).map_err(|what| missing(&what))
}

fn find(named: Option<&Path>, variable: Option<&OsStr>, path: &OsStr) -> Result<PathBuf, String> {
    let folders = || std::env::split_paths(path);
    let within = |name: &Path| {
        let mut candidates = folders().map(|folder| folder.join(name));
        // A name with a folder in it is a place, and one without is looked for.
        if name.components().count() > 1 {
            name.is_file().then(|| name.to_owned())
        } else {
            candidates.find(|path| path.is_file())
        }
    };
    if let Some(name) = named.or_else(|| variable.map(Path::new)) {
        return within(name).ok_or_else(|| format!("there is no browser {}", name.display()));
    }
    let found = NAMES.iter().find_map(|name| within(Path::new(name)));
    found.ok_or_else(|| "there is no Chromium on this machine".to_owned())
}

fn missing(what: &str) -> ProbeError {
    let message =
        format!("{what}: install chromium, or name it with ${VARIABLE} or `browser:` in serin.yaml");
    ProbeError::new(Fault::Aborted(AbortCause::Local), message)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_counts_before_what_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for name in ["chromium-browser", "google-chrome", "mine"] {
            std::fs::write(place(name), "").unwrap();
        }
        let path = folder.path().as_os_str();
        assert_eq!(find(None, None, path).unwrap(), place("chromium-browser"));
        assert_eq!(find(None, Some("mine".as_ref()), path).unwrap(), place("mine"));
        assert_eq!(find(Some(&place("mine")), Some("chromium".as_ref()), path).unwrap(), place("mine"));
        assert_eq!(find(Some("none".as_ref()), None, path).unwrap_err(), "there is no browser none");
        assert_eq!(find(None, None, "".as_ref()).unwrap_err(), "there is no Chromium on this machine");
    }
}
