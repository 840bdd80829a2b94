//! Hosts that are likely meant to be among the names that move, and are not.

use std::net::IpAddr;
use std::sync::Arc;

use document::{Node, Source};
use url::Url;

/// Remarks on a broker that cannot move, or only under another name.
pub(super) fn broker(node: &Node, host: &str, names: &[Arc<str>], source: &mut Source<'_>) {
    if host.parse::<IpAddr>().is_ok() {
        let help = "name the broker as the devices do".to_owned();
        let message = format!("{host} is an address: devices that resolve nothing can never move");
        source.remark(node.place(), message, Some(help));
    } else if !is_among(host, names) {
        let message = format!(
            "{host} is none of the names that move: the reset cannot be sent to it, and its devices move only if it is \
             an alias of one"
        );
        let help = document::did_you_mean(host, names.iter().map(|name| &**name));
        source.remark(node.place(), message, Some(help));
    }
}

/// Remarks on a URL whose host is all but one of the names that move. Other hosts are nobody's business.
pub(super) fn url(node: &Node, url: &Url, names: &[Arc<str>], source: &mut Source<'_>) {
    let Some(host) = url.host_str().filter(|host| !is_among(host, names)) else { return };
    if let Some(name) =
        document::nearest(host, names.iter().map(|name| &**name)).filter(|name| twins(host, name))
    {
        let message = format!("{host} is none of the names that move");
        source.remark(node.place(), message, Some(format!("did you mean `{name}`?")));
    }
}

/// A text that was to be a URL, for messages: without what stands before an `@`, which may be a password. The place
/// is hidden then.
pub(super) fn shown(node: &Node, text: &str, source: &mut Source<'_>) -> String {
    let Some((_, host)) = text.rsplit_once('@') else { return text.to_owned() };
    source.hide(node.place);
    format!("...@{host}")
}

fn is_among(host: &str, names: &[Arc<str>]) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    names.iter().any(|name| name.eq_ignore_ascii_case(host))
}

/// Whether two names differ by a slip of the finger: those of one company are all alike.
fn twins(one: &str, other: &str) -> bool {
    let parts = |name: &str| name.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(one), parts(other));
    let differing = one.iter().zip(&other).filter(|(a, b)| a != b);
    let slips = differing.filter(|(a, b)| document::nearest(a, [b.as_str()]).is_some()).count();
    let same = one.iter().zip(&other).filter(|(a, b)| a == b).count();
    one.len() == other.len() && slips == 1 && same == one.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_host_of_the_same_company() {
        assert!(twins("api.acme.exmaple", "api.acme.example"));
        assert!(twins("api.amce.example", "api.acme.example"));
        assert!(!twins("mqtt.acme.example", "api.acme.example"));
        assert!(!twins("acme.example", "api.acme.example"));
    }
}
