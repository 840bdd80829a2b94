//! The platform that moves: two sides and a resolver.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::certificates;
use super::peers::{PASSWORD, accounts, dnsmasq, fill, hosts, mosquitto, nginx};
use super::ports::{Ports, RESOLVER, Side};
use crate::support::{Process, foreign};

/// What it is made of.
pub(super) const PROGRAMS: [&str; 6] =
    ["nginx", "mosquitto", "mosquitto_passwd", "mosquitto_pub", "mosquitto_sub", "dnsmasq"];

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

impl Platform {
    /// Starts everything, and waits until it answers. The names are on the old side.
    pub(super) fn start() -> Self {
        let (folder, ports) = (TempDir::new().unwrap(), Ports::free());
        let at = folder.path();
        certificates::write(at);
        accounts(at);
        hosts(at, Side::Old);
        let platform = Self {
            ports,
            dnsmasq: dnsmasq(at, ports),
            brokers: Side::BOTH.map(|side| mosquitto(at, side, ports)),
            new_nginx: nginx(at, Side::New, ports),
            _old_nginx: nginx(at, Side::Old, ports),
            folder,
        };
        ports.answer();
        Side::BOTH.iter().for_each(|side| platform.mark(*side));
        let words = [
            ("OLD", Side::Old.address()),
            ("NEW", Side::New.address()),
            ("RESOLVER", RESOLVER),
            ("JOURNEYS", concat!(env!("CARGO_MANIFEST_DIR"), "/journeys")),
        ];
        let config = fill(include_str!("serin.yaml"), ports, &words);
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

    /// A real device says something, by mosquitto's own client.
    pub(super) fn publishes(&self, side: Side, topic: &str, payload: &str) {
        let message = ["-q", "1", "-t", topic, "-m", payload];
        let (code, said) = Process::run(self.client("mosquitto_pub", side).args(message));
        assert_eq!(code, 0, "{said}");
    }

    /// Adds a section to the configuration; the broker's port is filled in.
    pub(super) fn configures(&self, section: &str) {
        let config = fs::read_to_string(self.config()).unwrap() + &fill(section, self.ports, &[]);
        fs::write(self.config(), config).unwrap();
    }

    /// Publishes the retained message by which a side's broker is recognised.
    fn mark(&self, side: Side) {
        let message = ["-r", "-q", "1", "-t", "served-by", "-m", side.as_str()];
        let (code, said) = Process::run(self.client("mosquitto_pub", side).args(message));
        assert_eq!(code, 0, "{said}");
    }

    fn client(&self, program: &str, side: Side) -> Command {
        let mut client = foreign(program);
        client.args(["-h", side.address(), "-p", &self.ports.mqtt.to_string()]);
        client.args(["-u", "operator", "-P", PASSWORD]);
        client
    }
}
