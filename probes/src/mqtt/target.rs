//! Where a broker is, as it is written.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Position, Url};

/// Where a broker is: `mqtt://host[:1883]`, `mqtts://host[:8883]`, or over a WebSocket `ws://host[:80]/path` and
/// `wss://host[:443]/path`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MqttTarget {
    /// The host: a name, or an address without brackets.
    pub host: Arc<str>,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// The path, and the query if there is one, at which a WebSocket is opened (MQTT 3.1.1 section 6); `None` where
    /// MQTT is spoken without one.
    pub web: Option<Arc<str>>,
}

impl MqttTarget {
    /// The broker at `mqtt://host:port`.
    pub fn plain(host: impl Into<Arc<str>>, port: u16) -> Self {
        Self { host: host.into(), port, tls: false, web: None }
    }
}

/// Why a text says of no broker where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no broker: {why}; write mqtt://host:port, mqtts://host:port, ws://host:port/path or wss://host:port/path"
)]
pub struct TargetError {
    given: String,
    why: String,
}

impl FromStr for MqttTarget {
    type Err = TargetError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let refuse = |why: &str| TargetError { given: given.to_owned(), why: why.to_owned() };
        let url = Url::parse(given).map_err(|error| refuse(&error.to_string()))?;
        let (tls, usual, web) = match url.scheme() {
            "mqtt" => (false, 1883, false),
            "mqtts" => (true, 8883, false),
            "ws" => (false, 80, true),
            "wss" => (true, 443, true),
            _ => return Err(refuse("the scheme is none of mqtt, mqtts, ws and wss")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            // Not repeated in the message: it would end up in a log.
            let why = "credentials do not belong into the address".to_owned();
            return Err(TargetError { given: format!("{}://...", url.scheme()), why });
        }
        let after = &url[Position::BeforePath..Position::AfterQuery];
        if url.fragment().is_some() || !web && !matches!(after, "" | "/") {
            return Err(refuse(if web { "a fragment is not sent" } else { "nothing may follow the port" }));
        }
        let web = web.then(|| Arc::from(after));
        let host = match url.host() {
            // The URL standard lowers the case of http's hosts only.
            Some(Host::Domain(name)) if !name.is_empty() => name.to_ascii_lowercase(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(refuse("there is no host")),
        };
        Ok(Self { host: host.into(), port: url.port().unwrap_or(usual), tls, web })
    }
}

impl fmt::Display for MqttTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls, web } = self;
        let scheme = match (web, tls) {
            (None, false) => "mqtt",
            (None, true) => "mqtts",
            (Some(_), false) => "ws",
            (Some(_), true) => "wss",
        };
        let path = web.as_deref().unwrap_or_default();
        if host.contains(':') {
            return write!(f, "{scheme}://[{host}]:{port}{path}");
        }
        write!(f, "{scheme}://{host}:{port}{path}")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn ports_and_tls_come_from_the_scheme() {
        let read = |text: &str| text.parse::<MqttTarget>().unwrap();
        assert_eq!(read("mqtt://Mqtt.acme.example").to_string(), "mqtt://mqtt.acme.example:1883");
        assert_eq!(read("mqtts://mqtt.acme.example/").to_string(), "mqtts://mqtt.acme.example:8883");
        assert_eq!(read("mqtt://127.0.0.1:7").to_string(), "mqtt://127.0.0.1:7");
        assert_eq!(read("mqtt://[::1]:7").to_string(), "mqtt://[::1]:7");
        assert_eq!(&*read("mqtt://[::1]:7").host, "::1");
        assert_eq!(read("ws://Acme.example").to_string(), "ws://acme.example:80/");
        assert_eq!(read("wss://acme.example/mqtt?v=1").to_string(), "wss://acme.example:443/mqtt?v=1");
        assert_eq!(read("wss://[::1]:7/mqtt").web.as_deref(), Some("/mqtt"));
    }

    #[test]
    fn what_is_no_broker_is_refused_with_the_way_out() {
        let refused = |text: &str| text.parse::<MqttTarget>().unwrap_err().to_string();
        assert!(refused("http://a").contains("the scheme is none of mqtt, mqtts, ws and wss"));
        assert!(refused("mqtt://").contains("write mqtt://host:port"));
        assert!(refused("mqtt://a/b").contains("nothing may follow the port"));
        assert!(refused("ws://a/b#c").contains("a fragment is not sent"));
        assert!(refused("ws://").contains("write mqtt://host:port"));
        assert!(refused("broker:99999").contains("write mqtt://host:port"));
        let leaky = refused("mqtt://me:hunter2@a");
        assert!(leaky.contains("credentials do not belong") && !leaky.contains("hunter2"), "{leaky}");
    }
}
