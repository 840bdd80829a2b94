//! Values that several sections share, each read with its place.

use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use document::{Node, Source, file};
use ipnet::IpNet;

/// The port of DNS (RFC 1035 section 4.2).
const DNS: u16 = 53;
/// No time in a cutover is longer, and clocks can still add it.
const DAY: Duration = Duration::from_secs(86_400);
const UNITS: [(&str, u64); 2] = [("MiB", 1 << 20), ("GiB", 1 << 30)];
/// The largest file with certificates that is read.
const LARGEST_PEM: u64 = 1 << 20;

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

/// A duration of a day at most.
pub(super) fn duration(node: &Node, source: &mut Source<'_>) -> Option<Duration> {
    let duration = node.duration(source)?;
    if duration > DAY {
        let text = node.text(source)?;
        source.complain(node.place(), format!("`{text}` is too long: a day at most"), None);
        return None;
    }
    Some(duration)
}

/// The same, or nothing: `0s`.
pub(super) fn duration_or_none(node: &Node, source: &mut Source<'_>) -> Option<Duration> {
    match humantime::parse_duration(&node.text(source)?) {
        Ok(Duration::ZERO) => Some(Duration::ZERO),
        _ => duration(node, source),
    }
}

/// The time between two of many starts.
pub(super) fn interval(node: &Node, least: Duration, source: &mut Source<'_>) -> Option<Duration> {
    let every = duration(node, source)?;
    if every < least {
        let least = humantime::format_duration(least);
        let message = format!("`{}` is too often: every {least} at most", node.text(source)?);
        source.complain(node.place(), message, None);
    }
    Some(every)
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

/// How much of something is kept or taken, in bytes: `512MiB`; `least` of them at least.
pub(super) fn size(node: &Node, what: &str, least: u64, source: &mut Source<'_>) -> Option<u64> {
    let text = node.text(source)?;
    let number = UNITS.iter().find_map(|(unit, bytes)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*bytes)
    });
    let size = number.filter(|bytes| *bytes >= least);
    if size.is_none() {
        let help = format!("a size in whole MiB or GiB, {}MiB or more: `512MiB`", least >> 20);
        source.complain(node.place(), format!("`{text}` is no size for {what}"), Some(help));
    }
    size
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

/// An address.
pub(super) fn address(node: &Node, source: &mut Source<'_>) -> Option<std::net::IpAddr> {
    let text = node.text(source)?;
    let address = text.parse().ok();
    if address.is_none() {
        let help = "an address, no name and no range: `203.0.113.7`, `2001:db8::7`".to_owned();
        source.complain(node.place(), format!("`{text}` is no address"), Some(help));
    }
    address
}

/// An address or a range of them: `203.0.113.7`, `203.0.113.0/24`.
pub(super) fn range(node: &Node, source: &mut Source<'_>) -> Option<IpNet> {
    let text = node.text(source)?;
    let range = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    if range.is_err() {
        let help = "an address or a range of them, no name: `203.0.113.7`, `203.0.113.0/24`".to_owned();
        source.complain(node.place(), format!("`{text}` is no address"), Some(help));
    }
    range.ok()
}

/// A DNS server: `udp://192.0.2.53`, with `:5353` if it is another port.
pub(super) fn server(node: &Node, source: &mut Source<'_>) -> Option<SocketAddr> {
    let text = node.text(source)?;
    let bare = |rest: &str| {
        let rest = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(rest);
        Some(SocketAddr::new(rest.parse().ok()?, DNS))
    };
    let found = text.strip_prefix("udp://").and_then(|rest| rest.parse().ok().or_else(|| bare(rest)));
    let found = found.filter(|server: &SocketAddr| server.port() != 0);
    if found.is_none() {
        let address = text.parse::<SocketAddr>().is_ok() || bare(&text).is_some();
        let help = if address {
            format!("write `udp://{text}`")
        } else {
            "an address, no name, with its port if it is another than 53: `udp://192.0.2.53`".to_owned()
        };
        source.complain(node.place(), format!("`{text}` is no resolver"), Some(help));
    }
    found
}

/// An address to listen on, with its port: `127.0.0.1:9900`.
pub(super) fn listening(node: &Node, source: &mut Source<'_>) -> Option<SocketAddr> {
    let text = node.text(source)?;
    let found = text.parse().ok();
    if found.is_none() {
        let help = "an address, no name, with its port: `127.0.0.1:9900`, or `0.0.0.0:9900` for everybody";
        source.complain(node.place(), format!("`{text}` is no address to listen on"), Some(help.to_owned()));
    }
    found
}

/// The content of a certificate file; its path counts from `base`.
pub(super) fn pem(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Vec<u8>> {
    let path = base.join(node.text(source)?);
    match file::bytes(&path, LARGEST_PEM) {
        Ok(bytes) => Some(bytes),
        Err(why) => {
            let message = format!("the file {} cannot be read: {why}", path.display());
            source.complain(node.place(), message, None);
            None
        }
    }
}

/// One value or a list of them, as far as they are right.
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn read<T>(text: &str, read: fn(&Node, &mut Source<'_>) -> Option<T>) -> Option<T> {
        let mut source = Source::new("t.yaml", text);
        let node = Node::read(&mut source).unwrap();
        let value = read(&node, &mut source);
        value.filter(|_| source.is_clean())
    }

    #[test]
    fn shares_are_fractions_of_one() {
        assert_eq!(read("5%", share), Some(0.05));
        assert_eq!(read("0.25 %", share), Some(0.0025));
        assert_eq!(read("100%", share), Some(1.0));
        assert_eq!(read("100.1%", share), None);
        assert_eq!(read("NaN%", share), None);
        assert_eq!(read("0.05", share), None);
    }

    #[test]
    fn a_resolver_is_an_address_with_a_port() {
        assert_eq!(read("udp://192.0.2.53", server).unwrap().to_string(), "192.0.2.53:53");
        assert_eq!(read("udp://192.0.2.53:5353", server).unwrap().to_string(), "192.0.2.53:5353");
        assert_eq!(read("udp://2001:db8::53", server).unwrap().to_string(), "[2001:db8::53]:53");
        assert_eq!(read("udp://[2001:db8::53]", server).unwrap().to_string(), "[2001:db8::53]:53");
        assert_eq!(read("udp://[2001:db8::53]:54", server).unwrap().to_string(), "[2001:db8::53]:54");
        assert_eq!(read("192.0.2.53", server), None);
    }

    #[test]
    fn times_that_no_clock_can_add_are_refused() {
        assert_eq!(read("24h", duration), Some(DAY));
        assert_eq!(read("24h 1s", duration), None);
        assert_eq!(read("300years", duration), None);
        assert_eq!([read("0s", duration), read("0s", duration_or_none)], [None, Some(Duration::ZERO)]);
    }
}
