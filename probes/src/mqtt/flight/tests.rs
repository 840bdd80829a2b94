//! Ids are taken and given back, and what is left is what the standard says.

use super::*;

fn letter(topic: &str) -> Option<Letter> {
    Some(Letter { topic: topic.into(), payload: Bytes::new(), retain: false })
}

/// The packets that are still to be sent, as (id, whether as a repeated message), none twice.
fn to_send(flight: &mut Flight) -> Vec<(u16, Option<bool>)> {
    let mut all = vec![];
    while let Some(sent) = flight.unsent() {
        all.push((sent.id, sent.publication().map(|publication| publication.dup)));
        sent.state = State::Sent;
    }
    all
}

#[test]
fn each_step_in_its_turn_and_nothing_is_kept_at_the_end() {
    let mut flight = Flight::default();
    assert_eq!(flight.acknowledged(1, Step::Ack, false), Outcome::Unknown);
    flight.send(1, Awaits::PubAck, None);
    flight.send(2, Awaits::PubRec, None);
    flight.send(3, Awaits::SubAck, None);
    assert_eq!(flight.messages(), 2);
    assert_eq!(flight.acknowledged(1, Step::Rec, false), Outcome::Unknown);
    assert_eq!(flight.acknowledged(1, Step::Ack, false), Outcome::Done);
    assert_eq!(flight.acknowledged(1, Step::Ack, false), Outcome::Unknown);
    assert_eq!(flight.acknowledged(2, Step::Comp, false), Outcome::Unknown);
    for _ in 0..2 {
        assert_eq!(flight.acknowledged(2, Step::Rec, false), Outcome::Release);
    }
    assert_eq!(flight.acknowledged(2, Step::Comp, false), Outcome::Done);
    assert!(!flight.subscribed(2) && flight.has(3) && flight.subscribed(3) && !flight.subscribed(3));
    flight.send(4, Awaits::PubRec, None);
    assert_eq!(flight.acknowledged(4, Step::Rec, true), Outcome::Done);
    assert!(flight.0.is_none());
}

#[test]
fn a_message_of_qos_2_is_new_once_until_it_is_released() {
    let mut flight = Flight::default();
    assert!(flight.take(7) && !flight.take(7));
    flight.release(7);
    flight.release(7);
    assert!(flight.0.is_none() && flight.take(7));
}

#[test]
fn a_session_that_goes_on_repeats_what_was_not_acknowledged_in_its_order() {
    let mut flight = Flight::default();
    flight.send(5, Awaits::PubAck, letter("a"));
    flight.send(6, Awaits::PubRec, letter("b"));
    flight.send(7, Awaits::SubAck, None);
    flight.send(8, Awaits::PubRec, letter("c"));
    flight.send(9, Awaits::PubAck, None);
    assert_eq!(flight.acknowledged(6, Step::Rec, false), Outcome::Release);
    flight.take(1);
    let left = flight.leave();
    assert!(flight.0.is_none());
    assert_eq!(left.ids().collect::<Vec<_>>(), [5, 6, 8]);

    let mut next = Flight::default();
    assert!(next.adopt(left, true).is_empty());
    assert_eq!(
        (next.messages(), next.received()),
        (0, 1),
        "nothing is sent yet, and what was received is known"
    );
    assert_eq!(to_send(&mut next), [(5, Some(true)), (6, None), (8, Some(true))]);
    assert_eq!(next.messages(), 3);
    assert_eq!(next.acknowledged(6, Step::Comp, false), Outcome::Done);
}

#[test]
fn a_session_that_begins_anew_has_new_messages_and_none_that_were_handed_over() {
    let mut flight = Flight::default();
    flight.send(5, Awaits::PubRec, letter("a"));
    flight.send(6, Awaits::PubAck, letter("b"));
    assert_eq!(flight.acknowledged(5, Step::Rec, false), Outcome::Release);
    flight.take(1);
    let mut next = Flight::default();
    assert_eq!(next.adopt(flight.leave(), false), [5]);
    assert_eq!(next.received(), 0);
    // Given up before it was sent, and taken up by a session that goes on: still new to the broker.
    let mut third = Flight::default();
    assert!(third.adopt(next.leave(), true).is_empty());
    assert_eq!(to_send(&mut third), [(6, Some(false))]);
}
