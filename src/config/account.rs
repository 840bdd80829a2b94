//! An account on a broker.

use std::path::Path;

use devices::Account;
use document::{Fields, Node, Secret, Source};

/// `{ username: .., password: { env|file: .. } }`
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Account> {
    let example = "{ username: operator, password: { env: VARIABLE } }";
    let mut fields = Fields::like(node, "an account", example, source)?;
    let (username, password) = (fields.require("username"), fields.require("password"));
    fields.finish(source);
    let username = username.and_then(|node| node.text(source));
    let password = password.and_then(|node| Secret::read(node, base, source));
    Some(Account { username: username?, password: password?.reveal().to_owned() })
}
