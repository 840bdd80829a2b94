//! Debian's programs, each as a peer of the canary's.

use std::fs;
use std::path::Path;

use super::ports::{Ports, RESOLVER, Side};
use crate::support::{Process, foreign};

/// The names that move.
const NAMES: &str = "api.acme.example console.acme.example mqtt.acme.example";
/// Of the one account that all devices are given, and of the operator's.
pub(crate) const PASSWORD: &str = "pw-of-the-test";

/// The brokers' accounts, and the operator's password for the canary.
pub(super) fn accounts(folder: &Path) {
    fs::write(folder.join("operator.password"), PASSWORD).unwrap();
    let path = folder.join("accounts");
    fs::write(&path, format!("device:{PASSWORD}\noperator:{PASSWORD}\n")).unwrap();
    let (code, said) = Process::run(foreign("mosquitto_passwd").arg("-U").arg(&path));
    assert_eq!(code, 0, "{said}");
}

/// One side's nginx.
pub(super) fn nginx(folder: &Path, side: Side, ports: Ports) -> Process {
    let own = folder.join(side.as_str());
    fs::create_dir_all(&own).unwrap();
    let words = [
        ("ADDRESS", side.address()),
        ("SIDE", side.as_str()),
        ("PASSWORD", PASSWORD),
        ("FOLDER", &*folder.to_string_lossy()),
    ];
    fs::write(own.join("nginx.conf"), fill(include_str!("nginx.conf"), ports, &words)).unwrap();
    Process::start(foreign("nginx").args(["-e", "stderr", "-c", "nginx.conf", "-p"]).arg(own))
}

/// One side's mosquitto.
pub(super) fn mosquitto(folder: &Path, side: Side, ports: Ports) -> Process {
    let config = folder.join(format!("mosquitto-{}.conf", side.as_str()));
    let words = [("ADDRESS", side.address()), ("FOLDER", &*folder.to_string_lossy())];
    fs::write(&config, fill(include_str!("mosquitto.conf"), ports, &words)).unwrap();
    Process::start(foreign("mosquitto").arg("-c").arg(&config))
}

/// dnsmasq, with a TTL of two seconds. It answers for the names alone, from a file that it reads again at a SIGHUP.
pub(crate) fn dnsmasq(folder: &Path, ports: Ports) -> Process {
    let config = folder.join("dnsmasq.conf");
    let words = [("RESOLVER", RESOLVER), ("FOLDER", &*folder.to_string_lossy())];
    fs::write(&config, fill(include_str!("dnsmasq.conf"), ports, &words)).unwrap();
    Process::start(foreign("dnsmasq").arg("-C").arg(config))
}

/// Where the names are. Whole at every moment, for dnsmasq may read it at any.
pub(crate) fn hosts(folder: &Path, side: Side) {
    let next = folder.join("hosts.next");
    fs::write(&next, format!("{} {NAMES}\n", side.address())).unwrap();
    fs::rename(&next, folder.join("hosts")).unwrap();
}

/// A file with its `{WORDS}` filled in.
pub(crate) fn fill(text: &str, ports: Ports, words: &[(&str, &str)]) -> String {
    let (https, mqtt, dns) = (ports.https.to_string(), ports.mqtt.to_string(), ports.dns.to_string());
    let ports = [("HTTPS", &*https), ("MQTT", &*mqtt), ("DNS", &*dns)];
    let replace = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{name}}}"), value);
    words.iter().chain(&ports).fold(text.to_owned(), replace)
}
