//! Values that several sections share, each read with its place.

use std::net::SocketAddr;
use std::str::FromStr;

use document::{Node, Source};
use ipnet::IpNet;

/// A value of any type that can be read from text; its own error says what is wrong.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(node: &Node, source: &mut Source<'_>) -> Option<T> {
    let text = node.text(source)?;
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}

/// A share of a whole, as a fraction of 1: `5%`, `0.25 %`.
pub(super) fn share(node: &Node, source: &mut Source<'_>) -> Option<f64> {
    let text = node.text(source)?;
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let share = number.map(|percent| percent / 100.0).filter(|share| (0.0..=1.0).contains(share));
    if share.is_none() {
        let help = "a percentage from 0 to 100, with its sign: `5%`".to_owned();
        source.complain(node.place(), format!("`{text}` is no share"), Some(help));
    }
    share
}

/// A plain number.
pub(super) fn number(node: &Node, source: &mut Source<'_>) -> Option<f64> {
    let text = node.text(source)?;
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    if number.is_none() {
        source.complain(node.place(), format!("`{text}` is no number"), None);
    }
    number
}

/// A whole number that is not negative.
pub(super) fn count(node: &Node, source: &mut Source<'_>) -> Option<u32> {
    let text = node.text(source)?;
    let count = text.parse().ok();
    if count.is_none() {
        let help = "a whole number, not negative: `200`".to_owned();
        source.complain(node.place(), format!("`{text}` is no count"), Some(help));
    }
    count
}

/// An address or a range of them: `203.0.113.7`, `203.0.113.0/24`.
pub(super) fn range(node: &Node, source: &mut Source<'_>) -> Option<IpNet> {
    let text = node.text(source)?;
    let range = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    if range.is_err() {
        let help = "an address or a range of them: `203.0.113.7`, `203.0.113.0/24`".to_owned();
        source.complain(node.place(), format!("`{text}` is no address"), Some(help));
    }
    range.ok()
}

/// An address with a port, with a scheme in front if there is one: `udp://192.0.2.53:5353`, `127.0.0.1:9900`.
pub(super) fn socket(
    node: &Node,
    scheme: Option<&str>,
    port: Option<u16>,
    source: &mut Source<'_>,
) -> Option<SocketAddr> {
    let text = node.text(source)?;
    let rest = scheme.map_or(Some(text.as_str()), |scheme| text.strip_prefix(scheme)?.strip_prefix("://"));
    let bare = |rest: &str| Some(SocketAddr::new(rest.parse().ok()?, port?));
    let found = rest.and_then(|rest| rest.parse().ok().or_else(|| bare(rest)));
    if found.is_none() {
        let example =
            scheme.map_or("127.0.0.1:9900".to_owned(), |scheme| format!("{scheme}://192.0.2.53:53"));
        let help = format!("an address (no name) with its port: `{example}`");
        source.complain(node.place(), format!("`{text}` is no place to connect to"), Some(help));
    }
    found
}

/// One value or a list of them.
pub(super) fn one_or_more<'n, T>(
    node: &'n Node,
    source: &mut Source<'_>,
    mut read: impl FnMut(&'n Node, &mut Source<'_>) -> Option<T>,
) -> Vec<T> {
    match node.items() {
        Some(items) => items.iter().filter_map(|item| read(item, source)).collect(),
        None => read(node, source).into_iter().collect(),
    }
}
