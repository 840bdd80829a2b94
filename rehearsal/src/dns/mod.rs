//! Names: the zone that moves, and two caches through which users see it.
//!
//! The zone is authoritative (RFC 1034 §4.3.1) for a single domain whose names all have one A record, the address of
//! the side that they point to. The two resolvers, `office` and `mobile`, stand for the places from which users ask:
//! each keeps an answer for as long as its TTL says, and lets the TTL count down (RFC 1035 §3.2.1, RFC 2181 §8).

mod resolver;
mod responder;
mod zone;

pub(crate) use resolver::Resolver;
pub(crate) use responder::serve;
pub(crate) use zone::Zone;
