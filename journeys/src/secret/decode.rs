//! A text, decoded as its reader would, with every byte's origin: so that what stands in it encoded can be struck out
//! of the text itself.

use std::ops::Range;

/// What texts are encoded with on their way through requests, answers and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// The escapes of a JSON string (RFC 8259 section 7).
    Json,
    /// Percent-encoding, with `+` for a space as in forms (RFC 3986 section 2.1).
    Percent,
    /// The character references of HTML.
    Html,
}

impl Coding {
    pub(super) const ALL: [Self; 3] = [Self::Json, Self::Percent, Self::Html];
}

/// Bytes, and from where in the original text each comes.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Where each byte's origin begins in the original; one more at the end.
    from: Vec<u32>,
}

impl Decoded {
    /// The text itself.
    pub(super) fn plain(text: &str) -> Self {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { bytes: text.as_bytes().to_vec(), from: (0..=end).collect() }
    }

    /// What of the original these bytes stand for.
    pub(super) fn origin(&self, bytes: Range<usize>) -> Range<usize> {
        let at = |index: usize| self.from.get(index).map_or(0, |&from| from as usize);
        at(bytes.start)..at(bytes.end)
    }

    /// One coding less; `None` if there is nothing encoded in it.
    pub(super) fn decoded(&self, coding: Coding) -> Option<Self> {
        let mut into = Self { bytes: Vec::new(), from: Vec::new() };
        let mut at = 0;
        let mut changed = false;
        while at < self.bytes.len() {
            let mut buffer = [0; 4];
            let rest = &self.bytes[at..];
            let (decoded, length) = match unit(coding, rest) {
                Some((Unit::Byte(byte), length)) => {
                    changed = true;
                    buffer[0] = byte;
                    (&buffer[..1], length)
                }
                Some((Unit::Char(c), length)) => {
                    changed = true;
                    (c.encode_utf8(&mut buffer).as_bytes(), length)
                }
                None => (&rest[..1], 1),
            };
            for &byte in decoded {
                into.bytes.push(byte);
                into.from.push(self.from[at]);
            }
            at += length;
        }
        into.from.push(self.from[at.min(self.bytes.len())]);
        changed.then_some(into)
    }
}

/// What an encoded unit stands for.
enum Unit {
    Byte(u8),
    Char(char),
}

/// The encoded unit with which `text` begins, and its length.
fn unit(coding: Coding, text: &[u8]) -> Option<(Unit, usize)> {
    match (coding, text) {
        (Coding::Percent, [b'+', ..]) => Some((Unit::Byte(b' '), 1)),
        (Coding::Percent, [b'%', high, low, ..]) => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let byte = digit(*high)? * 16 + digit(*low)?;
            Some((Unit::Byte(u8::try_from(byte).ok()?), 3))
        }
        (Coding::Json, [b'\\', b'u', rest @ ..]) => {
            let first = hex4(rest)?;
            if let Some(c) = char::from_u32(first) {
                return Some((Unit::Char(c), 6));
            }
            let [b'\\', b'u', low @ ..] = rest.get(4..)? else { return None };
            let low = hex4(low)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            let c = char::from_u32(0x1_0000 + ((first.checked_sub(0xd800)?) << 10) + low)?;
            Some((Unit::Char(c), 12))
        }
        (Coding::Json, [b'\\', escaped, ..]) => {
            let byte = match escaped {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                b'"' | b'\\' | b'/' | b'\'' => *escaped,
                _ => return None,
            };
            Some((Unit::Byte(byte), 2))
        }
        (Coding::Html, [b'&', ..]) => {
            let end = text.iter().take(10).position(|&byte| byte == b';')?;
            let name = std::str::from_utf8(&text[1..end]).ok()?;
            let c = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => '\u{a0}',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
                    char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?)?
                }
            };
            Some((Unit::Char(c), end + 1))
        }
        _ => None,
    }
}

fn hex4(text: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(text.get(..4)?).ok()?, 16).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn decoded(coding: Coding, text: &str) -> String {
        let decoded = Decoded::plain(text).decoded(coding).unwrap();
        assert_eq!(decoded.from.len(), decoded.bytes.len() + 1);
        assert_eq!(decoded.origin(0..decoded.bytes.len()), 0..text.len());
        String::from_utf8(decoded.bytes).unwrap()
    }

    #[test]
    fn every_coding_is_undone() {
        assert_eq!(decoded(Coding::Json, r#"a\"b\\c\/\n\u00e9\ud83d\ude00"#), "a\"b\\c/\né😀");
        assert_eq!(decoded(Coding::Percent, "a%26b+c%C3%A9%zz"), "a&b cé%zz");
        assert_eq!(decoded(Coding::Html, "a&amp;b&#39;c&#x26;d&e;"), "a&b'c&d&e;");
        assert!(Decoded::plain("nothing \\x to do").decoded(Coding::Json).is_none());
    }

    #[test]
    fn what_is_decoded_knows_where_it_comes_from() {
        let text = r"x\u0026y\\z";
        let decoded = Decoded::plain(text).decoded(Coding::Json).unwrap();
        assert_eq!(decoded.bytes, b"x&y\\z");
        assert_eq!(&text[decoded.origin(1..3)], r"\u0026y");
    }
}
