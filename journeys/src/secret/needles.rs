//! The forms in which a secret is looked for, once a text is decoded.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// One form of one secret.
#[derive(Debug)]
pub(super) struct Needle {
    /// The secret, by its place among those of the redactor.
    pub(super) of: usize,
    pub(super) bytes: Vec<u8>,
    /// Whether it is a piece of base64: all of it that stands there goes with it.
    pub(super) base64: bool,
}

/// Shorter pieces of base64 would be found by chance.
const SHORTEST_PIECE: usize = 4;

/// The secret itself, and what it becomes in base64 wherever in the encoded text it begins (`Basic` encodes it behind
/// the username): three pieces, by its place among the groups of three bytes, in each alphabet (RFC 4648).
pub(super) fn needles(of: usize, secret: &str) -> Vec<Needle> {
    let mut needles = vec![Needle { of, bytes: secret.as_bytes().to_vec(), base64: false }];
    for before in 0..3 {
        let bytes = [&[0; 2][..before.min(2)], secret.as_bytes()].concat();
        let standard = STANDARD_NO_PAD.encode(&bytes);
        let safe = URL_SAFE_NO_PAD.encode(&bytes);
        // A character of base64 has six bits; those that others have a part in are left out.
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        let pieces = [standard.get(from..to), safe.get(from..to).filter(|_| safe != standard)];
        for piece in pieces.into_iter().flatten().filter(|piece| piece.len() >= SHORTEST_PIECE) {
            needles.push(Needle { of, bytes: piece.as_bytes().to_vec(), base64: true });
        }
    }
    needles
}

/// Whether this byte may stand in base64, in either alphabet.
pub(super) const fn in_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_begins() {
        for before in ["", "a", "ab", "abc", "user:"] {
            for behind in ["", "x", "xy"] {
                let encoded = STANDARD_NO_PAD.encode(format!("{before}hunter2{behind}"));
                let found = needles(0, "hunter2").into_iter().any(|needle| {
                    needle.base64
                        && encoded.as_bytes().windows(needle.bytes.len()).any(|it| it == needle.bytes)
                });
                assert!(found, "{before} {behind}: {encoded}");
            }
        }
    }
}
