//! How far an exchange has come, as the hooks see it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
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
    /// How long to wait for an open connection before making another.
    pub(super) patience: Duration,
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

tokio::task_local! {
    /// The exchange whose sending is being polled: the only thing that the hooks can be told by, for reqwest hands
    /// nothing on to them. It holds only while that very future is polled. That is what tells a connection that an
    /// exchange waits for from one that it has stopped to wait for.
    static POLLED: Exchange;
}

impl Exchange {
    /// An exchange that begins now. `literal` is the address that the URL itself names, if it does; `patience` is how
    /// long to wait for an open connection before making another.
    pub(super) fn begin(literal: Option<IpAddr>, patience: Duration) -> Self {
        Self(Arc::new(watch::Sender::new(Progress {
            part: Part::Wait,
            since: Instant::now(),
            parts: Parts::default(),
            addresses: Vec::from_iter(literal),
            link: None,
            unresolved: None,
            patience,
        })))
    }

    /// The exchange as whose part this is being polled, if it is any's.
    pub(super) fn current() -> Option<Self> {
        POLLED.try_with(Self::clone).ok()
    }

    /// Makes this the current exchange whenever `future` is polled.
    pub(super) fn polling<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        POLLED.scope(self.clone(), future)
    }

    pub(super) fn watch(&self) -> watch::Receiver<Progress> {
        self.0.subscribe()
    }

    pub(super) fn progress(&self) -> Progress {
        self.0.borrow().clone()
    }

    /// A connection is being made.
    pub(super) fn connecting(&self) {
        self.enter(Part::Connect, |_, _| {});
    }

    /// The host is being looked up.
    pub(super) fn resolving(&self) {
        self.enter(Part::Resolve, |_, _| {});
    }

    /// The host was found; `took` is missing where no resolver was asked.
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

    /// A TLS handshake starts: the TCP connection stands.
    pub(super) fn shaking_hands(&self) {
        self.enter(Part::Tls, |progress, took| progress.parts.connect = Some(took));
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
