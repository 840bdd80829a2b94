//! Name and password in one header.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The `authorization` that says a name and a password, in the scheme `Basic` (RFC 7617, section 2): they can be read
/// from it, so it is as secret as the password.
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_rfc_has_it() {
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
