//! Ports to connect from: as many as the sessions that begin at one address.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cutover::Personality;
use devices::{FleetPlan, Protocol, Shard};
use figures::thousands;

/// Addresses one after the other at which equally many sessions of a fleet begin: the first, and the one after the last.
#[derive(Debug)]
struct Stretch<'a> {
    fleet: &'a FleetPlan,
    ends: [Address; 2],
    sessions: u64,
}

/// An address by its number; those of IPv4 are kept apart from those of IPv6.
type Address = (bool, u128);

/// Whether these fleets, all together, find `ports` enough at each address from which they connect.
pub(super) fn admit(fleets: &[FleetPlan], shard: Shard, ports: u64) -> Result<(), String> {
    let (bound, unbound): (Vec<_>, Vec<_>) =
        fleets.iter().partition(|fleet| !fleet.scale.sources.ranges().is_empty());
    admit_bound(&bound, shard, ports)?;
    admit_unbound(&unbound, shard, ports)
}

/// Where the kernel chooses the address, a port serves for each broker anew. All devices of a fleet may come to be on one
/// side: each then needs one of its own there.
fn admit_unbound(fleets: &[&FleetPlan], shard: Shard, ports: u64) -> Result<(), String> {
    let mut brokers: BTreeMap<String, u64> = BTreeMap::new();
    for fleet in fleets {
        *brokers.entry(destination(fleet)).or_default() += u64::from(shard.count(fleet.count));
    }
    let Some((broker, devices)) = brokers.into_iter().find(|(_, devices)| *devices > ports) else {
        return Ok(());
    };
    Err(format!(
        "{} devices need as many ports to connect to {broker}, and one address has {}: spread them over several \
         (`bind: [127.0.1.0/28]`), or share them out over several machines (--shard)",
        thousands(devices),
        thousands(ports),
    ))
}

/// A port that is bound before it is known whereto (bind(2), then connect(2)) is taken for every broker, and on either
/// side: what counts are the sessions, of all fleets that have the address in common.
fn admit_bound(fleets: &[&FleetPlan], shard: Shard, ports: u64) -> Result<(), String> {
    let stretches: Vec<_> = fleets.iter().flat_map(|fleet| stretches(fleet, shard)).collect();
    let Some((address, sessions)) = busiest(&stretches).filter(|(_, sessions)| *sessions > ports) else {
        return Ok(());
    };
    let there = stretches.iter().filter(|stretch| (stretch.ends[0]..stretch.ends[1]).contains(&address));
    let names: BTreeSet<&str> = there.map(|stretch| &*stretch.fleet.name).collect();
    let names: Vec<_> = names.into_iter().collect();
    Err(format!(
        "`bind` has {} sessions of {} begin at {}, and one address has {} ports: bind more addresses, or share the devices \
         out over several machines (--shard)",
        thousands(sessions),
        names.join(", "),
        written(address),
        thousands(ports),
    ))
}

/// How the sessions of a fleet are spread over its addresses: device by device, one address after the other.
fn stretches(fleet: &FleetPlan, shard: Shard) -> Vec<Stretch<'_>> {
    let sources = &fleet.scale.sources;
    // A broker may have addresses of either family; the more usual one is counted, or the only one bound.
    let v4 = sources.count(true) > 0;
    let devices = shard.count(fleet.count);
    let sessions = u64::from(devices) + u64::from(fleet.shares.count(Personality::Both, devices));
    let all = sources.count(v4).max(1);
    let (each, more) = (sessions / all, sessions % all);
    let mut stretches = Vec::new();
    let mut before = 0;
    for (first, count) in sources.runs(v4) {
        // The first addresses of all have one more.
        let with_more = more.saturating_sub(before).min(count);
        let address = number(first);
        let at = |offset: u64| (address.0, address.1 + u128::from(offset));
        let parts = [(0, with_more, each + 1), (with_more, count, each)];
        let parts = parts.into_iter().filter(|(from, to, sessions)| from < to && *sessions > 0);
        stretches.extend(parts.map(|(from, to, sessions)| Stretch {
            fleet,
            ends: [at(from), at(to)],
            sessions,
        }));
        before += count;
    }
    stretches
}

/// The first of the addresses at which most sessions begin, and how many.
fn busiest(stretches: &[Stretch<'_>]) -> Option<(Address, u64)> {
    let mut turns: BTreeMap<Address, (u64, u64)> = BTreeMap::new();
    for Stretch { ends: [from, to], sessions, .. } in stretches {
        turns.entry(*from).or_default().0 += sessions;
        turns.entry(*to).or_default().1 += sessions;
    }
    let mut present = 0;
    let sums = turns.into_iter().map(|(address, (more, fewer))| {
        present = present + more - fewer;
        (address, present)
    });
    sums.reduce(|most, next| if next.1 > most.1 { next } else { most })
}

fn number(address: IpAddr) -> Address {
    match address {
        IpAddr::V4(address) => (true, u32::from(address).into()),
        IpAddr::V6(address) => (false, address.into()),
    }
}

fn written((v4, number): Address) -> IpAddr {
    let short = u32::try_from(number).ok().filter(|_| v4);
    short.map_or_else(|| Ipv6Addr::from(number).into(), |number| Ipv4Addr::from(number).into())
}

fn destination(fleet: &FleetPlan) -> String {
    match &fleet.protocol {
        Protocol::Mqtt(mqtt) => format!("{}:{}", mqtt.broker.host, mqtt.broker.port),
        Protocol::Http(http) => format!("{}:{}", http.host(), http.port()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use devices::{Shares, Sources};

    use super::*;

    const PORTS: u64 = 28_232;

    fn fleet(name: &str, count: u32, bind: &[&str]) -> FleetPlan {
        let broker = format!("mqtt://{name}.acme.example").parse().unwrap();
        let mut plan = FleetPlan::new(name, count, broker).unwrap();
        plan.scale.sources = Sources::new(bind.iter().map(|range| range.parse().unwrap()).collect());
        plan
    }

    fn admitted(fleets: &[FleetPlan]) -> Result<(), String> {
        admit(fleets, Shard::WHOLE, PORTS)
    }

    #[test]
    fn without_an_address_of_its_own_a_fleet_has_the_ports_of_one_for_each_broker() {
        assert_eq!(admitted(&[fleet("lamps", 20_000, &[]), fleet("meters", 20_000, &[])]), Ok(()));
        let said = admitted(&[fleet("lamps", 20_000, &[]), fleet("lamps", 9_000, &[])]).unwrap_err();
        assert_eq!(
            said,
            "29,000 devices need as many ports to connect to lamps.acme.example:1883, and one address has 28,232: spread \
             them over several (`bind: [127.0.1.0/28]`), or share them out over several machines (--shard)"
        );
    }

    #[test]
    fn fleets_that_share_addresses_share_their_ports_whatever_they_connect_to() {
        let range = ["127.0.1.0/28"];
        assert_eq!(admitted(&[fleet("lamps", 300_000, &range)]), Ok(()));
        let said =
            admitted(&[fleet("lamps", 300_000, &range), fleet("meters", 100_000, &range)]).unwrap_err();
        // 300,000 and 100,000 over 14 addresses: 21,429 and 7,143 at the first of them.
        assert_eq!(
            said,
            "`bind` has 28,572 sessions of lamps, meters begin at 127.0.1.1, and one address has 28,232 ports: bind more \
             addresses, or share the devices out over several machines (--shard)"
        );
        let third = "1/3".parse().unwrap();
        let both = [fleet("lamps", 300_000, &range), fleet("meters", 100_000, &range)];
        assert_eq!(admit(&both, third, PORTS), Ok(()));
    }

    #[test]
    fn only_the_addresses_in_common_are_counted_twice() {
        let apart = [fleet("lamps", 28_000, &["127.0.1.1/32"]), fleet("meters", 28_000, &["127.0.1.2/32"])];
        assert_eq!(admitted(&apart), Ok(()));
        let wide = [fleet("lamps", 40_000, &["127.0.1.0/31"]), fleet("meters", 9_000, &["127.0.1.1/32"])];
        let said = admitted(&wide).unwrap_err();
        assert!(
            said.starts_with("`bind` has 29,000 sessions of lamps, meters begin at 127.0.1.1, "),
            "{said}"
        );
        let twice = fleet("lamps", 56_464, &["127.0.1.1/32", "127.0.1.1/32"]);
        let said = admitted(&[twice]).unwrap_err();
        assert!(said.starts_with("`bind` has 56,464 sessions of lamps begin at 127.0.1.1, "), "{said}");
        let other = [fleet("lamps", 28_000, &["127.0.1.1/32"]), fleet("meters", 28_000, &["::7f00:101/128"])];
        assert_eq!(admitted(&other), Ok(()));
    }

    #[test]
    fn a_second_session_needs_a_second_port() {
        let mut twice = fleet("lamps", 28_000, &["127.0.1.1/32"]);
        assert_eq!(admitted(std::slice::from_ref(&twice)), Ok(()));
        twice.shares = Shares::new([(Personality::ResetOnly, 50.0), (Personality::Both, 50.0)]).unwrap();
        let said = admitted(&[twice]).unwrap_err();
        assert!(said.starts_with("`bind` has 42,000 sessions of lamps begin at 127.0.1.1, "), "{said}");
    }
}
