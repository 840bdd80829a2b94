//! How a run is aimed: from a host to addresses along its route.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cutover::{AbortCause, Parts, Reached, Route, Side, Sides};

use crate::{Fault, ProbeError, Resolver};

/// The names that move, and where each is on each side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    old: HashMap<String, IpAddr>,
    new: HashMap<String, IpAddr>,
}

/// Aims every exchange of a run: old, new or live. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aim {
    route: Route,
    sides: Arc<Sides>,
    pins: Arc<Pins>,
    resolver: Option<Resolver>,
    /// Where one host is, whatever everybody else says.
    fixed: Option<(Arc<str>, IpAddr)>,
}

/// Where a host is, along a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// At least one address, in the order in which they are to be tried.
    pub addresses: Vec<IpAddr>,
    /// The answer's TTL; `None` when no resolver was asked (a pin, a literal address).
    pub ttl: Option<Duration>,
    /// How long the lookup took; zero when no resolver was asked.
    pub took: Duration,
}

impl Pins {
    /// Pins `host` to `address` on one side. The last pin of a host counts.
    pub fn pin(&mut self, side: Side, host: &str, address: IpAddr) {
        let pins = match side {
            Side::Old => &mut self.old,
            Side::New => &mut self.new,
        };
        pins.insert(canonical(host), address);
    }

    /// The address of `host` on one side, if it is one of the names that move.
    pub fn get(&self, side: Side, host: &str) -> Option<IpAddr> {
        let pins = match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        };
        pins.get(&canonical(host)).copied()
    }
}

impl Aim {
    /// The names that move, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let Pins { old, new } = &*self.pins;
        let only_new = new.keys().filter(|host| !old.contains_key(*host));
        old.keys().chain(only_new).map(String::as_str)
    }

    /// Aims along `route`. A pinned route takes the names in `pins` from there; all else goes through `resolver`. With
    /// none it reaches only [what needs none](needs_no_resolver), and what is pinned.
    pub fn new(
        route: Route,
        sides: Arc<Sides>,
        pins: Arc<Pins>,
        resolver: impl Into<Option<Resolver>>,
    ) -> Self {
        Self { route, sides, pins, resolver: resolver.into(), fixed: None }
    }

    /// The same aim, along which `host` is at `address` and nowhere else: for one of several that a name has.
    #[must_use]
    pub fn at(&self, host: &str, address: IpAddr) -> Self {
        Self { fixed: Some((canonical(host).into(), address)), ..self.clone() }
    }

    /// The route.
    pub const fn route(&self) -> Route {
        self.route
    }

    /// Whom it asks where a host is, if there is anybody.
    pub const fn resolver(&self) -> Option<&Resolver> {
        self.resolver.as_ref()
    }

    /// The side whose addresses hold `peer`.
    pub fn side_of(&self, peer: SocketAddr) -> Reached {
        self.sides.side_of(peer.ip())
    }

    /// Where `host` is: a literal address is itself, `localhost` is this machine (RFC 6761 section 6.3), a name that
    /// is pinned on this route is where the pin says, and any other name is asked for. `/etc/hosts` is not read.
    ///
    /// # Errors
    /// [`Failed(Resolve)`](Fault::Failed) when there is no such name or its server answers with an error;
    /// [`Aborted(Resolver)`](Fault::Aborted) when the resolver does not answer, or there is none.
    pub async fn resolve(&self, host: &str) -> Result<Resolution, ProbeError> {
        let known = |address| Resolution { addresses: vec![address], ttl: None, took: Duration::ZERO };
        let fixed = self.fixed.as_ref().filter(|(fixed, _)| **fixed == *canonical(host)).map(|(_, it)| *it);
        let pinned = || self.route.pinned().and_then(|side| self.pins.get(side, host));
        if let Some(address) = fixed.or_else(|| literal(host)).or_else(pinned) {
            return Ok(known(address));
        }
        if is_localhost(host) {
            return Ok(known(Ipv4Addr::LOCALHOST.into()));
        }
        let Some(resolver) = &self.resolver else {
            let message = format!("{host}: there is no resolver to ask where it is");
            return Err(ProbeError::new(Fault::Aborted(AbortCause::Resolver), message));
        };
        let started = tokio::time::Instant::now();
        match resolver.lookup(host).await {
            Ok(answer) => {
                Ok(Resolution { addresses: answer.addresses, ttl: Some(answer.ttl), took: answer.took })
            }
            Err(error) => {
                let total = started.elapsed();
                let parts = Parts { resolve: Some(total), total, ..Parts::default() };
                Err(ProbeError::new(error.fault(), error.to_string()).after(parts))
            }
        }
    }
}

/// Whether `host` says by itself where it is: an address written out, or `localhost`. Nobody is asked for it.
pub fn needs_no_resolver(host: &str) -> bool {
    literal(host).is_some() || is_localhost(host)
}

/// Names are compared without case and without the root's dot.
pub(crate) fn canonical(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// An address written out, with or without the brackets that a URL puts around IPv6.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

fn is_localhost(host: &str) -> bool {
    let host = canonical(host);
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_this_machine_need_no_resolver() {
        for host in ["127.0.0.1", "[::1]", "::1", "localhost", "LOCALHOST.", "api.localhost"] {
            assert!(needs_no_resolver(host), "{host}");
        }
        for host in ["acme.example", "localhost.example", "127.0.0.1.example", ""] {
            assert!(!needs_no_resolver(host), "{host}");
        }
    }
}
