//! Where everything is: addresses of the sides' own, and ports that are the same on both.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::support::eventually;

/// Where the resolver is.
pub(crate) const RESOLVER: &str = "127.0.33.1";

/// One of the two sides.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Old,
    New,
}

/// The ports, which are the same on both sides.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) https: u16,
    pub(crate) mqtt: u16,
    pub(crate) dns: u16,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Old, Self::New];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }

    pub(crate) const fn address(self) -> &'static str {
        match self {
            Self::Old => "127.0.31.1",
            Self::New => "127.0.32.1",
        }
    }
}

impl Ports {
    /// Ports that are free: none of the programs can be asked which one it took.
    pub(crate) fn free() -> Self {
        let sides = Side::BOTH.map(Side::address);
        let port = |addresses: &[&str]| {
            eventually("a port is free", || free(addresses).map_err(|error| error.to_string()))
        };
        Self { https: port(&sides), mqtt: port(&sides), dns: port(&[RESOLVER]) }
    }

    /// Waits until everything takes connections.
    pub(crate) fn answer(self) {
        let sides = Side::BOTH.map(Side::address);
        let places = sides.iter().flat_map(|address| [(*address, self.https), (*address, self.mqtt)]);
        for (address, port) in places.chain([(RESOLVER, self.dns)]) {
            let at = SocketAddr::new(address.parse().unwrap(), port);
            let connect = || TcpStream::connect(at).map(drop).map_err(|error| error.to_string());
            eventually(&format!("{at} takes connections"), connect);
        }
    }
}

/// A port that is free on all of these addresses.
fn free(addresses: &[&str]) -> io::Result<u16> {
    let first = TcpListener::bind((addresses[0], 0))?;
    let port = first.local_addr()?.port();
    for other in &addresses[1..] {
        TcpListener::bind((*other, port))?;
    }
    Ok(port)
}
