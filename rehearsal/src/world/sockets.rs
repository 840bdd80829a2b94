//! Everything in a world that listens.

use std::{io, net::Ipv4Addr, path::PathBuf};

use tokio::net::{TcpListener, UdpSocket};

use super::{Names, Operator, Places, Plan, Resolvers, WorldError};
use crate::gate::listen;

/// How many free ports are tried until one is found that is free wherever it has to be.
const TRIES: usize = 32;

/// Everything that listens; the sides' listeners are the old one's and the new one's.
pub(super) struct Sockets {
    pub(super) https: (TcpListener, TcpListener),
    pub(super) mqtt: (TcpListener, TcpListener),
    pub(super) zone: (UdpSocket, TcpListener),
    pub(super) office: (UdpSocket, TcpListener),
    pub(super) mobile: (UdpSocket, TcpListener),
    pub(super) smtp: TcpListener,
    pub(super) control: TcpListener,
}

impl Sockets {
    /// Binds them all, or none.
    pub(super) fn bind(plan: &Plan) -> Result<Self, WorldError> {
        let Plan { old, new, services, ports, .. } = *plan;
        Ok(Self {
            https: pair("HTTPS API", old, new, ports.https)?,
            mqtt: pair("MQTT broker", old, new, ports.mqtt)?,
            zone: dns("DNS zone", services, ports.zone)?,
            office: dns("resolver `office`", services, ports.office)?,
            mobile: dns("resolver `mobile`", services, ports.mobile)?,
            smtp: tcp("mail sink", services, ports.smtp)?,
            control: tcp("control", services, ports.control)?,
        })
    }

    /// Where everything is. Fails only if the system does not know its own sockets.
    pub(super) fn places(
        &self,
        plan: &Plan,
        ca: PathBuf,
        names: Names,
        operator: Operator,
    ) -> io::Result<Places> {
        let Plan { old, new, .. } = *plan;
        Ok(Places {
            old,
            new,
            https: self.https.0.local_addr()?.port(),
            mqtt: self.mqtt.0.local_addr()?.port(),
            zone: self.zone.1.local_addr()?,
            resolvers: Resolvers { office: self.office.1.local_addr()?, mobile: self.mobile.1.local_addr()? },
            smtp: self.smtp.local_addr()?,
            control: self.control.local_addr()?,
            ca,
            names,
            operator,
            canaries: ["t-4711", "g-0042"].map(str::to_owned),
        })
    }
}

/// Listeners on the same port of both sides; on a free one if `port` is 0.
fn pair(
    what: &'static str,
    old: Ipv4Addr,
    new: Ipv4Addr,
    port: u16,
) -> Result<(TcpListener, TcpListener), WorldError> {
    twice(port, |port| {
        let first = listen((old, port).into()).map_err(|source| (old, source))?;
        let port = first.local_addr().map_err(|source| (old, source))?.port();
        let second = listen((new, port).into()).map_err(|source| (new, source))?;
        Ok((first, second))
    })
    .map_err(|(address, source)| WorldError::Bind { what, address, port, source })
}

/// A UDP socket and a TCP listener on the same port; on a free one if `port` is 0.
fn dns(what: &'static str, address: Ipv4Addr, port: u16) -> Result<(UdpSocket, TcpListener), WorldError> {
    twice(port, |port| {
        let tcp = listen((address, port).into())?;
        let udp = std::net::UdpSocket::bind(tcp.local_addr()?)?;
        udp.set_nonblocking(true)?;
        Ok((UdpSocket::from_std(udp)?, tcp))
    })
    .map_err(|source: io::Error| WorldError::Bind { what, address, port, source })
}

/// A TCP listener.
fn tcp(what: &'static str, address: Ipv4Addr, port: u16) -> Result<TcpListener, WorldError> {
    listen((address, port).into()).map_err(|source| WorldError::Bind { what, address, port, source })
}

/// Makes something of two sockets that share a port. The first one's free port may be taken where the second one is to
/// be: then another is tried.
fn twice<T, E>(port: u16, make: impl Fn(u16) -> Result<T, E>) -> Result<T, E> {
    let mut made = make(port);
    for _ in 1..TRIES {
        if port != 0 || made.is_ok() {
            break;
        }
        made = make(port);
    }
    made
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_sides_have_the_same_port_and_a_taken_one_is_named() {
        let (old, new) = (Ipv4Addr::new(127, 0, 1, 1), Ipv4Addr::new(127, 0, 1, 2));
        let (first, second) = pair("broker", old, new, 0).unwrap();
        let port = first.local_addr().unwrap().port();
        assert_eq!(port, second.local_addr().unwrap().port());
        drop(first);
        let error = pair("broker", old, new, port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the broker cannot listen on 127.0.1.2:{port}: ")), "{error}");
    }
}
