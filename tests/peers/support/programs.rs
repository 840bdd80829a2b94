//! Programs that are not ours.

use std::process::Command;

/// Whether one of these programs is missing, which is said. `tests/run` knows whether they are there, and then lets
/// no test be skipped.
pub(crate) fn missing(programs: &[&str]) -> bool {
    programs.iter().any(|program| foreign::command(program).is_none())
}

/// A command of one that is not missing.
pub(crate) fn foreign(program: &str) -> Command {
    foreign::command(program).unwrap_or_else(|| panic!("{program} is not installed"))
}
