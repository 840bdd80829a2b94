//! What this machine lets one process have: open files, and ports to connect from. Fleets that cannot be are refused
//! before anything is started, with the arithmetic.

use std::collections::BTreeMap;

use cutover::Personality;
use devices::{FleetPlan, Protocol, Shard};
use figures::thousands;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files for everything else: journeys under way, registrations, resolvers, the page and its readers, the store.
const OTHERS: u64 = 1_000;
/// Where Linux says from which ports connections are made, unless they are bound to one.
const PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// The usual range, for machines that do not say it there.
const USUAL_PORTS: u64 = 28_232;

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Files that the process may open; `None`: as many as it likes.
    pub files: Option<u64>,
    /// Ports for connections from one address to one broker.
    pub ports: u64,
}

impl Limits {
    /// Raises the limit on open files as far as this user may, and looks at what there is then.
    pub(crate) fn raised() -> Self {
        let limit = getrlimit(Resource::Nofile);
        let most = Rlimit { current: limit.maximum, maximum: limit.maximum };
        if limit.current != limit.maximum
            && let Err(error) = setrlimit(Resource::Nofile, most)
        {
            tracing::warn!(%error, "the limit on open files cannot be raised");
        }
        let ports = std::fs::read_to_string(PORTS).ok().and_then(|text| range(&text));
        Self { files: getrlimit(Resource::Nofile).current, ports: ports.unwrap_or(USUAL_PORTS) }
    }

    /// Whether the share of these fleets that is in `shard` fits.
    pub(crate) fn admit(&self, fleets: &[FleetPlan], shard: Shard) -> Result<(), String> {
        self.admit_files(fleets, shard)?;
        self.admit_ports(fleets, shard)
    }

    fn admit_files(&self, fleets: &[FleetPlan], shard: Shard) -> Result<(), String> {
        let Some(files) = self.files else { return Ok(()) };
        let (all, twice) = sessions(fleets);
        let (here, here_twice) = (all.div_ceil(u64::from(shard.of())), twice.div_ceil(u64::from(shard.of())));
        let needed = here + here_twice + OTHERS;
        if needed <= files {
            return Ok(());
        }
        let devices = thousands(here);
        let both = match here_twice {
            0 => String::new(),
            twice => format!(", {} more for the second sessions of `both`", thousands(twice)),
        };
        let way = match files.checked_sub(OTHERS).filter(|room| *room > 1) {
            // Each share is rounded up twice, for devices and for second sessions.
            Some(room) => {
                let shards = (all + twice).div_ceil(room - 1);
                format!(
                    "share them out over {shards} processes (--shard 1/{shards} and so on), or raise the hard limit"
                )
            }
            None => "raise the hard limit (`ulimit -Hn`)".to_owned(),
        };
        Err(format!(
            "{devices} devices need {} open files ({devices} for their sessions{both}, {} for everything else), and this \
             process may open {}: {way}",
            thousands(needed),
            thousands(OTHERS),
            thousands(files),
        ))
    }

    /// All devices of a fleet may come to be on one side: each then needs a port of its own there.
    fn admit_ports(&self, fleets: &[FleetPlan], shard: Shard) -> Result<(), String> {
        let mut unbound: BTreeMap<String, u64> = BTreeMap::new();
        for fleet in fleets {
            let devices = u64::from(shard.count(fleet.count));
            let broker = destination(fleet);
            if fleet.scale.sources.ranges().is_empty() {
                *unbound.entry(broker).or_default() += devices;
                continue;
            }
            // A broker may have addresses of either family; the more usual one is counted, or the only one bound.
            let sources = [true, false].map(|v4| fleet.scale.sources.count(v4));
            let sources = sources.into_iter().find(|sources| *sources > 0).unwrap_or(0);
            let room = sources.saturating_mul(self.ports);
            if devices > room {
                return Err(format!(
                    "{} devices of {} need as many ports to connect to {broker}, and the {sources} addresses of `bind` have \
                     {} each, {} together: bind more of them, or share the devices out (--shard)",
                    thousands(devices),
                    fleet.name,
                    thousands(self.ports),
                    thousands(room),
                ));
            }
        }
        for (broker, devices) in unbound {
            if devices > self.ports {
                return Err(format!(
                    "{} devices need as many ports to connect to {broker}, and one address has {}: spread them over several \
                     (`bind: [127.0.1.0/28]`), or share them out (--shard)",
                    thousands(devices),
                    thousands(self.ports),
                ));
            }
        }
        Ok(())
    }
}

/// How many devices there are, and how many of them have a second session.
fn sessions(fleets: &[FleetPlan]) -> (u64, u64) {
    let all = fleets.iter().map(|fleet| u64::from(fleet.count)).sum();
    let both = fleets.iter().map(|fleet| u64::from(fleet.shares.count(Personality::Both, fleet.count))).sum();
    (all, both)
}

fn destination(fleet: &FleetPlan) -> String {
    match &fleet.protocol {
        Protocol::Mqtt(mqtt) => format!("{}:{}", mqtt.broker.host, mqtt.broker.port),
        Protocol::Http(http) => format!("{}:{}", http.host(), http.port()),
    }
}

/// Two numbers, as in `32768 60999`: both ends are in it.
fn range(text: &str) -> Option<u64> {
    let mut ends = text.split_whitespace().map(|end| end.parse::<u64>().ok());
    let (first, last) = (ends.next()??, ends.next()??);
    (last >= first).then(|| last - first + 1)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use devices::{Shares, Sources};

    use super::*;

    const HERE: Limits = Limits { files: Some(20_000), ports: 28_232 };

    fn fleet(count: u32, change: impl FnOnce(&mut FleetPlan)) -> FleetPlan {
        let mut plan = FleetPlan::new("lamps", count, "mqtt://mqtt.acme.example".parse().unwrap()).unwrap();
        change(&mut plan);
        plan
    }

    fn both(plan: &mut FleetPlan) {
        plan.shares = Shares::new([(Personality::ResetOnly, 90.0), (Personality::Both, 10.0)]).unwrap();
    }

    #[test]
    fn a_fleet_that_needs_more_files_is_refused_with_the_arithmetic_and_the_way_out() {
        assert_eq!(HERE.admit(&[fleet(19_000, |_| ())], Shard::WHOLE), Ok(()));
        let said = HERE.admit(&[fleet(100_000, both)], Shard::WHOLE).unwrap_err();
        assert_eq!(
            said,
            "100,000 devices need 111,000 open files (100,000 for their sessions, 10,000 more for the second sessions of \
             `both`, 1,000 for everything else), and this process may open 20,000: share them out over 6 processes \
             (--shard 1/6 and so on), or raise the hard limit"
        );
        assert_eq!(HERE.admit(&[fleet(100_000, both)], "1/6".parse().unwrap()), Ok(()));
        let few = Limits { files: Some(256), ..HERE }.admit(&[fleet(10, |_| ())], Shard::WHOLE).unwrap_err();
        assert!(few.ends_with("may open 256: raise the hard limit (`ulimit -Hn`)"), "{few}");
        assert_eq!(Limits { files: None, ..HERE }.admit(&[fleet(20_000, both)], Shard::WHOLE), Ok(()));
    }

    #[test]
    fn ports_are_counted_for_each_broker_and_source_address() {
        let endless = Limits { files: None, ..HERE };
        let said = endless.admit(&[fleet(20_000, |_| ()), fleet(9_000, |_| ())], Shard::WHOLE).unwrap_err();
        assert_eq!(
            said,
            "29,000 devices need as many ports to connect to mqtt.acme.example:1883, and one address has 28,232: spread \
             them over several (`bind: [127.0.1.0/28]`), or share them out (--shard)"
        );
        let bind = |range: &str| Sources::new(vec![range.parse().unwrap()]);
        let bound = |count, range: &str| fleet(count, |plan| plan.scale.sources = bind(range));
        assert_eq!(endless.admit(&[bound(100_000, "127.0.1.0/28")], Shard::WHOLE), Ok(()));
        let said = endless.admit(&[bound(100_000, "127.0.1.0/31")], Shard::WHOLE).unwrap_err();
        assert!(said.contains("the 2 addresses of `bind` have 28,232 each, 56,464 together"), "{said}");
    }

    #[test]
    fn limits_are_read_as_the_kernel_writes_them() {
        assert_eq!(range("32768\t60999\n"), Some(28_232));
        assert_eq!(range("9 8"), None);
        let limits = Limits::raised();
        assert!(limits.ports > 0 && limits.files.is_none_or(|files| files > 0));
    }
}
