//! When a silent peer is asked whether it is still there, and when it is given up. Pure: `now` is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// The keep-alive of one session (MQTT 3.1.1 section 3.1.2.10).
///
/// A ping is due when for the whole keep-alive we have sent nothing (the broker would drop us) or heard nothing
/// (the peer may be gone). One that is not answered within another keep-alive means that the peer is gone.
#[derive(Debug)]
pub(super) struct Pulse {
    every: Duration,
    sent: Instant,
    heard: Instant,
    pinged: Option<Instant>,
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing, until then; never where there is no keep-alive.
    Rest(Option<Instant>),
    /// A ping.
    Ping,
    /// To give the peer up.
    GiveUp,
}

impl Pulse {
    pub(super) const fn new(every: Duration, now: Instant) -> Self {
        Self { every, sent: now, heard: now, pinged: None }
    }

    pub(super) const fn sent(&mut self, now: Instant) {
        self.sent = now;
    }

    pub(super) const fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    pub(super) const fn pinged(&mut self, now: Instant) {
        self.sent = now;
        self.pinged = Some(now);
    }

    /// Whether the answer to a ping is awaited.
    pub(super) const fn asked(&self) -> bool {
        self.pinged.is_some()
    }

    /// A ping is answered. Says whether there was one.
    pub(super) const fn answered(&mut self) -> bool {
        self.pinged.take().is_some()
    }

    pub(super) fn beat(&self, now: Instant) -> Beat {
        if self.every.is_zero() {
            return Beat::Rest(None);
        }
        let (since, due) = match self.pinged {
            Some(pinged) => (pinged, Beat::GiveUp),
            None => (self.sent.min(self.heard), Beat::Ping),
        };
        // A keep-alive beyond the clock's end is as good as none.
        match since.checked_add(self.every) {
            Some(at) if at <= now => due,
            at => Beat::Rest(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(60);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn silence_brings_a_ping_and_an_unanswered_ping_the_end() {
        let start = Instant::now();
        let mut pulse = Pulse::new(EVERY, start);
        assert_eq!(pulse.beat(after(start, 59)), Beat::Rest(Some(after(start, 60))));
        assert_eq!(pulse.beat(after(start, 60)), Beat::Ping);
        pulse.pinged(after(start, 60));
        assert_eq!(pulse.beat(after(start, 119)), Beat::Rest(Some(after(start, 120))));
        // Anything else that is heard is no answer.
        pulse.heard(after(start, 119));
        assert_eq!(pulse.beat(after(start, 120)), Beat::GiveUp);
        assert!(pulse.answered() && !pulse.answered());
        assert_eq!(pulse.beat(after(start, 120)), Beat::Ping);
    }

    #[test]
    fn talk_both_ways_needs_no_ping_and_talk_one_way_does() {
        let start = Instant::now();
        let mut pulse = Pulse::new(EVERY, start);
        pulse.sent(after(start, 50));
        assert_eq!(pulse.beat(after(start, 60)), Beat::Ping);
        pulse.heard(after(start, 50));
        assert_eq!(pulse.beat(after(start, 60)), Beat::Rest(Some(after(start, 110))));
    }

    #[test]
    fn no_keep_alive_no_ping() {
        let start = Instant::now();
        assert_eq!(Pulse::new(Duration::ZERO, start).beat(after(start, 1 << 20)), Beat::Rest(None));
    }
}
