//! Fields, read one after the other out of bytes that may be anything.

/// Why bytes are no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::mqtt) struct Malformed(pub(in crate::mqtt) &'static str);

/// What is still to be read.
#[derive(Debug, Clone, Copy)]
pub(in crate::mqtt) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(in crate::mqtt) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(super) const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// That nothing is left.
    pub(super) const fn finish(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed("there is more in it than belongs there")) }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, length: usize) -> Result<u32, Malformed> {
        Ok(self.take(length)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, Malformed> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.number(4)
    }

    /// A packet identifier, which is never zero (section 2.3.1).
    pub(super) fn id(&mut self) -> Result<u16, Malformed> {
        match self.u16()? {
            0 => Err(Malformed("its packet id is 0")),
            id => Ok(id),
        }
    }

    /// A number of one to four bytes (section 2.2.3); `None` when its end is still to come.
    pub(in crate::mqtt) fn varint(&mut self) -> Result<Option<usize>, Malformed> {
        let mut number = 0;
        for shift in [0, 7, 14, 21] {
            let Ok(byte) = self.u8() else { return Ok(None) };
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(Some(number));
            }
        }
        Err(Malformed("its length has more than four bytes"))
    }

    /// The bytes that are announced by a number before them.
    pub(super) fn section(&mut self) -> Result<Self, Malformed> {
        let length = self.varint()?.ok_or(Malformed("it ends too early"))?;
        self.take(length).map(Self)
    }

    pub(super) fn binary(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// Text: UTF-8 without U+0000 (section 1.5.3).
    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        let bytes = self.binary()?;
        if bytes.contains(&0) {
            return Err(Malformed("a text in it has the character U+0000"));
        }
        str::from_utf8(bytes).map_err(|_| Malformed("a text in it is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_standard() {
        // Table 2.4
        for (bytes, number) in [
            (&[0x00][..], 0),
            (&[0x7f], 127),
            (&[0x80, 0x01], 128),
            (&[0xff, 0x7f], 16_383),
            (&[0x80, 0x80, 0x01], 16_384),
            (&[0xff, 0xff, 0xff, 0x7f], 268_435_455),
        ] {
            assert_eq!(Reader::new(bytes).varint(), Ok(Some(number)));
            assert!(Reader::new(&bytes[1..]).varint().is_ok());
            assert_eq!(Reader::new(&bytes[..bytes.len() - 1]).varint(), Ok(None));
        }
        assert!(Reader::new(&[0x80; 4]).varint().is_err());
    }

    #[test]
    fn text_is_utf_8_without_zero() {
        assert_eq!(Reader::new(&[0, 2, 0xc3, 0xa9]).text(), Ok("\u{e9}"));
        for bytes in [&[0, 1, 0xff][..], &[0, 1, 0], &[0, 2, b'a'], &[0], &[0, 3, 0xed, 0xa0, 0x80]] {
            assert!(Reader::new(bytes).text().is_err(), "{bytes:?}");
        }
    }
}
