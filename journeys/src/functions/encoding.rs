//! The filters `base64` and `unbase64`; `urlencode` is minijinja's own.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use minijinja::{Environment, Error};

use super::refused;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("base64", |text: String| STANDARD.encode(text));
    environment.add_filter("unbase64", |text: String| unbase64(&text));
}

/// What was encoded, in either alphabet (RFC 4648), padded or not.
fn unbase64(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
    let bytes = engines.into_iter().find_map(|engine| engine.decode(text).ok());
    let bytes = bytes.ok_or_else(|| refused("unbase64: this is no base64"))?;
    String::from_utf8(bytes).map_err(|_| refused("unbase64: what comes out is no text"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn base64_is_undone_in_either_alphabet_padded_or_not() {
        for text in ["Pz8/YQ==", "Pz8/YQ", "Pz8_YQ==", "Pz8_YQ"] {
            assert_eq!(unbase64(text).unwrap(), "???a");
        }
        assert!(unbase64("?").is_err() && unbase64("/w==").is_err());
    }
}
