//! `credentials: FILE.csv`: an account for each device, and its name.

use std::collections::HashSet;
use std::path::Path;

use devices::{Account, Accounts};
use document::{Diagnostic, Node, Source};

use super::table::Table;

/// Reads the file. Its lines are shown to nobody: there are passwords in them.
pub(super) fn read(
    node: &Node,
    base: &Path,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<Accounts> {
    let mut accounts = Accounts::default();
    let mut known = HashSet::new();
    let mut table = Table { columns: &["device", "username", "password"], secret: true, elsewhere };
    table.read(node, base, source, |row| {
        let [device, username, password] = row else { return Ok(()) };
        if !known.insert((*device).to_owned()) {
            return Err((0, format!("`{device}` stands here for the second time")));
        }
        if password.is_empty() {
            return Err((2, format!("`{device}` has no password")));
        }
        let account = Account { username: (*username).to_owned(), password: (*password).to_owned() };
        accounts.push(device, account).map_err(|error| (0, error.to_string()))
    })?;
    if accounts.is_empty() {
        source.complain(node.place(), "there is no device in this file", None);
        return None;
    }
    Some(accounts)
}
