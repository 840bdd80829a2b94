//! The addresses from which the devices of a fleet connect.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Addresses of this machine over which the sessions of a fleet are spread: from one address, a kernel has some 28,000
/// ports for one broker.
///
/// Of a range of four addresses or more the first and the last, which are no host's in IPv4, are left out. Without any
/// range the routes of the machine decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<IpNet>);

impl Sources {
    /// The addresses in these ranges.
    pub fn new(ranges: Vec<IpNet>) -> Self {
        Self(ranges)
    }

    /// The ranges.
    pub fn ranges(&self) -> &[IpNet] {
        &self.0
    }

    /// How many addresses there are for a broker with an IPv4 address, or with an IPv6 one; 1 without any range, for
    /// the machine's own choice.
    pub fn count(&self, v4: bool) -> u64 {
        if self.0.is_empty() { 1 } else { self.of(v4).map(|net| hosts(net).1).fold(0, u64::saturating_add) }
    }

    /// The same addresses, range by range: the first one, and how many there are from it on. Devices take them in this
    /// order, one after the other, and then from the beginning again.
    pub fn runs(&self, v4: bool) -> impl Iterator<Item = (IpAddr, u64)> {
        self.of(v4).map(|net| (address(net, hosts(net).0), hosts(net).1))
    }

    /// The address of the device in this place, to a broker at `to`. `None`: whichever the routes say.
    pub(crate) fn pick(&self, place: u32, to: IpAddr) -> Option<IpAddr> {
        let v4 = to.is_ipv4();
        let all = self.of(v4).map(|net| hosts(net).1).fold(0, u64::saturating_add);
        let mut left = u64::from(place).checked_rem(all)?;
        for net in self.of(v4) {
            let (first, count) = hosts(net);
            if left < count {
                return Some(address(net, first + u128::from(left)));
            }
            left -= count;
        }
        None
    }

    fn of(&self, v4: bool) -> impl Iterator<Item = &IpNet> {
        self.0.iter().filter(move |net| net.addr().is_ipv4() == v4)
    }
}

/// The address with this number, of the range's family.
#[expect(clippy::cast_possible_truncation, reason = "addresses of a range of IPv4 have 32 bits")]
fn address(net: &IpNet, number: u128) -> IpAddr {
    match net {
        IpNet::V4(_) => Ipv4Addr::from(number as u32).into(),
        IpNet::V6(_) => Ipv6Addr::from(number).into(),
    }
}

/// The first host of a range, as a number, and how many there are: a million at most, more than there are devices.
fn hosts(net: &IpNet) -> (u128, u64) {
    const MOST: u32 = 20;
    let (first, bits) = match net {
        IpNet::V4(net) => (u128::from(u32::from(net.network())), 32 - u32::from(net.prefix_len())),
        IpNet::V6(net) => (u128::from(net.network()), 128 - u32::from(net.prefix_len())),
    };
    let all = 1_u64 << bits.min(MOST);
    if bits < 2 { (first, all) } else { (first + 1, all - 2) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sources(ranges: &[&str]) -> Sources {
        Sources::new(ranges.iter().map(|range| range.parse().unwrap()).collect())
    }

    #[test]
    fn devices_are_spread_over_the_hosts_of_all_ranges() {
        let sources = sources(&["127.0.1.0/28", "127.0.2.7/32"]);
        let to = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(sources.count(true), 15);
        let picked: BTreeSet<_> = (0..150).map(|place| sources.pick(place, to).unwrap()).collect();
        assert_eq!(picked.len(), 15);
        assert_eq!(sources.pick(0, to).unwrap().to_string(), "127.0.1.1");
        assert_eq!(sources.pick(13, to).unwrap().to_string(), "127.0.1.14");
        let runs: Vec<_> = sources.runs(true).map(|(first, count)| (first.to_string(), count)).collect();
        assert_eq!(runs, [("127.0.1.1".to_owned(), 14), ("127.0.2.7".to_owned(), 1)]);
        assert_eq!(sources.pick(14, to).unwrap().to_string(), "127.0.2.7");
        assert_eq!(sources.pick(15, to), sources.pick(0, to));
    }

    #[test]
    fn a_broker_of_the_other_family_is_reached_as_the_routes_say() {
        let sources = sources(&["127.0.1.0/31", "2001:db8::/64"]);
        assert_eq!(sources.pick(1, [127, 0, 0, 1].into()).unwrap().to_string(), "127.0.1.1");
        let v6: IpAddr = "2001:db8:1::1".parse().unwrap();
        assert_eq!(sources.pick(4, v6).unwrap().to_string(), "2001:db8::5");
        assert_eq!((sources.count(true), sources.count(false)), (2, (1 << 20) - 2));
        assert_eq!(Sources::default().pick(4, v6), None);
        assert_eq!(Sources::default().count(true), 1);
        let only = Sources::new(vec!["127.0.1.0/31".parse().unwrap()]);
        assert_eq!((only.count(false), only.pick(0, v6)), (0, None));
    }
}
