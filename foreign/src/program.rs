//! Where a program is.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Where Debian keeps daemons; the path of an ordinary user does not have it.
const DAEMONS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// A command of a program; `None`, and a line that says so, where it is not installed.
///
/// # Panics
/// When it is not installed and `SERIN_PEERS` says that it must be.
pub fn command(program: &str) -> Option<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(DAEMONS.map(PathBuf::from));
    let found = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    if found.is_none() {
        let required = env::var_os("SERIN_PEERS").is_some();
        assert!(!required, "{program} is required here (SERIN_PEERS), and is missing");
        eprintln!("skipped: {program} is not installed; `tests/run`, as root on Debian, installs it");
    }
    found.map(Command::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_machine_has_is_found() {
        let shell = command("sh").unwrap();
        assert!(shell.get_program().to_string_lossy().ends_with("/sh"));
    }
}
