//! This machine's own resolver.

use std::net::{IpAddr, SocketAddr};

use cutover::AbortCause;

use crate::{Fault, ProbeError};

const PATH: &str = "/etc/resolv.conf";

/// The first name server of `/etc/resolv.conf` (resolv.conf(5)).
pub(super) async fn name_server() -> Result<SocketAddr, ProbeError> {
    let local = |message| ProbeError::new(Fault::Aborted(AbortCause::Local), message);
    let text = tokio::fs::read_to_string(PATH).await.map_err(|error| {
        local(format!("{PATH} cannot be read ({error}): name a resolver in the configuration"))
    })?;
    let found = first(&text).ok_or_else(|| {
        local(format!("{PATH} names no usable name server: name a resolver in the configuration"))
    })?;
    Ok(SocketAddr::new(found, 53))
}

fn first(text: &str) -> Option<IpAddr> {
    text.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next())??.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_usable_name_server_counts() {
        let text = "# nameserver 192.0.2.1\nsearch lan\nnameserver fe80::1%eth0\nnameserver\t192.0.2.2 # x\nnameserver 192.0.2.3\n";
        assert_eq!(first(text), "192.0.2.2".parse().ok());
        assert_eq!(first("options ndots:1\n"), None);
    }
}
