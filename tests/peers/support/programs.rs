//! Programs that are not ours.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Where Debian keeps daemons; the path of an ordinary user does not have it.
const DAEMONS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// Whether one of these programs is missing, which is said. `tests/run` knows whether they are there, and then lets
/// no test be skipped.
pub(crate) fn missing(programs: &[&str]) -> bool {
    let Some(program) = programs.iter().find(|program| find(program).is_none()) else { return false };
    assert!(env::var_os("SERIN_PEERS").is_none(), "{program} is required here (SERIN_PEERS), and is missing");
    eprintln!("skipped: {program} is not installed; `tests/run`, as root on Debian, installs it");
    true
}

/// A command of one that is not missing.
pub(crate) fn foreign(program: &str) -> Command {
    Command::new(find(program).unwrap_or_else(|| panic!("{program} is not installed")))
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(DAEMONS.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}
