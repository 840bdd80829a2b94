//! What a client sends.

use bytes::{BufMut, BytesMut};

use super::inbound::Step;
use super::{MAX_REMAINING, properties};
use crate::mqtt::flight::RECEIVE_MAXIMUM;
use crate::mqtt::{MqttOptions, MqttVersion, Qos};

/// A message to be sent.
#[derive(Debug, Clone, Copy)]
pub(in crate::mqtt) struct Publication<'a> {
    pub(in crate::mqtt) topic: &'a str,
    pub(in crate::mqtt) payload: &'a [u8],
    pub(in crate::mqtt) qos: Qos,
    pub(in crate::mqtt) retain: bool,
    /// Whether it may have been sent before.
    pub(in crate::mqtt) dup: bool,
    /// Not sent with QoS 0.
    pub(in crate::mqtt) id: u16,
}

impl Publication<'_> {
    /// What follows the packet's length, in bytes.
    fn length(&self, version: MqttVersion) -> usize {
        let id = if self.qos == Qos::AtMostOnce { 0 } else { 2 };
        let properties = usize::from(version == MqttVersion::V5);
        2 + self.topic.len() + id + properties + self.payload.len()
    }

    /// The whole packet, in bytes; `None` when MQTT has no room for it.
    pub(in crate::mqtt) fn size(&self, version: MqttVersion) -> Option<usize> {
        let length = self.length(version);
        let digits = match length {
            0..0x80 => 1,
            0x80..0x4000 => 2,
            0x4000..0x20_0000 => 3,
            _ => 4,
        };
        (length <= MAX_REMAINING).then_some(1 + digits + length)
    }
}

/// CONNECT (section 3.1). No field of `options` is longer than MQTT has room for.
pub(in crate::mqtt) fn connect(out: &mut BytesMut, options: &MqttOptions) {
    let five = options.version == MqttVersion::V5;
    let mut body = BytesMut::new();
    binary(&mut body, b"MQTT");
    body.put_u8(if five { 5 } else { 4 });
    let will = options.will.as_ref();
    let flags = [
        (options.clean_session, 0x02),
        (will.is_some(), 0x04),
        (will.is_some_and(|will| will.retain), 0x20),
        (options.credentials.is_some(), 0x80 | 0x40),
    ];
    let flags = flags.into_iter().filter(|(set, _)| *set).fold(0, |flags, (_, bits)| flags | bits);
    body.put_u8(flags | will.map_or(0, |will| will.qos.bits() << 3));
    body.put_u16(options.told_keep_alive());
    if five {
        let mut said = BytesMut::new();
        let expiry = options.told_session_expiry();
        if expiry > 0 {
            said.put_u8(properties::SESSION_EXPIRY);
            said.put_u32(expiry);
        }
        said.put_u8(properties::RECEIVE_MAXIMUM);
        said.put_u16(RECEIVE_MAXIMUM);
        said.put_u8(properties::MAXIMUM_PACKET_SIZE);
        said.put_u32(u32::try_from(options.max_packet).unwrap_or(u32::MAX).max(1));
        varint(&mut body, said.len());
        body.unsplit(said);
    }
    binary(&mut body, options.client_id.as_bytes());
    if let Some(will) = will {
        if five {
            varint(&mut body, 0);
        }
        binary(&mut body, will.topic.as_bytes());
        binary(&mut body, &will.payload);
    }
    if let Some((username, password)) = &options.credentials {
        binary(&mut body, username.as_bytes());
        binary(&mut body, password.as_bytes());
    }
    out.put_u8(0x10);
    varint(out, body.len());
    out.unsplit(body);
}

/// PUBLISH (section 3.3). Its [size](Publication::size) has been looked at.
pub(in crate::mqtt) fn publish(out: &mut BytesMut, version: MqttVersion, message: &Publication<'_>) {
    let Publication { topic, payload, qos, retain, dup, id } = message;
    let length = message.length(version);
    out.reserve(5 + length);
    out.put_u8(0x30 | u8::from(*dup) << 3 | qos.bits() << 1 | u8::from(*retain));
    varint(out, length);
    binary(out, topic.as_bytes());
    if *qos != Qos::AtMostOnce {
        out.put_u16(*id);
    }
    if version == MqttVersion::V5 {
        varint(out, 0);
    }
    out.put_slice(payload);
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP (sections 3.4 to 3.7) without a reason: all is well.
pub(in crate::mqtt) fn ack(out: &mut BytesMut, step: Step, id: u16) {
    let first = match step {
        Step::Ack => 0x40,
        Step::Rec => 0x50,
        Step::Rel => 0x62,
        Step::Comp => 0x70,
    };
    out.put_u8(first);
    varint(out, 2);
    out.put_u16(id);
}

/// SUBSCRIBE (section 3.8) to one filter.
pub(in crate::mqtt) fn subscribe(out: &mut BytesMut, version: MqttVersion, id: u16, filter: &str, qos: Qos) {
    let five = version == MqttVersion::V5;
    out.put_u8(0x82);
    varint(out, 2 + usize::from(five) + 2 + filter.len() + 1);
    out.put_u16(id);
    if five {
        varint(out, 0);
    }
    binary(out, filter.as_bytes());
    out.put_u8(qos.bits());
}

/// PINGREQ (section 3.12).
pub(in crate::mqtt) fn ping(out: &mut BytesMut) {
    out.put_slice(&[0xc0, 0]);
}

/// DISCONNECT (section 3.14): a farewell without a reason.
pub(in crate::mqtt) fn disconnect(out: &mut BytesMut) {
    out.put_slice(&[0xe0, 0]);
}

fn varint(out: &mut BytesMut, mut number: usize) {
    while number >= 0x80 {
        out.put_u8(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    out.put_u8(number as u8);
}

/// Bytes after their length. Nothing that is longer than the length can say comes here.
fn binary(out: &mut BytesMut, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.put_u16(length);
    out.put_slice(&bytes[..length.into()]);
}
