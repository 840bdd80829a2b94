//! What is under way between client and broker: ids that are taken, and what their messages still need. Pure.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::Qos;
use super::codec::{Publication, Step};

/// How many messages may be open in either direction. More than any broker asks for, and an end to what a peer can
/// make us remember.
pub(super) const RECEIVE_MAXIMUM: u16 = 1024;

/// What is under way. Takes no memory beyond a pointer while nothing is.
#[derive(Debug, Default)]
pub(super) struct Flight(Option<Box<Open>>);

#[derive(Debug, Default)]
struct Open {
    /// Ours, in the order of sending.
    sent: Vec<Sent>,
    /// The broker's messages of QoS 2 that it has not yet released: whichever comes again is no new one.
    received: BTreeSet<u16>,
}

/// A packet of ours that is not answered yet.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) id: u16,
    pub(super) awaits: Awaits,
    /// Where it is on its way; on a new connection it has to be sent (again).
    pub(super) state: State,
    /// The message, for as long as it may have to be sent again.
    letter: Option<Box<Letter>>,
}

/// Which answer is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaits {
    PubAck,
    PubRec,
    PubComp,
    SubAck,
}

/// Whether a packet was sent on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Sent,
    /// Not yet, and never before as far as the broker knows.
    New,
    /// Not yet, but the broker may have it already.
    Again,
}

/// A message that may have to be sent again.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) topic: Box<str>,
    pub(super) payload: Bytes,
    pub(super) retain: bool,
}

/// What an acknowledgement leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The message is the broker's, and its id is free.
    Done,
    /// The message is the broker's; its id is to be released (PUBREL).
    Release,
    /// Nothing of the kind was awaited.
    Unknown,
}

impl Sent {
    /// The message as it goes over the wire, if it is one to be sent still.
    pub(super) fn publication(&self) -> Option<Publication<'_>> {
        let Letter { topic, payload, retain } = self.letter.as_deref()?;
        let qos = if self.awaits == Awaits::PubAck { Qos::AtLeastOnce } else { Qos::ExactlyOnce };
        let dup = self.state == State::Again;
        Some(Publication { topic, payload, qos, retain: *retain, dup, id: self.id })
    }
}

impl Flight {
    /// How many of our messages are open on this connection.
    pub(super) fn messages(&self) -> usize {
        let open = |sent: &&Sent| sent.awaits != Awaits::SubAck && sent.state == State::Sent;
        self.0.as_ref().map_or(0, |flight| flight.sent.iter().filter(open).count())
    }

    /// How many of the broker's messages are open.
    pub(super) fn received(&self) -> usize {
        self.0.as_ref().map_or(0, |flight| flight.received.len())
    }

    /// Whether a packet of ours has this id.
    pub(super) fn has(&self, id: u16) -> bool {
        self.0.as_ref().is_some_and(|flight| flight.sent.iter().any(|sent| sent.id == id))
    }

    /// A packet of ours is sent.
    pub(super) fn send(&mut self, id: u16, awaits: Awaits, letter: Option<Letter>) {
        let letter = letter.map(Box::new);
        let flight = self.0.get_or_insert_default();
        flight.sent.push(Sent { id, awaits, state: State::Sent, letter });
    }

    /// The first packet that is still to be sent on this connection.
    pub(super) fn unsent(&mut self) -> Option<&mut Sent> {
        self.0.as_mut()?.sent.iter_mut().find(|sent| sent.state != State::Sent)
    }

    /// The broker acknowledges a message of ours by `step`; `refused`, it does not take it.
    pub(super) fn acknowledged(&mut self, id: u16, step: Step, refused: bool) -> Outcome {
        let Some(flight) = &mut self.0 else { return Outcome::Unknown };
        let found = flight.sent.iter().position(|sent| sent.id == id && sent.state == State::Sent);
        let Some(place) = found else { return Outcome::Unknown };
        match (step, flight.sent[place].awaits) {
            (Step::Ack, Awaits::PubAck) | (Step::Comp, Awaits::PubComp) => {}
            (Step::Rec, Awaits::PubRec) if refused => {}
            (Step::Rec, Awaits::PubRec | Awaits::PubComp) => {
                let sent = &mut flight.sent[place];
                sent.awaits = Awaits::PubComp;
                sent.letter = None;
                return Outcome::Release;
            }
            _ => return Outcome::Unknown,
        }
        self.forget(place);
        Outcome::Done
    }

    /// The broker answers a subscription. Says whether there was one.
    pub(super) fn subscribed(&mut self, id: u16) -> bool {
        let Some(flight) = &self.0 else { return false };
        let ours = |sent: &Sent| sent.id == id && sent.awaits == Awaits::SubAck;
        let Some(place) = flight.sent.iter().position(ours) else { return false };
        self.forget(place);
        true
    }

    fn forget(&mut self, place: usize) {
        if let Some(flight) = &mut self.0 {
            flight.sent.remove(place);
        }
        self.rest();
    }

    /// A message of the broker's with QoS 2 has come. Says whether it is a new one.
    pub(super) fn take(&mut self, id: u16) -> bool {
        self.0.get_or_insert_default().received.insert(id)
    }

    /// The broker releases the id of a message that has come.
    pub(super) fn release(&mut self, id: u16) {
        if let Some(flight) = &mut self.0 {
            flight.received.remove(&id);
        }
        self.rest();
    }

    fn rest(&mut self) {
        if self.0.as_ref().is_some_and(|flight| flight.sent.is_empty() && flight.received.is_empty()) {
            self.0 = None;
        }
    }

    /// All that a new connection of the same session needs; what was asked on this one only is forgotten.
    pub(super) fn leave(&mut self) -> Self {
        let mut left = std::mem::take(self);
        if let Some(flight) = &mut left.0 {
            flight.sent.retain(|sent| sent.letter.is_some() || sent.awaits == Awaits::PubComp);
        }
        left.rest();
        left
    }

    /// The ids of our messages, in the order of sending.
    pub(super) fn ids(&self) -> impl Iterator<Item = u16> {
        self.0.iter().flat_map(|flight| &flight.sent).map(|sent| sent.id)
    }

    /// Takes over what an earlier connection left, before anything is sent on this one. Where the broker has not
    /// `resumed` the session the messages are new to it, and those that were the earlier session's already are done:
    /// gives their ids.
    pub(super) fn adopt(&mut self, left: Self, resumed: bool) -> Vec<u16> {
        let Some(mut left) = left.0 else { return vec![] };
        let mut done = vec![];
        for sent in &mut left.sent {
            sent.state = match sent.state {
                State::New => State::New,
                State::Sent | State::Again if resumed => State::Again,
                State::Sent | State::Again => State::New,
            };
        }
        if !resumed {
            left.received.clear();
            left.sent.retain(|sent| {
                let kept = sent.awaits != Awaits::PubComp;
                if !kept {
                    done.push(sent.id);
                }
                kept
            });
        }
        let flight = self.0.get_or_insert_default();
        flight.sent.append(&mut left.sent);
        flight.received.append(&mut left.received);
        self.rest();
        done
    }
}

#[cfg(test)]
mod tests;
