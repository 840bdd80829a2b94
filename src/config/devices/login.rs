//! `register:`, `account:` and `credentials:`: as whom the devices of a fleet open their sessions.

use std::sync::Arc;

use devices::Login;
use document::{Diagnostic, Node, Source};
use url::Url;

use super::{Around, accounts};
use crate::config::{account, hosts};

/// What a fleet says of it.
pub(super) struct Keys<'n> {
    pub(super) register: Option<&'n Node>,
    pub(super) account: Option<&'n Node>,
    pub(super) credentials: Option<&'n Node>,
}

/// Reads it.
pub(super) fn read(
    keys: &Keys<'_>,
    around: Around<'_>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Login {
    let Keys { register, account, credentials } = *keys;
    let given = [register, account, credentials];
    if let Some(second) = given.iter().flatten().nth(1) {
        let help = "`register`: each device asks for an account of its own; `account`: all have the same one; \
                    `credentials`: each has its own, in a file";
        let message = "a fleet has only one of `register`, `account` and `credentials`";
        source.complain(second.place(), message, Some(help.to_owned()));
    }
    if let Some(register) = register.filter(|_| !around.operator) {
        let help =
            "add `operator: { username: NAME, password: { env: VARIABLE } }`, which may publish the reset";
        let message = "without `operator:` the reset is sent anonymously: each device's account is its own";
        source.remark(register.place(), message, Some(help.to_owned()));
    }
    let url = register.and_then(|node| registration(node, around.names, source));
    let account = account.and_then(|node| account::read(node, around.base, source));
    let listed = credentials.and_then(|node| accounts::read(node, around.base, elsewhere, source));
    let listed = listed.map(|accounts| Login::Listed(Arc::new(accounts)));
    url.map(Login::Register).or(account.map(Login::Account)).or(listed).unwrap_or(Login::Anonymous)
}

/// `POST URL`, as a step of a journey is written.
fn registration(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<Url> {
    let text = node.text(source)?;
    let url = text.strip_prefix("POST ").and_then(|url| Url::parse(url.trim()).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match &url {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            source.hide(node.place);
            let help = "leave it out: devices register without a password".to_owned();
            source.complain(node.place(), "a secret does not belong into this file", Some(help));
        }
        Some(url) => hosts::url(node, url, names, source),
        None => {
            let help = "as in `POST https://api.acme.example/devices`".to_owned();
            let shown = hosts::shown(node, &text, source);
            let message = format!("`{shown}` is no request that registers a device");
            source.complain(node.place(), message, Some(help));
        }
    }
    url
}
