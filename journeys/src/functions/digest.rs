//! The filters `sha256` and `hmac_sha256(key)`, both in lower-case hexadecimal.

use std::fmt::Write;

use minijinja::Environment;
use ring::{digest, hmac};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment
        .add_filter("sha256", |text: String| hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref()));
    environment.add_filter("hmac_sha256", |text: String, key: String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        hex(hmac::sign(&key, text.as_bytes()).as_ref())
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
