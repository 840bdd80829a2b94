//! The properties of MQTT 5 (section 2.2.2).

use super::reader::{Malformed, Reader};

pub(super) const SESSION_EXPIRY: u8 = 17;
pub(super) const ASSIGNED_CLIENT_ID: u8 = 18;
pub(super) const SERVER_KEEP_ALIVE: u8 = 19;
pub(super) const SERVER_REFERENCE: u8 = 28;
pub(super) const REASON: u8 = 31;
pub(super) const RECEIVE_MAXIMUM: u8 = 33;
pub(super) const TOPIC_ALIAS: u8 = 35;
pub(super) const MAXIMUM_QOS: u8 = 36;
pub(super) const RETAIN_AVAILABLE: u8 = 37;
pub(super) const MAXIMUM_PACKET_SIZE: u8 = 39;
const SUBSCRIPTION_ID: u8 = 11;
const USER: u8 = 38;

/// Which properties CONNACK may have.
pub(super) const OF_CONNACK: &[u8] = &[17, 18, 19, 21, 22, 26, 28, 31, 33, 34, 36, 37, 38, 39, 40, 41, 42];
/// Which properties PUBLISH may have.
pub(super) const OF_PUBLISH: &[u8] = &[1, 2, 3, 8, 9, 11, 35, 38];
/// Which properties PUBACK and its like, and SUBACK, may have.
pub(super) const OF_ACK: &[u8] = &[31, 38];
/// Which properties a broker's DISCONNECT may have.
pub(super) const OF_DISCONNECT: &[u8] = &[28, 31, 38];

/// What a property says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u32),
    Text(&'a str),
    /// What nobody here reads: binary data and pairs.
    Other,
}

/// Shows each property to `see`, after which the reader stands behind them. A packet that ends where its properties
/// would begin has none.
pub(super) fn each<'a>(
    reader: &mut Reader<'a>,
    allowed: &[u8],
    mut see: impl FnMut(u8, Value<'a>),
) -> Result<(), Malformed> {
    if reader.is_empty() {
        return Ok(());
    }
    let mut section = reader.section()?;
    let mut seen = 0_u64;
    while !section.is_empty() {
        // Their numbers take one byte each.
        let id = section.u8()?;
        if !allowed.contains(&id) {
            return Err(Malformed("it has a property that does not belong there"));
        }
        if seen >> id & 1 == 1 && !matches!(id, USER | SUBSCRIPTION_ID) {
            return Err(Malformed("it has a property twice"));
        }
        seen |= 1 << id;
        see(id, value(id, &mut section)?);
    }
    Ok(())
}

fn value<'a>(id: u8, section: &mut Reader<'a>) -> Result<Value<'a>, Malformed> {
    Ok(match id {
        1 | 36 | 37 | 40..=42 => match section.u8()? {
            bit @ (0 | 1) => Value::Number(bit.into()),
            _ => return Err(Malformed("a property that is 0 or 1 is neither")),
        },
        SERVER_KEEP_ALIVE | 34 => Value::Number(section.u16()?.into()),
        RECEIVE_MAXIMUM | TOPIC_ALIAS => Value::Number(positive(section.u16()?.into())?),
        2 | SESSION_EXPIRY => Value::Number(section.u32()?),
        MAXIMUM_PACKET_SIZE => Value::Number(positive(section.u32()?)?),
        SUBSCRIPTION_ID => {
            let number = section.varint()?.and_then(|number| u32::try_from(number).ok());
            Value::Number(positive(number.ok_or(Malformed("it ends too early"))?)?)
        }
        9 | 22 => {
            section.binary()?;
            Value::Other
        }
        USER => {
            section.text()?;
            section.text()?;
            Value::Other
        }
        _ => Value::Text(section.text()?),
    })
}

const fn positive(number: u32) -> Result<u32, Malformed> {
    match number {
        0 => Err(Malformed("a property that must not be 0 is")),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], allowed: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut seen = vec![];
        let mut reader = Reader::new(bytes);
        each(&mut reader, allowed, |id, _| seen.push(id))?;
        reader.finish()?;
        Ok(seen)
    }

    #[test]
    fn each_property_once_and_in_its_place() {
        assert_eq!(read(&[], OF_ACK), Ok(vec![]));
        assert_eq!(read(&[0], OF_ACK), Ok(vec![]));
        assert_eq!(read(&[4, 31, 0, 1, b'x'], OF_ACK), Ok(vec![31]));
        let pairs = [10, 38, 0, 1, b'a', 0, 0, 38, 0, 0, 0];
        assert!(read(&pairs, OF_ACK).is_err());
        assert_eq!(read(&[10, 38, 0, 0, 0, 0, 38, 0, 0, 0, 0], OF_ACK), Ok(vec![38, 38]));
        for wrong in [
            &[8, 31, 0, 1, b'x', 31, 0, 1, b'x'][..],
            &[3, 33, 0, 1],
            &[2, 31, 0],
            &[9, 31, 0, 1, b'x'],
            &[0x80],
            &[1, 255],
        ] {
            assert!(read(wrong, OF_ACK).is_err(), "{wrong:?}");
        }
        assert!(read(&[3, 33, 0, 0], OF_CONNACK).is_err());
        assert!(read(&[2, 36, 2], OF_CONNACK).is_err());
        assert_eq!(read(&[3, 33, 0, 1], OF_CONNACK), Ok(vec![33]));
    }
}
