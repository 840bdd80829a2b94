//! What a peer has sent and nobody has read: bytes in, packets out. Pure.

use bytes::BytesMut;

use super::MqttVersion;
use super::codec::{Malformed, Packet, Reader, decode};

/// What a peer has sent and nobody has read: at most one packet that is not whole, and what came along with its end.
#[derive(Debug)]
pub(super) struct Inbox {
    bytes: BytesMut,
    version: MqttVersion,
    max_packet: usize,
}

impl Inbox {
    pub(super) fn new(version: MqttVersion, max_packet: usize) -> Self {
        Self { bytes: BytesMut::new(), version, max_packet }
    }

    pub(super) const fn version(&self) -> MqttVersion {
        self.version
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes in what has come. All whole packets have been [taken](Self::take) out before.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A whole packet, if one has come.
    pub(super) fn take(&mut self) -> Result<Option<Packet>, String> {
        let Some(first) = self.bytes.first().copied() else { return Ok(None) };
        // Said at once, and not after waiting for a length that another protocol's bytes seem to announce.
        if !is_brokers(first, self.version) {
            return Err(format!("it sent what no broker sends (the packet begins with {first:#04x})"));
        }
        let Some((head, length)) = self.length().map_err(no_packet)? else { return Ok(None) };
        if length > self.max_packet {
            let limit = self.max_packet;
            return Err(format!("it sent a packet of {length} bytes, and {limit} are accepted"));
        }
        if self.bytes.len() < head + length {
            return Ok(None);
        }
        // Where it is all that has come, the buffer goes with it, and an idle session is left with none.
        let whole = if self.bytes.len() == head + length {
            std::mem::take(&mut self.bytes)
        } else {
            self.bytes.split_to(head + length)
        };
        let body = whole.freeze().split_off(head);
        decode(self.version, first, &body).map(Some).map_err(no_packet)
    }

    /// How long the head of the next packet is, and what follows it; `None` while that is not known.
    fn length(&self) -> Result<Option<(usize, usize)>, Malformed> {
        let behind = &self.bytes[1..];
        let length = Reader::new(behind).varint()?;
        Ok(length.map(|length| (1 + behind.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1, length)))
    }
}

fn no_packet(why: Malformed) -> String {
    format!("it sent what is no MQTT packet ({why})")
}

/// Whether a broker's packet may begin so: its type and the flags that this type prescribes (sections 2.2.1 and 2.2.2).
const fn is_brokers(first: u8, version: MqttVersion) -> bool {
    match first {
        // CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, PINGRESP
        0x20 | 0x30..=0x3f | 0x40 | 0x50 | 0x62 | 0x70 | 0x90 | 0xb0 | 0xd0 => true,
        // DISCONNECT, AUTH
        0xe0 | 0xf0 => matches!(version, MqttVersion::V5),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
