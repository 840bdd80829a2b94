//! Where everything in a world is.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::Serialize;

use crate::side::Side;

/// Where everything in a world is, with the ports that were really taken.
#[derive(Debug, Clone, Serialize)]
pub struct Places {
    /// The old side's address.
    pub old: Ipv4Addr,
    /// The new side's address.
    pub new: Ipv4Addr,
    /// The port of API and console, HTTPS, on both sides.
    pub https: u16,
    /// The port of the MQTT broker, plain TCP, on both sides.
    pub mqtt: u16,
    /// The authoritative DNS server, UDP and TCP.
    pub zone: SocketAddr,
    /// The resolvers that cache.
    pub resolvers: Resolvers,
    /// The mail sink.
    pub smtp: SocketAddr,
    /// The control of the world, plain HTTP.
    pub control: SocketAddr,
    /// The certificate of the authority that has signed both sides' certificates, in PEM.
    pub ca: PathBuf,
    /// The names that move.
    pub names: Names,
    /// The account that may always connect to the brokers.
    pub operator: Operator,
    /// The ids of the real devices, as they stand in their topics.
    pub canaries: [String; 2],
}

/// The resolvers that cache, one for each place from which users ask. UDP and TCP.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Resolvers {
    /// The one that the fault `dns-stale` makes stale.
    pub office: SocketAddr,
    /// The other one.
    pub mobile: SocketAddr,
}

/// The names that move.
#[derive(Debug, Clone, Serialize)]
pub struct Names {
    /// The API's.
    pub api: String,
    /// The console's.
    pub console: String,
    /// The broker's.
    pub mqtt: String,
}

/// An account on both brokers.
#[derive(Debug, Clone, Serialize)]
pub struct Operator {
    /// Its user name.
    pub username: String,
    /// Its password.
    pub password: String,
}

impl Places {
    /// A side's address.
    #[must_use]
    pub fn address(&self, side: Side) -> Ipv4Addr {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }
}

impl Names {
    pub(super) fn of(domain: &str) -> Self {
        let name = |host| format!("{host}.{domain}");
        Self { api: name("api"), console: name("console"), mqtt: name("mqtt") }
    }
}
