//! Where everything is.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use tokio::net::TcpSocket;

use crate::support::eventually;

/// The words in the servers' files that stand for ports.
const PORTS: [&str; 18] = [
    "HTTP",
    "HTTPS",
    "HTTPS1",
    "H2C",
    "EXPIRED",
    "MISNAMED",
    "SELF_SIGNED",
    "UNTRUSTED",
    "MUTUAL",
    "MQTT",
    "MQTTS",
    "MQTTWS",
    "CACHE",
    "CACHES",
    "DNS",
    "CLOSED",
    "APPLICATION",
    "SOCKET",
];

/// Addresses of loopback that no other test has, and ports that are the same at each of them.
pub(super) struct Places {
    /// The old side's, where names lead.
    pub(super) old: Ipv4Addr,
    /// Its second one.
    pub(super) second: Ipv4Addr,
    /// The new side's.
    pub(super) new: Ipv4Addr,
    /// One of neither side.
    pub(super) elsewhere: Ipv4Addr,
    ports: Vec<(&'static str, u16)>,
    /// Keeps others away from where nobody listens: bound, and deaf.
    nobody: TcpSocket,
}

impl Places {
    /// What one test leaves free another one could take, of this process or of another: so each has its own addresses.
    pub(super) fn free(topic: &str, application: SocketAddr, socket: SocketAddr) -> Self {
        let [.., high, low] = std::process::id().to_be_bytes();
        let own = topic.bytes().fold(low, u8::wrapping_add);
        let at = |last| Ipv4Addr::new(127, 64 + high % 128, own, last);
        let (old, second, new, elsewhere) = (at(1), at(2), at(17), at(33));
        // Held until all are known: else two of them might be the same.
        let mut held = Vec::new();
        let port = |name| match name {
            "APPLICATION" => application.port(),
            "SOCKET" => socket.port(),
            // Free at every address, for it stands beside those of other tests.
            "MQTTWS" => free(&[Ipv4Addr::UNSPECIFIED], &mut held),
            _ => free(&[old, second, new, elsewhere], &mut held),
        };
        let names = PORTS.iter().copied();
        let ports = names.clone().zip(names.map(port)).collect();
        drop(held);
        let nobody = TcpSocket::new_v4().unwrap();
        let places = Self { old, second, new, elsewhere, ports, nobody };
        places.nobody.bind((old, places.port("CLOSED")).into()).unwrap();
        places
    }

    /// Words, and what they stand for in the servers' files.
    fn words(&self) -> impl Iterator<Item = (&'static str, String)> {
        let addresses =
            [("OLD", self.old), ("SECOND", self.second), ("NEW", self.new), ("ELSEWHERE", self.elsewhere)];
        let addresses = addresses.map(|(name, address)| (name, address.to_string()));
        addresses.into_iter().chain(self.ports.iter().map(|(name, port)| (*name, port.to_string())))
    }

    /// A file with its `{WORDS}` filled in.
    pub(super) fn fill(&self, text: &str, folder: &Path) -> String {
        let text = text.replace("{FOLDER}", &folder.to_string_lossy());
        self.words().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), &value))
    }

    /// A text with words in the place of all of them.
    pub(super) fn named(&self, text: &str) -> String {
        self.words().fold(text.to_owned(), |text, (name, value)| {
            let pattern = regex::Regex::new(&format!(r"\b{}\b", regex::escape(&value))).unwrap();
            pattern.replace_all(&text, name).into_owned()
        })
    }

    pub(super) fn port(&self, name: &str) -> u16 {
        self.ports.iter().find(|(known, _)| *known == name).unwrap().1
    }
}

/// A port that is free at all of these addresses: none of the programs can be asked which one it took.
fn free(addresses: &[Ipv4Addr], held: &mut Vec<TcpListener>) -> u16 {
    let (port, all) = eventually("a port is free", || {
        let bind = |address, port| TcpListener::bind((address, port)).map_err(|error| error.to_string());
        let first = bind(addresses[0], 0)?;
        let port = first.local_addr().unwrap().port();
        let mut all = vec![first];
        for address in &addresses[1..] {
            all.push(bind(*address, port)?);
        }
        Ok((port, all))
    });
    held.extend(all);
    port
}
