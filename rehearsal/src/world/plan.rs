//! How a world is to be.

use std::{env, net::Ipv4Addr, path::PathBuf, time::Duration};

use crate::faults::{Fault, Timed};

/// How a world is to be. [`Plan::default`] is one that starts on most machines.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The old side's address, of 127.0.0.0/8.
    pub old: Ipv4Addr,
    /// The new side's address, of 127.0.0.0/8.
    pub new: Ipv4Addr,
    /// The address of everything else: DNS, mail, control; of 127.0.0.0/8.
    pub services: Ipv4Addr,
    /// The TTL of the names; whole seconds.
    pub ttl: Duration,
    /// How long a write on the old side takes to reach the new one.
    pub replication_lag: Duration,
    /// The domain of the names that move.
    pub domain: String,
    /// The ports to listen on.
    pub ports: Ports,
    /// What is to go wrong, and when.
    pub faults: Vec<Timed<Fault>>,
    /// The directory in which `ca.pem` is written; it must exist.
    pub directory: PathBuf,
}

/// The ports to listen on; 0, the default, is any free one.
#[derive(Debug, Default, Clone, Copy)]
pub struct Ports {
    /// API and console, on both sides.
    pub https: u16,
    /// The MQTT broker, on both sides.
    pub mqtt: u16,
    /// The authoritative DNS server, over UDP and TCP.
    pub zone: u16,
    /// The resolver `office`, over UDP and TCP.
    pub office: u16,
    /// The resolver `mobile`, over UDP and TCP.
    pub mobile: u16,
    /// The mail sink.
    pub smtp: u16,
    /// The control of the world.
    pub control: u16,
}

impl Default for Plan {
    /// Sides at 127.0.11.1 and 127.0.12.1, services at 127.0.10.1, a TTL of 5 s, a replication lag of 500 ms, the
    /// domain `acme.example`, free ports, no faults, `ca.pem` in the system's directory for temporary files.
    fn default() -> Self {
        Self {
            old: Ipv4Addr::new(127, 0, 11, 1),
            new: Ipv4Addr::new(127, 0, 12, 1),
            services: Ipv4Addr::new(127, 0, 10, 1),
            ttl: Duration::from_secs(5),
            replication_lag: Duration::from_millis(500),
            domain: "acme.example".to_owned(),
            ports: Ports::default(),
            faults: Vec::new(),
            directory: env::temp_dir(),
        }
    }
}
