//! Where a TCP server is, as it is written.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use url::Host;

/// Where a TCP server is: `host:port`, with brackets around an IPv6 address. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TcpTarget {
    /// The host: a name, or an address without brackets.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
}

/// Why a text says of no server where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no server: {why}; write host:port, as in cache.acme.example:11211")]
pub struct TcpTargetError {
    given: String,
    why: &'static str,
}

impl TcpTargetError {
    /// What is wrong with it, in words.
    pub(crate) const fn why(&self) -> &'static str {
        self.why
    }
}

impl FromStr for TcpTarget {
    type Err = TcpTargetError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let refuse = |why| TcpTargetError { given: given.to_owned(), why };
        if given.contains("://") {
            return Err(refuse("no scheme belongs in front of it"));
        }
        let (host, port) = given.rsplit_once(':').ok_or_else(|| refuse("the port is missing"))?;
        let port = port.parse().ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| refuse("the port is a number from 1 to 65535"))?;
        if host.is_empty() {
            return Err(refuse("there is no host"));
        }
        let host = match Host::parse(host) {
            Ok(Host::Domain(name)) => name,
            Ok(Host::Ipv4(address)) => address.to_string(),
            Ok(Host::Ipv6(address)) => address.to_string(),
            Err(_) => return Err(refuse("the host is neither a name nor an address")),
        };
        Ok(Self { host: host.into(), port })
    }
}

impl fmt::Display for TcpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_have_a_port() {
        let read = |text: &str| text.parse::<TcpTarget>().unwrap().to_string();
        assert_eq!(read("Cache.Acme.example:11211"), "cache.acme.example:11211");
        assert_eq!(read("127.0.0.1:25"), "127.0.0.1:25");
        assert_eq!(read("[::1]:25"), "[::1]:25");
    }

    #[test]
    fn what_is_no_server_is_refused_with_the_way_out() {
        let refused = |text: &str| text.parse::<TcpTarget>().unwrap_err().to_string();
        assert_eq!(
            refused("cache"),
            "`cache` is no server: the port is missing; write host:port, as in cache.acme.example:11211"
        );
        assert!(refused("cache:").contains("a number from 1 to 65535"));
        assert!(refused("cache:0").contains("a number from 1 to 65535"));
        assert!(refused(":25").contains("there is no host"));
        assert!(refused("::1:25").contains("neither a name nor an address"));
        assert!(refused("tcp://a:25").contains("no scheme belongs"));
    }
}
