//! The zone that moves.

use std::{
    net::Ipv4Addr,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use hickory_proto::{
    ProtoError,
    rr::{LowerName, Name, RData, Record, RecordType, rdata::SOA},
};

use super::responder::{Answer, Source};

/// The zone: a domain, the names in it, and the one address that they all have.
#[derive(Debug)]
pub(crate) struct Zone {
    origin: Name,
    names: Vec<LowerName>,
    ttl: u32,
    state: RwLock<State>,
}

/// What changes. One lock for all of it: an answer is wholly from before a change or wholly from after it.
#[derive(Debug)]
struct State {
    address: Ipv4Addr,
    other: Option<Ipv4Addr>,
    failing: bool,
    silent: bool,
    serial: u32,
}

impl Zone {
    /// A zone of `names` in `domain`, all of them at `address`. The TTL has a resolution of a second.
    pub(crate) fn new(
        domain: &str,
        names: [&str; 3],
        ttl: Duration,
        address: Ipv4Addr,
    ) -> Result<Self, ProtoError> {
        let origin = absolute(domain)?;
        let names =
            names.into_iter().map(|name| absolute(name).map(LowerName::from)).collect::<Result<_, _>>()?;
        // RFC 2181 §8: a TTL has 31 bits.
        let ttl = u32::try_from(ttl.as_secs()).unwrap_or(u32::MAX).min(i32::MAX as u32);
        let state = RwLock::new(State { address, other: None, failing: false, silent: false, serial: 1 });
        Ok(Self { origin, names, ttl, state })
    }

    /// Moves every name to `address`, in one step.
    pub(crate) fn flip(&self, address: Ipv4Addr) {
        self.change(|state| state.address = address);
    }

    /// Makes the zone answer with an address of neither side, or no longer.
    pub(crate) fn set_other(&self, other: Option<Ipv4Addr>) {
        self.change(|state| state.other = other);
    }

    /// Makes the zone, and whoever asks it, fail; or no longer.
    pub(crate) fn set_failing(&self, failing: bool) {
        self.change(|state| state.failing = failing);
    }

    /// Makes the zone, and whoever asks it, say nothing at all; or speak again.
    pub(crate) fn set_silent(&self, silent: bool) {
        self.change(|state| state.silent = silent);
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.state.read().unwrap_or_else(PoisonError::into_inner).silent
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.state.read().unwrap_or_else(PoisonError::into_inner).failing
    }

    pub(crate) fn names(&self) -> &[LowerName] {
        &self.names
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.serial = state.serial.wrapping_add(1);
    }
}

impl Source for Zone {
    const AUTHORITATIVE: bool = true;

    fn answer(&self, name: &LowerName, kind: RecordType) -> Answer {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let origin = LowerName::from(&self.origin);
        if state.silent {
            Answer::Silence
        } else if state.failing {
            Answer::Failed
        } else if !origin.zone_of(name) {
            Answer::Refused
        } else if self.names.contains(name) && matches!(kind, RecordType::A | RecordType::ANY) {
            Answer::Address { at: state.other.unwrap_or(state.address), ttl: self.ttl }
        } else if *name == origin && matches!(kind, RecordType::SOA | RecordType::ANY) {
            Answer::Authority
        } else if *name == origin || self.names.contains(name) {
            Answer::NoData
        } else {
            Answer::NoName
        }
    }

    /// The SOA record, whose minimum is the TTL of "there is no such name" (RFC 2308 §4).
    fn authority(&self) -> Record {
        let serial = self.state.read().unwrap_or_else(PoisonError::into_inner).serial;
        let master = Name::from_ascii("ns").and_then(|ns| ns.append_domain(&self.origin));
        let master = master.unwrap_or_else(|_| self.origin.clone());
        let soa = SOA::new(master, self.origin.clone(), serial, 60, 10, 3600, self.ttl);
        Record::from_rdata(self.origin.clone(), self.ttl, RData::SOA(soa))
    }
}

fn absolute(name: &str) -> Result<Name, ProtoError> {
    let mut name = Name::from_ascii(name)?;
    name.set_fqdn(true);
    Ok(name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
    const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

    fn zone() -> Zone {
        let names = ["api.acme.example", "console.acme.example", "mqtt.acme.example"];
        Zone::new("acme.example", names, Duration::from_secs(5), OLD).unwrap()
    }

    fn ask(zone: &Zone, name: &str, kind: RecordType) -> Answer {
        zone.answer(&LowerName::from(absolute(name).unwrap()), kind)
    }

    #[test]
    fn names_move_together() {
        let zone = zone();
        assert_eq!(ask(&zone, "api.acme.example", RecordType::A), Answer::Address { at: OLD, ttl: 5 });
        zone.flip(NEW);
        for name in ["api.acme.example", "Console.Acme.Example", "mqtt.acme.example"] {
            assert_eq!(ask(&zone, name, RecordType::A), Answer::Address { at: NEW, ttl: 5 });
        }
    }

    #[test]
    fn what_is_not_there_is_told_apart() {
        let zone = zone();
        assert_eq!(ask(&zone, "api.acme.example", RecordType::AAAA), Answer::NoData);
        assert_eq!(ask(&zone, "acme.example", RecordType::A), Answer::NoData);
        assert_eq!(ask(&zone, "www.acme.example", RecordType::A), Answer::NoName);
        assert_eq!(ask(&zone, "example.org", RecordType::A), Answer::Refused);
        assert_eq!(ask(&zone, "acme.example", RecordType::SOA), Answer::Authority);
    }

    #[test]
    fn a_change_raises_the_serial() {
        let zone = zone();
        let before = zone.authority();
        zone.flip(NEW);
        assert_ne!(before, zone.authority());
    }
}
