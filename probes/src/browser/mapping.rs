//! Where a browser is to find the hosts: Chromium's resolver rules.

use std::collections::BTreeMap;
use std::net::IpAddr;

use cutover::AbortCause;

use crate::aim::{Aim, canonical, needs_no_resolver};
use crate::{Fault, ProbeError};

/// Where each host is, as one Chromium was told. Any other host is looked up by the machine's own resolver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mapping(BTreeMap<String, IpAddr>);

impl Mapping {
    /// Along `aim`: every name that moves, and the hosts that are to be visited. A name that moves and is not visited
    /// may be unknown: a page that asks for it fails as its user's would.
    pub(super) async fn along(aim: &Aim, visited: &[String]) -> Result<Self, ProbeError> {
        let mut mapping = BTreeMap::new();
        for host in visited.iter().filter(|host| !needs_no_resolver(host)) {
            let found = aim.resolve(host).await?;
            mapping.extend(found.addresses.first().map(|address| (canonical(host), *address)));
        }
        for host in aim.names() {
            if !mapping.contains_key(host)
                && let Ok(found) = aim.resolve(host).await
            {
                mapping.extend(found.addresses.first().map(|address| (host.to_owned(), *address)));
            }
        }
        Ok(Self(mapping))
    }

    /// Whether a browser that was told this will do for one who needs `other`.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(host, address)| self.0.get(host) == Some(address))
    }

    /// As Chromium takes it: `MAP a.example 192.0.2.1, MAP b.example [2001:db8::1]`.
    pub(super) fn rules(&self) -> String {
        let rule = |(host, address): (&String, &IpAddr)| match address {
            IpAddr::V4(address) => format!("MAP {host} {address}"),
            IpAddr::V6(address) => format!("MAP {host} [{address}]"),
        };
        self.0.iter().map(rule).collect::<Vec<_>>().join(", ")
    }

    /// Holds the peer that Chromium says it was connected with against what it was told.
    pub(super) fn check(&self, host: &str, peer: IpAddr) -> Result<(), ProbeError> {
        match self.0.get(&canonical(host)) {
            Some(told) if *told != peer => {
                let message = format!(
                    "the browser was told that {host} is at {told}, and went to {peer}: does one of its `arguments` \
                     in serin.yaml, a policy of this machine or a wrapper around it send it through a proxy?"
                );
                Err(ProbeError::new(Fault::Aborted(AbortCause::Local), message))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn mapping(of: &[(&str, &str)]) -> Mapping {
        Mapping(of.iter().map(|(host, address)| ((*host).to_owned(), address.parse().unwrap())).collect())
    }

    #[test]
    fn rules_are_written_as_chromium_takes_them() {
        let rules = mapping(&[("b.example", "2001:db8::1"), ("a.example", "192.0.2.1")]).rules();
        assert_eq!(rules, "MAP a.example 192.0.2.1, MAP b.example [2001:db8::1]");
    }

    #[test]
    fn a_browser_will_do_for_all_that_it_was_told() {
        let told = mapping(&[("a.example", "192.0.2.1"), ("b.example", "192.0.2.2")]);
        assert!(told.covers(&mapping(&[("a.example", "192.0.2.1")])));
        assert!(!told.covers(&mapping(&[("a.example", "192.0.2.9")])));
        assert!(!told.covers(&mapping(&[("c.example", "192.0.2.1")])));
    }

    #[test]
    fn a_peer_that_was_not_meant_is_our_own_fault() {
        let told = mapping(&[("a.example", "192.0.2.1")]);
        assert!(told.check("A.example.", "192.0.2.1".parse().unwrap()).is_ok());
        assert!(told.check("elsewhere.example", "192.0.2.9".parse().unwrap()).is_ok());
        let error = told.check("a.example", "192.0.2.9".parse().unwrap()).unwrap_err();
        assert_eq!(error.fault, Fault::Aborted(AbortCause::Local));
        assert!(
            error
                .message
                .starts_with("the browser was told that a.example is at 192.0.2.1, and went to 192.0.2.9")
        );
    }
}
