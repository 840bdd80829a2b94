//! Where a DNS server is, as it is written.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::TcpTarget;

const PORT: u16 = 53;

/// How a DNS server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Over UDP, and over TCP where an answer is truncated.
    Udp,
    /// Over TCP.
    Tcp,
}

/// Where a DNS server is: `udp://host[:53]` or `tcp://host[:53]`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Server {
    /// How it is asked.
    pub transport: Transport,
    /// The host: a name, or an address without brackets.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
}

/// Why a text says of no DNS server where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no resolver: {why}; write udp://192.0.2.53 or tcp://192.0.2.53, with `:5353` for another port than 53"
)]
pub struct ServerError {
    given: String,
    why: &'static str,
}

impl FromStr for Server {
    type Err = ServerError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let refuse = |why| ServerError { given: given.to_owned(), why };
        let (transport, rest) = match given.split_once("://") {
            Some(("udp", rest)) => (Transport::Udp, rest),
            Some(("tcp", rest)) => (Transport::Tcp, rest),
            _ => return Err(refuse("it begins with neither udp:// nor tcp://")),
        };
        let bare = rest.parse::<std::net::Ipv6Addr>().is_ok();
        let with_port = match rest.rsplit_once(':') {
            _ if bare => format!("[{rest}]:{PORT}"),
            Some((_, port)) if !port.contains(']') => rest.to_owned(),
            _ => format!("{rest}:{PORT}"),
        };
        let target = with_port.parse::<TcpTarget>().map_err(|error| refuse(error.why()))?;
        Ok(Self { transport, host: target.host, port: target.port })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, host, port } = self;
        let scheme = match transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{host}{close}")?;
        if *port == PORT { Ok(()) } else { write!(f, ":{port}") }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_53_unless_it_is_another() {
        for (given, shown) in [
            ("udp://192.0.2.53", "udp://192.0.2.53"),
            ("tcp://192.0.2.53:53", "tcp://192.0.2.53"),
            ("udp://Ns1.Acme.example:5353", "udp://ns1.acme.example:5353"),
            ("udp://2001:db8::53", "udp://[2001:db8::53]"),
            ("tcp://[2001:db8::53]", "tcp://[2001:db8::53]"),
            ("tcp://[2001:db8::53]:5353", "tcp://[2001:db8::53]:5353"),
        ] {
            assert_eq!(given.parse::<Server>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_resolver_is_refused_with_the_way_out() {
        let refused = |text: &str| text.parse::<Server>().unwrap_err().to_string();
        assert!(refused("192.0.2.53").contains("neither udp:// nor tcp://; write udp://192.0.2.53"));
        assert!(refused("https://dns.example").contains("neither udp:// nor tcp://"));
        assert!(refused("udp://").contains("there is no host"));
        assert!(refused("udp://a:x").contains("a number from 1 to 65535"));
    }
}
