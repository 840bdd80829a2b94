//! How far an exchange has come, as the hooks see it.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cutover::{Part, Parts};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::{ProbeError, Timeouts};

/// How far an exchange has come.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// The part that is going on.
    pub(super) part: Part,
    /// Since when.
    pub(super) since: Instant,
    /// The parts of the connection that are finished.
    pub(super) parts: Parts,
    /// Where the host was said to be.
    pub(super) addresses: Vec<IpAddr>,
    /// The connection that was made: its two ends.
    pub(super) link: Option<Link>,
    /// Why the host could not be resolved.
    pub(super) unresolved: Option<ProbeError>,
}

/// The two ends of a connection: together they name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// Our end.
    pub(super) local: SocketAddr,
    /// The other end.
    pub(super) peer: SocketAddr,
}

/// One exchange, watched by the session and told of by the hooks.
#[derive(Debug, Clone)]
pub(super) struct Exchange(Arc<watch::Sender<Progress>>);

/// The exchange that is going on in a session. A session has one at a time.
#[derive(Debug, Clone)]
pub(super) struct Current(Arc<Mutex<Exchange>>);

impl Current {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Exchange::new())))
    }

    /// Starts another exchange. What an earlier one left behind reports to the earlier one.
    pub(super) fn begin(&self) -> Exchange {
        let exchange = Exchange::new();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = exchange.clone();
        exchange
    }

    pub(super) fn get(&self) -> Exchange {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Exchange {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Progress {
            part: Part::Wait,
            since: Instant::now(),
            parts: Parts::default(),
            addresses: Vec::new(),
            link: None,
            unresolved: None,
        })))
    }

    pub(super) fn watch(&self) -> watch::Receiver<Progress> {
        self.0.subscribe()
    }

    pub(super) fn progress(&self) -> Progress {
        self.0.borrow().clone()
    }

    /// A connection is needed: the connector was called.
    pub(super) fn connecting(&self) {
        self.enter(Part::Connect, |_, _| {});
    }

    /// The host is being looked up.
    pub(super) fn resolving(&self) {
        self.enter(Part::Resolve, |_, _| {});
    }

    /// The host was looked up, or needed no lookup (`took` is `None`).
    pub(super) fn resolved(&self, addresses: &[IpAddr], took: Option<Duration>) {
        self.enter(Part::Connect, |progress, _| {
            progress.parts.resolve = took;
            progress.addresses = addresses.to_vec();
        });
    }

    /// The host could not be looked up.
    pub(super) fn unresolved(&self, error: ProbeError) {
        self.0.send_modify(|progress| progress.unresolved = Some(error));
    }

    /// A TLS handshake starts: the TCP connection stands. Heard only where one was being made: the handshake of a
    /// connection that an earlier exchange started and did not need is not this exchange's.
    pub(super) fn shaking_hands(&self) {
        self.0.send_if_modified(|progress| {
            let ours = progress.part == Part::Connect;
            if ours {
                progress.parts.connect = Some(progress.since.elapsed());
                progress.part = Part::Tls;
                progress.since = Instant::now();
            }
            ours
        });
    }

    /// The connection is ready.
    pub(super) fn connected(&self, link: Option<Link>) {
        self.enter(Part::Wait, |progress, took| {
            match progress.part {
                Part::Tls => progress.parts.tls = Some(took),
                _ => progress.parts.connect = Some(took),
            }
            progress.link = link;
        });
    }

    fn enter(&self, part: Part, change: impl FnOnce(&mut Progress, Duration)) {
        self.0.send_modify(|progress| {
            change(progress, progress.since.elapsed());
            progress.part = part;
            progress.since = Instant::now();
        });
    }
}

impl Progress {
    /// How long the part that is going on may last.
    pub(super) const fn limit(&self, timeouts: &Timeouts) -> Duration {
        match self.part {
            Part::Resolve => timeouts.resolve,
            Part::Connect => timeouts.connect,
            Part::Tls => timeouts.tls,
            Part::Wait | Part::Transfer | Part::Total => timeouts.wait,
        }
    }

    /// The peer, if it is known or there is just one that it can be.
    pub(super) fn peer(&self, port: u16) -> Option<SocketAddr> {
        let single = || match self.addresses.as_slice() {
            [address] => Some(SocketAddr::new(*address, port)),
            _ => None,
        };
        self.link.map(|link| link.peer).or_else(single)
    }
}
