//! Debian's programs, each told where to be.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;

use super::places::Places;
use crate::support::{Process, eventually, foreign};

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
        memcached(places, "CACHE", &[]),
        memcached(places, "CACHES", &tls(folder)),
    ];
    let (old, new) = (places.old, places.new);
    for (side, address) in [("old", old), ("new", new)] {
        let mut text = include_str!("mosquitto.conf").replace("{ADDRESS}", &address.to_string());
        if side == "old" {
            // Behind nginx: its WebSockets can be at an interface's own address alone.
            text.push_str("listener {MQTTWS} 127.0.0.1\nprotocol websockets\n");
        }
        let config = written(&format!("mosquitto-{side}.conf"), &text);
        running.push(Process::start(foreign("mosquitto").arg("-c").arg(config)));
    }
    let both = [old, new];
    let web = ["HTTP", "HTTPS", "HTTPS1", "H2C", "EXPIRED", "MISNAMED", "SELF_SIGNED", "UNTRUSTED", "MUTUAL"];
    let brokers = ["MQTT", "MQTTS"].into_iter().flat_map(|name| both.map(|place| (place, name)));
    let rest = [(old, "CACHE"), (old, "CACHES"), (places.elsewhere, "DNS"), (Ipv4Addr::LOCALHOST, "MQTTWS")];
    for (place, name) in web.map(|name| (old, name)).into_iter().chain(brokers).chain(rest) {
        let at = SocketAddr::from((place, places.port(name)));
        eventually(&format!("{name} takes connections"), || {
            TcpStream::connect(at).map(drop).map_err(|error| error.to_string())
        });
    }
    for (side, address) in [("old", old), ("new", new)] {
        let port = places.port("MQTT").to_string();
        let mut mark = foreign("mosquitto_pub");
        mark.args(["-h", &address.to_string(), "-p", &port, "-u", "device", "-P", "hunter2hunter2"]);
        let (code, said) = Process::run(mark.args(["-r", "-q", "1", "-t", "served-by", "-m", side]));
        assert_eq!(code, 0, "{said}");
    }
    running
}

fn memcached(places: &Places, port: &str, more: &[String]) -> Process {
    let mut command = foreign("memcached");
    command.args(["-u", "root", "-l", &places.old.to_string(), "-U", "0", "-m", "8", "-t", "1", "-p"]);
    Process::start(command.arg(places.port(port).to_string()).args(more))
}

fn tls(folder: &Path) -> [String; 3] {
    let folder = folder.display();
    let files = format!("ssl_chain_cert={folder}/site.pem,ssl_key={folder}/site.key");
    ["-Z".to_owned(), "-o".to_owned(), files]
}
