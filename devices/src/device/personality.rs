//! How a device treats DNS: an event goes in, a decision comes out. Pure: the time and the dice are arguments.

use std::net::IpAddr;
use std::time::Duration;

use cutover::Personality;
use tokio::time::Instant;

/// The least time between two looks at DNS, whatever the TTL says: a TTL of nothing must not become a busy loop.
const LEAST_LOOK: Duration = Duration::from_secs(1);
/// An eager device looks again after this long, and up to `EAGER_SPREAD` more.
const EAGER_LOOK: Duration = Duration::from_secs(2);
const EAGER_SPREAD: Duration = Duration::from_secs(3);

/// All that a device knows of DNS, and how it goes about it.
///
/// What each personality does:
///
/// | personality | resolves | and then |
/// |---|---|---|
/// | `reset-only` | after a reset | reconnects to the address it knows in all other cases |
/// | `at-ttl` | when the TTL has run out, and after a reset | moves if its address is no longer in the answer |
/// | `at-reconnect` | before each connection, after a reset too | |
/// | `eager` | every 2-5 s, and after a reset | moves if its address is no longer in the answer |
/// | `never` | until it has its first answer | keeps that address for ever; a reset makes it reconnect to it |
/// | `both` | when the TTL has run out, and after a reset | keeps its first address for ever, and a session on the one in the answer beside it |
#[derive(Debug)]
pub(crate) struct Mind {
    personality: Personality,
    /// The first address it ever had.
    home: Option<IpAddr>,
    /// The address it goes by now.
    at: Option<IpAddr>,
    /// When it looks at DNS of its own accord.
    look_at: Option<Instant>,
    /// Nothing may be connected before DNS was asked again.
    owed: bool,
}

/// What happened to the device.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event<'a> {
    /// It is without its session (never had one, lost it, could not get one), and it is time to connect.
    Reconnect,
    /// It obeyed a reset: its sessions are gone.
    Reset,
    /// The time that [`Mind::look_at`] names is over.
    Due,
    /// DNS answered with at least one address.
    Answered {
        /// The addresses, in the order of the answer.
        addresses: &'a [IpAddr],
        /// How long the answer holds; `None` for an address that needed no DNS.
        ttl: Option<Duration>,
    },
    /// A look at DNS, or the move after it, led to nothing.
    Failed {
        /// How long to wait before looking again.
        wait: Duration,
    },
}

/// What the device does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask DNS.
    Resolve,
    /// Hold the sessions that [`Mind::main`] and [`Mind::beside`] name, and no others: open the missing ones, and
    /// only then drop one that is no longer wanted.
    Settle,
    /// Leave everything as it is.
    Keep,
}

impl Mind {
    /// A device that knows nothing yet.
    pub(crate) const fn new(personality: Personality) -> Self {
        Self { personality, home: None, at: None, look_at: None, owed: true }
    }

    /// The address of the device's main session, once it knows one.
    pub(crate) const fn main(&self) -> Option<IpAddr> {
        self.at
    }

    /// The address of a second session beside the main one, if the device wants one.
    pub(crate) fn beside(&self) -> Option<IpAddr> {
        if self.personality != Personality::Both {
            return None;
        }
        self.home.filter(|home| self.at != Some(*home))
    }

    /// When the device looks at DNS of its own accord, if it ever does.
    pub(crate) const fn look_at(&self) -> Option<Instant> {
        self.look_at
    }

    /// From now on the device behaves as `both`, whatever it was. It looks at DNS at once.
    pub(crate) fn split(&mut self, now: Instant) -> Action {
        if self.personality == Personality::Both {
            return Action::Keep;
        }
        self.personality = Personality::Both;
        if self.at.is_none() {
            return Action::Keep;
        }
        self.look_at = Some(now);
        Action::Settle
    }

    /// The decision. `dice` is drawn evenly from `[0, 1)`.
    pub(crate) fn step(&mut self, event: Event<'_>, now: Instant, dice: f64) -> Action {
        match event {
            Event::Reconnect => {
                self.owed |= self.at.is_none() || self.personality == Personality::AtReconnect;
                let due = self.look_at.is_some_and(|at| at <= now);
                if self.owed || due { Action::Resolve } else { Action::Settle }
            }
            Event::Reset if self.personality == Personality::Never && self.at.is_some() => Action::Settle,
            Event::Reset => {
                self.owed = true;
                Action::Resolve
            }
            Event::Due => match self.look_at {
                Some(at) if at <= now => Action::Resolve,
                _ => Action::Keep,
            },
            Event::Answered { addresses, ttl } => self.answered(addresses, ttl, now, dice),
            Event::Failed { wait } => {
                self.look_at = self.look_at.map(|_| now + wait.max(LEAST_LOOK));
                Action::Keep
            }
        }
    }

    fn answered(&mut self, addresses: &[IpAddr], ttl: Option<Duration>, now: Instant, dice: f64) -> Action {
        let Some(first) = addresses.first() else { return Action::Keep };
        // Who looks while in session stays where it is as long as DNS names that address among others; who starts
        // anew takes the first address, as the simplest devices do.
        let stays = !self.owed && self.at.is_some_and(|at| addresses.contains(&at));
        if !stays {
            self.at = Some(*first);
        }
        self.home = self.home.or(self.at);
        self.owed = false;
        self.look_at = match self.personality {
            Personality::AtTtl | Personality::Both => ttl.map(|ttl| now + ttl.max(LEAST_LOOK)),
            Personality::Eager => ttl.map(|_| now + EAGER_LOOK + EAGER_SPREAD.mul_f64(dice)),
            Personality::ResetOnly | Personality::AtReconnect | Personality::Never => None,
        };
        Action::Settle
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(60);

    fn old() -> IpAddr {
        "127.0.1.1".parse().unwrap()
    }

    fn new() -> IpAddr {
        "127.0.2.1".parse().unwrap()
    }

    fn answer(mind: &mut Mind, address: IpAddr, now: Instant) {
        let event = Event::Answered { addresses: &[address], ttl: Some(TTL) };
        assert_eq!(mind.step(event, now, 0.0), Action::Settle);
    }

    /// A device that has resolved the old side's address.
    fn settled(personality: Personality, now: Instant) -> Mind {
        let mut mind = Mind::new(personality);
        assert_eq!(mind.step(Event::Reconnect, now, 0.0), Action::Resolve, "nothing is known yet");
        answer(&mut mind, old(), now);
        assert_eq!((mind.main(), mind.beside()), (Some(old()), None));
        mind
    }

    #[test]
    fn reset_only_resolves_upon_a_reset_and_at_no_other_time() {
        let now = Instant::now();
        let mut mind = settled(Personality::ResetOnly, now);
        let later = now + TTL * 100;
        assert_eq!(mind.look_at(), None);
        assert_eq!(mind.step(Event::Due, later, 0.0), Action::Keep);
        assert_eq!(mind.step(Event::Reconnect, later, 0.0), Action::Settle);
        assert_eq!(mind.main(), Some(old()));
        assert_eq!(mind.step(Event::Reset, later, 0.0), Action::Resolve);
        // While DNS gives nothing, it does not fall back to what it knew before the reset.
        assert_eq!(mind.step(Event::Failed { wait: TTL }, later, 0.0), Action::Keep);
        assert_eq!(mind.step(Event::Reconnect, later, 0.0), Action::Resolve);
        answer(&mut mind, new(), later);
        assert_eq!(mind.step(Event::Reconnect, later, 0.0), Action::Settle);
        assert_eq!(mind.main(), Some(new()));
    }

    #[test]
    fn at_ttl_looks_when_the_ttl_has_run_out_and_moves_when_its_address_is_gone() {
        let now = Instant::now();
        let mut mind = settled(Personality::AtTtl, now);
        assert_eq!(mind.look_at(), Some(now + TTL));
        assert_eq!(mind.step(Event::Due, now + TTL / 2, 0.0), Action::Keep);
        assert_eq!(mind.step(Event::Reconnect, now + TTL / 2, 0.0), Action::Settle);
        assert_eq!(mind.step(Event::Due, now + TTL, 0.0), Action::Resolve);
        let two = Event::Answered { addresses: &[new(), old()], ttl: Some(TTL) };
        assert_eq!(mind.step(two, now + TTL, 0.0), Action::Settle);
        assert_eq!(mind.main(), Some(old()), "its address is still in the answer");
        assert_eq!(mind.step(Event::Reconnect, now + TTL * 2, 0.0), Action::Resolve);
        answer(&mut mind, new(), now + TTL * 2);
        assert_eq!((mind.main(), mind.beside()), (Some(new()), None));
        assert_eq!(mind.step(Event::Reset, now + TTL * 2, 0.0), Action::Resolve);
    }

    #[test]
    fn at_reconnect_resolves_before_each_connection() {
        let now = Instant::now();
        let mut mind = settled(Personality::AtReconnect, now);
        assert_eq!(mind.look_at(), None);
        assert_eq!(mind.step(Event::Reconnect, now, 0.0), Action::Resolve);
        answer(&mut mind, new(), now);
        assert_eq!(mind.main(), Some(new()));
        assert_eq!(mind.step(Event::Reset, now, 0.0), Action::Resolve);
    }

    #[test]
    fn eager_looks_every_few_seconds() {
        let now = Instant::now();
        let mut mind = settled(Personality::Eager, now);
        assert_eq!(mind.look_at(), Some(now + Duration::from_secs(2)));
        let event = Event::Answered { addresses: &[new()], ttl: Some(TTL) };
        assert_eq!(mind.step(event, now, 1.0), Action::Settle);
        assert_eq!(mind.look_at(), Some(now + Duration::from_secs(5)));
        assert_eq!(mind.main(), Some(new()));
        assert_eq!(mind.step(Event::Reset, now, 0.0), Action::Resolve);
    }

    #[test]
    fn never_keeps_its_first_address_through_everything() {
        let now = Instant::now();
        let mut mind = settled(Personality::Never, now);
        for event in [Event::Reconnect, Event::Reset] {
            assert_eq!(mind.step(event, now + TTL * 9, 0.0), Action::Settle);
            assert_eq!(mind.main(), Some(old()));
        }
        assert_eq!(mind.look_at(), None);
        assert_eq!(Mind::new(Personality::Never).step(Event::Reset, now, 0.0), Action::Resolve);
    }

    #[test]
    fn both_holds_a_session_on_each_side_and_comes_together_when_dns_goes_back() {
        let now = Instant::now();
        let mut mind = settled(Personality::Both, now);
        assert_eq!(mind.step(Event::Due, now + TTL, 0.0), Action::Resolve);
        answer(&mut mind, new(), now + TTL);
        assert_eq!((mind.main(), mind.beside()), (Some(new()), Some(old())));
        assert_eq!(mind.step(Event::Reset, now + TTL, 0.0), Action::Resolve);
        answer(&mut mind, new(), now + TTL);
        assert_eq!((mind.main(), mind.beside()), (Some(new()), Some(old())));
        assert_eq!(mind.step(Event::Due, now + TTL * 2, 0.0), Action::Resolve);
        answer(&mut mind, old(), now + TTL * 2);
        assert_eq!((mind.main(), mind.beside()), (Some(old()), None));
    }

    #[test]
    fn a_device_told_to_split_goes_back_to_its_first_address_beside_the_present_one() {
        let now = Instant::now();
        let mut mind = settled(Personality::ResetOnly, now);
        assert_eq!(mind.step(Event::Reset, now, 0.0), Action::Resolve);
        answer(&mut mind, new(), now);
        assert_eq!(mind.split(now), Action::Settle);
        assert_eq!((mind.main(), mind.beside()), (Some(new()), Some(old())));
        assert_eq!(mind.step(Event::Due, now, 0.0), Action::Resolve, "it looks at once");
        assert_eq!(mind.split(now), Action::Keep, "it is split already");
    }

    #[test]
    fn a_ttl_of_nothing_and_a_failed_look_wait_at_least_a_second() {
        let now = Instant::now();
        let mut mind = settled(Personality::AtTtl, now);
        mind.step(Event::Answered { addresses: &[old()], ttl: Some(Duration::ZERO) }, now, 0.0);
        assert_eq!(mind.look_at(), Some(now + LEAST_LOOK));
        assert_eq!(mind.step(Event::Failed { wait: Duration::ZERO }, now, 0.0), Action::Keep);
        assert_eq!(mind.look_at(), Some(now + LEAST_LOOK));
        assert_eq!(mind.step(Event::Answered { addresses: &[], ttl: None }, now, 0.0), Action::Keep);
        assert_eq!(mind.main(), Some(old()));
    }
}
