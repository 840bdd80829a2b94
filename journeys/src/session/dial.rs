//! The way to a host: one of its addresses that takes the connection.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use cutover::{FailureKind, Parts, Route};
use probes::{Aim, ProbeError, Timeouts};
use tokio::time::{Instant, timeout};

use crate::action::Trouble;
use crate::run::RunContext;

/// Addresses tried for one name.
const MOST_ADDRESSES: usize = 4;

/// How a host is aimed at along a route: at one of its addresses, where it is named.
pub(super) fn aim(world: &RunContext, route: Route, host: &str, at: Option<IpAddr>) -> Aim {
    let aim = world.aims.get(route);
    at.map_or_else(|| aim.clone(), |address| aim.at(host, address))
}

/// What opens a session at an address. Boxed: the compiler cannot yet see that an `AsyncFn`'s future goes between threads.
pub(super) type Opening<'o, T> = Pin<Box<dyn Future<Output = Result<(T, Parts), ProbeError>> + Send + 'o>>;

/// Opens a session at the first of a host's addresses at which it can be opened; gives the parts of that, the lookup
/// among them.
pub(super) async fn dial<'o, T>(
    aim: &Aim,
    host: &str,
    port: u16,
    timeouts: &Timeouts,
    open: impl Fn(SocketAddr) -> Opening<'o, T>,
) -> Result<(T, Parts), Trouble> {
    let started = Instant::now();
    let limit = timeouts.resolve;
    let resolution = timeout(limit, aim.resolve(host)).await;
    let resolution = resolution.map_err(|_| Trouble::silent_resolver(host, limit))??;
    let mut last = None;
    for ip in resolution.addresses.iter().take(MOST_ADDRESSES) {
        match open(SocketAddr::new(*ip, port)).await {
            Ok((session, mut parts)) => {
                parts.resolve = resolution.ttl.map(|_| resolution.took);
                parts.total = started.elapsed();
                return Ok((session, parts));
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || Trouble::failed(FailureKind::Resolve, format!("{host}: the name has no address"), None),
        Trouble::from,
    ))
}
