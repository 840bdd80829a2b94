//! Debian's programs, each told where to be.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use super::stage::free;
use crate::support::{Process, eventually, foreign};

/// An address of loopback.
pub(super) type Place = &'static str;

/// The old side's, where names lead; its second one; the new side's; and one of neither side.
const OLD: Place = "127.0.71.1";
const SECOND: Place = "127.0.71.2";
const NEW: Place = "127.0.72.1";
const ELSEWHERE: Place = "127.0.73.1";
const ALL: [Place; 4] = [OLD, SECOND, NEW, ELSEWHERE];

/// The words in the servers' files that stand for ports.
const PORTS: [&str; 19] = [
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
    "SILENT",
    "APPLICATION",
    "SOCKET",
];

/// Which port is whose; the same at every address.
pub(super) struct Places(Vec<(&'static str, u16)>);

impl Places {
    /// Free ports, but for those that are taken already.
    pub(super) fn free(application: SocketAddr, socket: SocketAddr) -> Self {
        Self(
            PORTS
                .into_iter()
                .map(|name| match name {
                    "APPLICATION" => (name, application.port()),
                    "SOCKET" => (name, socket.port()),
                    "MQTTWS" => (name, free(&["127.0.0.1"])),
                    _ => (name, free(&ALL)),
                })
                .collect(),
        )
    }

    pub(super) fn ports(&self) -> impl Iterator<Item = (&'static str, u16)> {
        self.0.iter().copied()
    }

    /// A file with its `{WORDS}` filled in.
    pub(super) fn fill(&self, text: &str, folder: &Path) -> String {
        let places = [("OLD", OLD), ("SECOND", SECOND), ("NEW", NEW), ("ELSEWHERE", ELSEWHERE)];
        let text = places
            .iter()
            .fold(text.to_owned(), |text, (name, place)| text.replace(&format!("{{{name}}}"), place));
        let text = text.replace("{FOLDER}", &folder.to_string_lossy());
        self.ports().fold(text, |text, (name, port)| text.replace(&format!("{{{name}}}"), &port.to_string()))
    }

    fn port(&self, name: &str) -> u16 {
        self.0.iter().find(|(known, _)| *known == name).unwrap().1
    }
}

/// Starts all of them, and waits until each takes connections.
pub(super) fn start(folder: &Path, places: &Places) -> Vec<Process> {
    let written = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, places.fill(text, folder)).unwrap();
        path
    };
    let site = written("site.conf", include_str!("site.conf"));
    assert!(site.is_file());
    let nginx = written("nginx.conf", include_str!("nginx.conf"));
    let unbound = written("unbound.conf", include_str!("unbound.conf"));
    let accounts = written("accounts", "device:hunter2hunter2\n");
    let (code, said) = Process::run(foreign("mosquitto_passwd").arg("-U").arg(&accounts));
    assert_eq!(code, 0, "{said}");
    written("rights", include_str!("rights.conf"));
    let mut running = vec![
        Process::start(foreign("nginx").args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(nginx)),
        Process::start(foreign("unbound").arg("-d").arg("-c").arg(unbound)),
        memcached(places.port("CACHE"), &[]),
        memcached(places.port("CACHES"), &tls(folder)),
    ];
    for (side, address) in [("old", OLD), ("new", NEW)] {
        let mut text = include_str!("mosquitto.conf").replace("{ADDRESS}", address);
        if side == "old" {
            // Behind nginx: its WebSockets can be at an interface's own address alone.
            text.push_str("listener {MQTTWS} 127.0.0.1\nprotocol websockets\n");
        }
        let config = written(&format!("mosquitto-{side}.conf"), &text);
        running.push(Process::start(foreign("mosquitto").arg("-c").arg(config)));
    }
    let both = [OLD, NEW];
    let web = ["HTTP", "HTTPS", "HTTPS1", "H2C", "EXPIRED", "MISNAMED", "SELF_SIGNED", "UNTRUSTED", "MUTUAL"];
    let brokers = ["MQTT", "MQTTS"].into_iter().flat_map(|name| both.map(|place| (place, name)));
    let rest = [(OLD, "CACHE"), (OLD, "CACHES"), (ELSEWHERE, "DNS"), ("127.0.0.1", "MQTTWS")];
    for (place, name) in web.map(|name| (OLD, name)).into_iter().chain(brokers).chain(rest) {
        let at = SocketAddr::new(place.parse().unwrap(), places.port(name));
        eventually(&format!("{name} takes connections"), || {
            TcpStream::connect(at).map(drop).map_err(|error| error.to_string())
        });
    }
    for (side, address) in [("old", OLD), ("new", NEW)] {
        let port = places.port("MQTT").to_string();
        let mut mark = foreign("mosquitto_pub");
        mark.args(["-h", address, "-p", &port, "-u", "device", "-P", "hunter2hunter2"]);
        let (code, said) = Process::run(mark.args(["-r", "-q", "1", "-t", "served-by", "-m", side]));
        assert_eq!(code, 0, "{said}");
    }
    running
}

fn memcached(port: u16, more: &[String]) -> Process {
    let mut command = foreign("memcached");
    command.args(["-u", "root", "-l", OLD, "-U", "0", "-m", "8", "-t", "1", "-p"]);
    Process::start(command.arg(port.to_string()).args(more))
}

fn tls(folder: &Path) -> [String; 3] {
    let folder = folder.display();
    let files = format!("ssl_chain_cert={folder}/site.pem,ssl_key={folder}/site.key");
    ["-Z".to_owned(), "-o".to_owned(), files]
}
