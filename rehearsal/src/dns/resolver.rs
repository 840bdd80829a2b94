//! A resolver that caches, as the one at a user's place does.

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hickory_proto::rr::{LowerName, Record, RecordType};
use tokio::time::Instant;

use super::{
    Zone,
    responder::{Answer, Source},
};

/// A cache in front of the zone. It keeps addresses only, so it holds no more entries than the zone has names.
#[derive(Debug)]
pub(crate) struct Resolver {
    zone: Arc<Zone>,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    entries: HashMap<LowerName, Entry>,
    stale: bool,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    address: Ipv4Addr,
    ttl: Duration,
    expires: Instant,
}

impl Resolver {
    /// An empty cache in front of `zone`.
    pub(crate) fn new(zone: Arc<Zone>) -> Self {
        Self { zone, cache: Mutex::default() }
    }

    /// Makes the cache keep for ever what it says now, or no longer.
    pub(crate) fn set_stale(&self, stale: bool) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if stale && !cache.stale {
            for name in self.zone.names() {
                self.look_up(&mut cache, name, RecordType::A);
            }
        }
        cache.stale = stale;
    }

    fn look_up(&self, cache: &mut Cache, name: &LowerName, kind: RecordType) -> Answer {
        let now = Instant::now();
        if let Some(entry) = cache.entries.get_mut(name) {
            if cache.stale && entry.expires <= now {
                entry.expires = now + entry.ttl; // as though it had been fetched again
            }
            if cache.stale || entry.expires > now {
                return entry.answer(now);
            }
        }
        let answer = self.zone.answer(name, kind);
        if let Answer::Address { at, ttl } = answer {
            let ttl = Duration::from_secs(ttl.into());
            cache.entries.insert(name.clone(), Entry { address: at, ttl, expires: now + ttl });
        }
        answer
    }
}

impl Entry {
    fn answer(self, now: Instant) -> Answer {
        // Rounded up: while an entry is valid its TTL is not zero.
        let left = self.expires.saturating_duration_since(now).as_millis().div_ceil(1000);
        Answer::Address { at: self.address, ttl: u32::try_from(left).unwrap_or(u32::MAX) }
    }
}

impl Source for Resolver {
    const AUTHORITATIVE: bool = false;

    fn answer(&self, name: &LowerName, kind: RecordType) -> Answer {
        if self.zone.is_silent() {
            return Answer::Silence;
        }
        if self.zone.is_failing() {
            return Answer::Failed;
        }
        match kind {
            RecordType::A | RecordType::ANY => {
                self.look_up(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner), name, kind)
            }
            _ => self.zone.answer(name, kind),
        }
    }

    fn authority(&self) -> Record {
        self.zone.authority()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::str::FromStr;

    use tokio::time::advance;

    use super::*;

    const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
    const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

    fn world() -> (Arc<Zone>, Resolver) {
        let names = ["api.acme.example", "console.acme.example", "mqtt.acme.example"];
        let zone = Arc::new(Zone::new("acme.example", names, Duration::from_secs(10), OLD).unwrap());
        (zone.clone(), Resolver::new(zone))
    }

    fn ask(resolver: &Resolver) -> (Ipv4Addr, u32) {
        match resolver.answer(&LowerName::from_str("api.acme.example.").unwrap(), RecordType::A) {
            Answer::Address { at, ttl } => (at, ttl),
            other => unreachable!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_until_its_ttl_has_run_down() {
        let (zone, resolver) = world();
        assert_eq!(ask(&resolver), (OLD, 10));
        zone.flip(NEW);
        advance(Duration::from_millis(3500)).await;
        assert_eq!(ask(&resolver), (OLD, 7), "the rest is rounded up");
        advance(Duration::from_millis(6500)).await;
        assert_eq!(ask(&resolver), (NEW, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stale_cache_keeps_its_answer_and_forgets_it_when_healed() {
        let (zone, resolver) = world();
        resolver.set_stale(true);
        zone.flip(NEW);
        for _ in 0..5 {
            advance(Duration::from_secs(9)).await;
            assert_eq!(ask(&resolver).0, OLD);
            assert!(ask(&resolver).1 >= 1);
        }
        resolver.set_stale(false);
        advance(Duration::from_secs(10)).await;
        assert_eq!(ask(&resolver), (NEW, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_zone_fails_its_caches_too() {
        let (zone, resolver) = world();
        ask(&resolver);
        zone.set_failing(true);
        assert_eq!(
            resolver.answer(&LowerName::from_str("api.acme.example.").unwrap(), RecordType::A),
            Answer::Failed
        );
    }
}
