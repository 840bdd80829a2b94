//! The platform that moves: two sides and a resolver.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::certificates;
use crate::support::{Process, eventually, foreign};

/// What it is made of.
pub(super) const PROGRAMS: [&str; 6] =
    ["nginx", "mosquitto", "mosquitto_passwd", "mosquitto_pub", "mosquitto_sub", "dnsmasq"];

const RESOLVER: &str = "127.0.33.1";
const NAMES: &str = "api.acme.example console.acme.example mqtt.acme.example";
/// Of the one account that all devices are given, and of the operator's.
const PASSWORD: &str = "pw-of-the-test";

/// One of the two sides.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Old,
    New,
}

/// A running platform.
pub(super) struct Platform {
    folder: TempDir,
    ports: Ports,
    dnsmasq: Process,
    /// The old side's and the new one's.
    brokers: [Process; 2],
    new_nginx: Process,
    _old_nginx: Process,
}

/// The same on both sides.
#[derive(Clone, Copy)]
struct Ports {
    https: u16,
    mqtt: u16,
    dns: u16,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Old, Self::New];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Old => "127.0.31.1",
            Self::New => "127.0.32.1",
        }
    }
}

impl Platform {
    /// Starts everything, and waits until it answers. The names are on the old side.
    pub(super) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let sides = Side::BOTH.map(Side::address);
        let ports = Ports { https: free(&sides), mqtt: free(&sides), dns: free(&[RESOLVER]) };
        let at = folder.path();
        certificates::write(at);
        accounts(at);
        hosts(at, Side::Old);
        let nginx = |side| {
            configure_nginx(at, side, ports);
            Process::start(foreign("nginx").arg("-p").arg(at.join(side.as_str())).args([
                "-e",
                "stderr",
                "-c",
                "nginx.conf",
            ]))
        };
        let platform = Self {
            ports,
            dnsmasq: dnsmasq(at, ports.dns),
            brokers: Side::BOTH.map(|side| mosquitto(at, side, ports.mqtt)),
            new_nginx: nginx(Side::New),
            _old_nginx: nginx(Side::Old),
            folder,
        };
        answers(RESOLVER, ports.dns);
        for side in Side::BOTH {
            answers(side.address(), ports.https);
            answers(side.address(), ports.mqtt);
            platform.mark(side);
        }
        let journeys = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys");
        let config = fill(
            include_str!("serin.yaml"),
            ports,
            &[
                ("OLD", Side::Old.address()),
                ("NEW", Side::New.address()),
                ("DNS", &format!("{RESOLVER}:{}", ports.dns)),
                ("JOURNEYS", journeys),
            ],
        );
        fs::write(platform.config(), config).unwrap();
        platform
    }

    /// Where the canary's files are.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration with which it is watched.
    pub(super) fn config(&self) -> PathBuf {
        self.folder().join("serin.yaml")
    }

    /// Lets the names point at the new side from now on.
    pub(super) fn flip(&self) {
        hosts(self.folder(), Side::New);
        self.dnsmasq.signal("HUP");
    }

    /// From now on the new side's nginx fails one request in ten.
    pub(super) fn sickens(&self) {
        fs::write(self.folder().join("new/ill"), "").unwrap();
    }

    /// The new side's nginx is stopped, as its administrator would do it.
    pub(super) fn stops(&mut self) {
        self.new_nginx.signal("TERM");
        assert_eq!(self.new_nginx.ends(), 0);
    }

    /// Somebody who waits for one command to the fleet, on one side.
    pub(super) fn witness(&mut self, side: Side) -> Process {
        let topic = "fleets/thermostats/commands";
        let witness = Process::start(
            self.client("mosquitto_sub", side).args(["-i", "witness", "-C", "1", "-t", topic]),
        );
        // It says nothing itself before it ends; the broker tells who subscribes.
        self.brokers[side as usize].says(&format!("witness 0 {topic}"));
        witness
    }

    /// Publishes the retained message by which a side's broker is recognised.
    fn mark(&self, side: Side) {
        let message = ["-r", "-q", "1", "-t", "served-by", "-m", side.as_str()];
        let (code, said) = Process::run(self.client("mosquitto_pub", side).args(message));
        assert_eq!(code, 0, "{said}");
    }

    fn client(&self, program: &str, side: Side) -> std::process::Command {
        let mut client = foreign(program);
        client.args(["-h", side.address(), "-p", &self.ports.mqtt.to_string()]);
        client.args(["-u", "operator", "-P", PASSWORD]);
        client
    }
}

/// The brokers' accounts, and the operator's password for the canary.
fn accounts(folder: &Path) {
    fs::write(folder.join("operator.password"), PASSWORD).unwrap();
    let path = folder.join("accounts");
    fs::write(&path, format!("device:{PASSWORD}\noperator:{PASSWORD}\n")).unwrap();
    let (code, said) = Process::run(foreign("mosquitto_passwd").arg("-U").arg(&path));
    assert_eq!(code, 0, "{said}");
}

fn configure_nginx(folder: &Path, side: Side, ports: Ports) {
    let own = folder.join(side.as_str());
    fs::create_dir_all(&own).unwrap();
    let words = [
        ("ADDRESS", side.address()),
        ("SIDE", side.as_str()),
        ("PASSWORD", PASSWORD),
        ("FOLDER", &*folder.to_string_lossy()),
    ];
    fs::write(own.join("nginx.conf"), fill(include_str!("nginx.conf"), ports, &words)).unwrap();
}

fn mosquitto(folder: &Path, side: Side, port: u16) -> Process {
    let ports = Ports { https: 0, mqtt: port, dns: 0 };
    let config = folder.join(format!("mosquitto-{}.conf", side.as_str()));
    let words = [("ADDRESS", side.address()), ("FOLDER", &*folder.to_string_lossy())];
    fs::write(&config, fill(include_str!("mosquitto.conf"), ports, &words)).unwrap();
    Process::start(foreign("mosquitto").arg("-c").arg(&config))
}

/// Answers for the names alone, from a file that it reads again at a SIGHUP.
fn dnsmasq(folder: &Path, port: u16) -> Process {
    let hosts = folder.join("hosts");
    Process::start(
        foreign("dnsmasq")
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--user=root"])
            .args([
                "--no-resolv",
                "--no-hosts",
                "--local=/acme.example/",
                "--local-ttl=2",
                "--bind-interfaces",
            ])
            .arg(format!("--pid-file={}", folder.join("dnsmasq.pid").display()))
            .arg(format!("--listen-address={RESOLVER}"))
            .arg(format!("--port={port}"))
            .arg(format!("--addn-hosts={}", hosts.display())),
    )
}

/// Where the names are. Whole at every moment, for dnsmasq may read it at any.
fn hosts(folder: &Path, side: Side) {
    let next = folder.join("hosts.next");
    fs::write(&next, format!("{} {NAMES}\n", side.address())).unwrap();
    fs::rename(&next, folder.join("hosts")).unwrap();
}

fn fill(text: &str, ports: Ports, words: &[(&str, &str)]) -> String {
    let (https, mqtt) = (ports.https.to_string(), ports.mqtt.to_string());
    let ports = [("HTTPS", &*https), ("MQTT", &*mqtt)];
    let replace = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{name}}}"), value);
    words.iter().chain(&ports).fold(text.to_owned(), replace)
}

/// A port that is free on all of these addresses.
fn free(addresses: &[&str]) -> u16 {
    let on = |port| {
        addresses.iter().map(|address| TcpListener::bind((*address, port))).collect::<Result<Vec<_>, _>>()
    };
    eventually("a port is free on both sides", || {
        let first = TcpListener::bind((addresses[0], 0)).map_err(|error| error.to_string())?;
        let port = first.local_addr().map_err(|error| error.to_string())?.port();
        drop(first);
        on(port).map(|_| port).map_err(|error| error.to_string())
    })
}

fn answers(address: &str, port: u16) {
    let at = SocketAddr::new(address.parse().unwrap(), port);
    eventually(&format!("{at} answers"), || {
        TcpStream::connect(at).map(drop).map_err(|error| error.to_string())
    });
}
