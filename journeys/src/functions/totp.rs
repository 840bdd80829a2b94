//! `totp(secret)`: the code that an authenticator shows now (RFC 6238).

use std::sync::Arc;

use data_encoding::BASE32_NOPAD;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error};
use ring::hmac;

use super::{Sources, refused};

/// As every authenticator has it, unless its account says otherwise.
const PERIOD: u64 = 30;
const DIGITS: u32 = 6;

pub(super) fn register(environment: &mut Environment<'static>, sources: &Arc<Sources>) {
    let from = sources.clone();
    environment.add_function("totp", move |secret: String, options: Kwargs| -> Result<String, Error> {
        let digits = options.get::<Option<u32>>("digits")?.unwrap_or(DIGITS);
        let period = options.get::<Option<u64>>("period")?.unwrap_or(PERIOD);
        let algorithm = options.get::<Option<String>>("algorithm")?;
        options.assert_all_used()?;
        if !(6..=8).contains(&digits) || !(1..=3600).contains(&period) {
            return Err(refused("totp: `digits` is 6, 7 or 8, and `period` from 1 to 3600 seconds"));
        }
        let algorithm = algorithm_of(algorithm.as_deref().unwrap_or("sha1"))?;
        let key = key_of(&secret)?;
        let now = u64::try_from(from.now().timestamp()).unwrap_or_default();
        Ok(code(algorithm, &key, now / period, digits))
    });
}

fn algorithm_of(name: &str) -> Result<hmac::Algorithm, Error> {
    match name {
        "sha1" => Ok(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "sha256" => Ok(hmac::HMAC_SHA256),
        "sha512" => Ok(hmac::HMAC_SHA512),
        _ => Err(refused(format!("totp: `{name}` is no algorithm; sha1, sha256 or sha512"))),
    }
}

/// The key as it is handed out: in base32 (RFC 4648), in groups or not. The key itself is in no message.
fn key_of(secret: &str) -> Result<Vec<u8>, Error> {
    let plain: String = secret.chars().filter(|c| !matches!(c, ' ' | '-' | '=')).collect();
    let key = BASE32_NOPAD.decode(plain.to_ascii_uppercase().as_bytes()).ok().filter(|key| !key.is_empty());
    key.ok_or_else(|| refused("totp: the secret is no base32, letters A to Z and digits 2 to 7"))
}

/// HOTP (RFC 4226 section 5.3) of the number of the period.
fn code(algorithm: hmac::Algorithm, key: &[u8], counter: u64, digits: u32) -> String {
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), &counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = tag.last().map_or(0, |byte| usize::from(byte & 0xf));
    let four = tag.iter().skip(offset).take(4).fold(0_u32, |code, byte| code << 8 | u32::from(*byte));
    let code = (four & 0x7fff_ffff) % 10_u32.pow(digits);
    format!("{code:0width$}", width = digits as usize)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: eight digits, and for each algorithm a key of its own length.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let key = |length| "1234567890".repeat(7)[..length].to_owned();
        for (time, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            for (name, length, expected) in
                [("sha1", 20, sha1), ("sha256", 32, sha256), ("sha512", 64, sha512)]
            {
                let algorithm = algorithm_of(name).unwrap();
                assert_eq!(
                    code(algorithm, key(length).as_bytes(), time / 30, 8),
                    expected,
                    "{name} at {time}"
                );
            }
        }
    }

    #[test]
    fn a_key_is_taken_as_it_is_handed_out() {
        assert_eq!(key_of("gezd gnbv-GY3T QOJQ==").unwrap(), b"1234567890");
        let error = key_of("1nsecret").unwrap_err().to_string();
        assert!(error.contains("no base32") && !error.contains("1nsecret"), "{error}");
    }
}
