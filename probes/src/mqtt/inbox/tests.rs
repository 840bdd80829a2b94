//! Whatever a peer sends: packets or an end, and never more memory than was agreed to.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::mqtt::codec::Step;
use crate::mqtt::{MqttVersion::*, Qos};

const MAX: usize = 4096;
const AT_ONCE: usize = 2048;

/// Reads `bytes` in pieces as they come off a socket; gives what was read, and whether it ended in an error.
fn read(version: MqttVersion, bytes: &[u8], piece: usize) -> (Vec<Packet>, Option<String>) {
    let (mut inbox, mut packets) = (Inbox::new(version, MAX), vec![]);
    for piece in bytes.chunks(piece) {
        inbox.push(piece);
        assert!(inbox.bytes.capacity() <= 2 * (5 + MAX + AT_ONCE), "{}", inbox.bytes.capacity());
        loop {
            match inbox.take() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(error) => return (packets, Some(error)),
            }
        }
        assert!(inbox.bytes.len() <= 5 + MAX);
        assert!(!inbox.is_empty() || inbox.bytes.capacity() == 0, "an idle session has no buffer");
    }
    (packets, None)
}

fn refused(version: MqttVersion, bytes: &[u8]) -> String {
    let (_, error) = read(version, bytes, AT_ONCE);
    error.unwrap_or_else(|| format!("{bytes:?} was not refused"))
}

/// A PUBLISH of MQTT 5 to `t` with QoS 0, with these properties.
fn publish(properties: &[u8]) -> Vec<u8> {
    let length = u8::try_from(properties.len()).unwrap_or(u8::MAX);
    [&[0x30, 4 + length, 0, 1, b't', length], properties].concat()
}

#[test]
fn a_message_of_either_version() {
    let read_one = |version, bytes: &[u8]| match read(version, bytes, AT_ONCE) {
        (packets, None) => packets.into_iter().next(),
        (_, error) => unreachable!("{error:?}"),
    };
    let Some(Packet::Publish(Some(7), message)) =
        read_one(V3_1_1, &[0x3d, 8, 0, 1, b't', 0, 7, b'h', b'e', b'y'])
    else {
        unreachable!()
    };
    assert_eq!(
        (&*message.topic, &message.payload, message.qos),
        ("t", &Bytes::from("hey"), Qos::ExactlyOnce)
    );
    assert!(message.retain && message.dup);
    // Payload format, expiry, content type, response topic, correlation data, a user property, two subscriptions.
    let properties = [
        &[1, 1, 2, 0, 0, 0, 9, 3, 0, 1, b'x', 8, 0, 1, b'r', 9, 0, 1, 0xff][..],
        &[38, 0, 1, b'k', 0, 1, b'v', 11, 0x80, 1, 11, 2],
    ];
    let Some(Packet::Publish(None, message)) = read_one(V5, &publish(&properties.concat())) else {
        unreachable!()
    };
    assert_eq!((&*message.topic, &*message.payload), ("t", &[][..]));
}

#[test]
fn acknowledgements_of_mqtt_5_may_leave_out_what_is_well() {
    for bytes in [&[0x40, 2, 0, 7][..], &[0x40, 3, 0, 7, 0], &[0x40, 4, 0, 7, 0, 0]] {
        let (packets, error) = read(V5, bytes, AT_ONCE);
        assert_eq!(error, None);
        assert!(matches!(&packets[..], [Packet::Ack(Step::Ack, 7, answer)] if answer.code == 0));
    }
    assert!(refused(V3_1_1, &[0x40, 3, 0, 7, 0]).contains("more in it than belongs there"));
    // mosquitto leaves out the properties of a farewell; others leave out the reason.
    for (bytes, code) in [(&[0xe0, 1, 0x8e][..], 0x8e), (&[0xe0, 0], 0), (&[0xe0, 2, 0x8b, 0], 0x8b)] {
        let (packets, error) = read(V5, bytes, AT_ONCE);
        assert_eq!(error, None);
        assert!(matches!(&packets[..], [Packet::Disconnect(farewell)] if farewell.answer.code == code));
        assert!(refused(V3_1_1, bytes).contains("what no broker sends"));
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (version, bytes, words) in [
        (V3_1_1, &[0x30, 0x80, 0x80, 0x80, 0x80, 0x01][..], "more than four bytes"),
        (V3_1_1, &[0x30, 0x81, 0x20], "4097 bytes, and 4096 are accepted"),
        (V3_1_1, &[0x36, 5, 0, 1, b't', 0, 1], "QoS is 3"),
        (V3_1_1, &[0x32, 5, 0, 1, b't', 0, 0], "packet id is 0"),
        (V3_1_1, &[0x30, 3, 0, 1, b'#'], "topic is none"),
        (V3_1_1, &[0x30, 2, 0, 0], "topic is none"),
        (V3_1_1, &[0x30, 4, 0, 2, 0xff, 0xfe], "not UTF-8"),
        (V3_1_1, &[0x30, 3, 0, 1, 0], "U+0000"),
        (V3_1_1, &[0x30, 3, 0, 9, b't'], "ends too early"),
        (V3_1_1, &[0x20, 2, 2, 0], "flags"),
        (V3_1_1, &[0x90, 3, 0, 1, 3], "no broker can"),
        (V3_1_1, &[0x90, 3, 0, 1, 0x87], "no broker can"),
        (V3_1_1, &[0x60, 2, 0, 1], "what no broker sends"),
        (V5, &publish(&[35, 0, 1]), "topic alias"),
        (V5, &publish(&[35, 0, 0]), "must not be 0"),
        (V5, &publish(&[1, 1, 1, 1]), "property twice"),
        (V5, &publish(&[33, 0, 1]), "does not belong there"),
        (V5, &publish(&[200]), "does not belong there"),
        (V5, &publish(&[3, 0, 9, b'x']), "ends too early"),
        (V5, &[0x30, 4, 0, 1, b't', 0x80], "ends too early"),
    ] {
        let said = refused(version, bytes);
        assert!(said.contains(words), "{bytes:?}: {said}");
    }
}

proptest! {
    #[test]
    fn any_bytes_make_packets_or_an_end(five: bool, bytes in vec(any::<u8>(), 0..6000), piece in 1..=AT_ONCE) {
        read(if five { V5 } else { V3_1_1 }, &bytes, piece);
    }

    /// Nearer to what a broker sends: a right first byte and a right length, and anything inside.
    #[test]
    fn any_body_makes_a_packet_or_an_end(
        five: bool,
        packets in vec((0_u8..16, 0_u8..16, vec(any::<u8>(), 0..120)), 1..40),
        piece in 1..=AT_ONCE,
    ) {
        let firsts = [0x20, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0, 0xf0, 0x31, 0x3c, 0x20];
        let bytes: Vec<u8> = packets
            .iter()
            .flat_map(|(first, _, body)| {
                [&[firsts[usize::from(*first)], u8::try_from(body.len()).unwrap_or(0)], &body[..]].concat()
            })
            .collect();
        read(if five { V5 } else { V3_1_1 }, &bytes, piece);
    }

    /// How the bytes were cut on their way makes no difference.
    #[test]
    fn pieces_make_no_difference(five: bool, bytes in vec(0_u8..0x80, 0..400), piece in 1_usize..50) {
        let version = if five { V5 } else { V3_1_1 };
        let (whole, error) = read(version, &bytes, AT_ONCE);
        let (pieces, same) = read(version, &bytes, piece);
        prop_assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
        prop_assert_eq!(error, same);
    }
}
