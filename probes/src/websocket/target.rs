//! Where a WebSocket is, as it is written.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Position, Url};

/// Where a WebSocket is: `ws://host[:80]/path` or `wss://host[:443]/path`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebSocketTarget {
    /// The host: a name, or an address without brackets.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// The path, and the query if there is one.
    pub path: Arc<str>,
}

/// Why a text says of no WebSocket where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no WebSocket: {why}; write ws://host/path or wss://host/path")]
pub struct WebSocketTargetError {
    given: String,
    why: String,
}

impl FromStr for WebSocketTarget {
    type Err = WebSocketTargetError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let refuse = |why: &str| WebSocketTargetError { given: given.to_owned(), why: why.to_owned() };
        let url = Url::parse(given).map_err(|error| refuse(&error.to_string()))?;
        let tls = match url.scheme() {
            "ws" => false,
            "wss" => true,
            _ => return Err(refuse("the scheme is neither ws nor wss")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            // Not repeated in the message: it would end up in a log.
            let why = "credentials do not belong into the address".to_owned();
            return Err(WebSocketTargetError { given: format!("{}://...", url.scheme()), why });
        }
        if url.fragment().is_some() {
            return Err(refuse("a fragment is not sent"));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(refuse("there is no host")),
        };
        let port = url.port_or_known_default().ok_or_else(|| refuse("there is no port"))?;
        let path = &url[Position::BeforePath..Position::AfterQuery];
        Ok(Self { host: host.into(), port, tls, path: path.into() })
    }
}

impl fmt::Display for WebSocketTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls, path } = self;
        let (scheme, usual) = if *tls { ("wss", 443) } else { ("ws", 80) };
        let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{host}{close}")?;
        if *port != usual {
            write!(f, ":{port}")?;
        }
        f.write_str(path)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn ports_and_tls_come_from_the_scheme() {
        let read = |text: &str| text.parse::<WebSocketTarget>().unwrap();
        assert_eq!(read("ws://Acme.example").to_string(), "ws://acme.example/");
        assert_eq!(read("wss://acme.example/live?v=1").to_string(), "wss://acme.example/live?v=1");
        assert_eq!(read("wss://[::1]:7/live").to_string(), "wss://[::1]:7/live");
        assert_eq!((read("ws://a").port, read("wss://a").port, read("wss://a").tls), (80, 443, true));
    }

    #[test]
    fn what_is_no_web_socket_is_refused_with_the_way_out() {
        let refused = |text: &str| text.parse::<WebSocketTarget>().unwrap_err().to_string();
        assert!(refused("https://a").contains("the scheme is neither ws nor wss; write ws://host/path"));
        assert!(refused("ws://").contains("empty host"));
        assert!(refused("ws://a/b#c").contains("a fragment is not sent"));
        let leaky = refused("ws://me:hunter2@a");
        assert!(leaky.contains("credentials do not belong") && !leaky.contains("hunter2"), "{leaky}");
    }
}
