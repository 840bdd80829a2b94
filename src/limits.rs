//! What this machine lets one process have: open files, and ports to connect from. Fleets that cannot be are refused
//! before anything is started, with the arithmetic.

mod ports;

use cutover::Personality;
use devices::{FleetPlan, Shard};
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
    /// Ports that one address has for connections.
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
        ports::admit(fleets, shard, self.ports)
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
                match format!("1/{shards}").parse::<Shard>() {
                    Ok(first) => format!(
                        "share them out over {shards} processes (--shard {first} and so on), or raise the hard limit"
                    ),
                    Err(_) => format!(
                        "that is more than all the processes can have that may share them (it would take {}): raise the \
                         hard limit (`ulimit -Hn`), or have fewer devices",
                        thousands(shards)
                    ),
                }
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
}

/// How many devices there are, and how many of them have a second session.
fn sessions(fleets: &[FleetPlan]) -> (u64, u64) {
    let all = fleets.iter().map(|fleet| u64::from(fleet.count)).sum();
    let both = fleets.iter().map(|fleet| u64::from(fleet.shares.count(Personality::Both, fleet.count))).sum();
    (all, both)
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
    use devices::Shares;

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
        let tight = Limits { files: Some(1_100), ..HERE };
        let said = tight.admit(&[fleet(99_000, |_| ())], Shard::WHOLE).unwrap_err();
        assert!(said.ends_with(
            "share them out over 1000 processes (--shard 1/1000 and so on), or raise the hard limit"
        ));
        let said = tight.admit(&[fleet(99_001, |_| ())], Shard::WHOLE).unwrap_err();
        assert!(
            said.ends_with(
                "may open 1,100: that is more than all the processes can have that may share them (it would take 1,001): \
                 raise the hard limit (`ulimit -Hn`), or have fewer devices"
            ),
            "{said}"
        );
        assert_eq!(Limits { files: None, ..HERE }.admit(&[fleet(20_000, both)], Shard::WHOLE), Ok(()));
    }

    #[test]
    fn limits_are_read_as_the_kernel_writes_them() {
        assert_eq!(range("32768\t60999\n"), Some(28_232));
        assert_eq!(range("9 8"), None);
        let limits = Limits::raised();
        assert!(limits.ports > 0 && limits.files.is_none_or(|files| files > 0));
    }
}
