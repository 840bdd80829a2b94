//! `register:` and `account:`: as whom the devices of a fleet open their sessions.

use std::sync::Arc;

use devices::Login;
use document::{Node, Source};
use url::Url;

use super::Around;
use crate::config::{account, hosts};

/// Reads what a fleet says of it.
pub(super) fn read(
    register: Option<&Node>,
    account: Option<&Node>,
    around: Around<'_>,
    source: &mut Source<'_>,
) -> Login {
    if let (Some(_), Some(account)) = (register, account) {
        let help = "`register`: each device asks for an account of its own; `account`: all have the same one";
        let message = "a fleet has either `register` or `account`";
        source.complain(account.place(), message, Some(help.to_owned()));
    }
    if let Some(register) = register.filter(|_| !around.operator) {
        let help =
            "add `operator: { username: NAME, password: { env: VARIABLE } }`, which may publish the reset";
        let message = "without `operator:` the reset is sent anonymously: each device's account is its own";
        source.remark(register.place(), message, Some(help.to_owned()));
    }
    let url = register.and_then(|node| registration(node, around.names, source));
    let account = account.and_then(|node| account::read(node, around.base, source));
    url.map(Login::Register).or(account.map(Login::Account)).unwrap_or(Login::Anonymous)
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
