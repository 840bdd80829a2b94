//! What templates can call, a file per family. Time and chance enter through [`Sources`] alone.

mod digest;
mod encoding;
mod environment;
mod random;
mod sources;
mod time;
mod totp;
mod trial;

use std::sync::Arc;

use minijinja::Environment;

pub(crate) use sources::Sources;
pub(crate) use trial::{Findings, findings};

/// The functions that there are beside those of minijinja itself.
pub(crate) const FUNCTIONS: [&str; 7] =
    ["uuid", "random_int", "random_choice", "random_string", "now", "totp", "env"];

/// The filters that the reference names: ours, and minijinja's `urlencode`.
pub(crate) const FILTERS: [&str; 5] = ["base64", "unbase64", "sha256", "hmac_sha256", "urlencode"];

/// Lets the templates of `environment` call them.
pub(crate) fn register(environment: &mut Environment<'static>, sources: &Arc<Sources>) {
    random::register(environment, sources);
    time::register(environment, sources);
    totp::register(environment, sources);
    environment::register(environment);
    encoding::register(environment);
    digest::register(environment);
}

/// What a function says when it cannot do what it was called for.
fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> minijinja::Error {
    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn rendered(text: &str) -> Result<String, String> {
        let mut environment = Environment::new();
        let clock = || DateTime::from_timestamp(59, 0).unwrap_or_default();
        register(&mut environment, &Arc::new(Sources::fixed(clock, 7)));
        environment.render_str(text, ()).map_err(|error| error.detail().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_a_template_calls_is_done() {
        // FIPS 180-4 and RFC 4231 (case 2) have these digests.
        for (text, expected) in [
            ("{{ 'abc'|sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "{{ 'what do ya want for nothing?'|hmac_sha256('Jefe') }}",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            ("{{ 'ann:pw?'|base64 }}", "YW5uOnB3Pw=="),
            ("{{ 'YW5uOnB3Pw=='|unbase64 }}", "ann:pw?"),
            ("{{ 'a b&c/d'|urlencode }}", "a%20b%26c/d"),
            ("{{ totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ') }}", "287082"),
            ("{{ totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', digits=8) }}", "94287082"),
            ("{{ now() }}", "1970-01-01T00:00:59.000Z"),
            ("{{ now(format='%H:%M', offset='-1m') }}", "23:59"),
            ("{{ random_int(5, 5) }}", "5"),
            ("{{ random_choice(['a']) }}", "a"),
            ("{{ random_string(3)|length }}", "3"),
            ("{{ uuid()|length }}", "36"),
        ] {
            assert_eq!(rendered(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(
            rendered("{{ uuid() }} {{ random_string(9) }}"),
            rendered("{{ uuid() }} {{ random_string(9) }}")
        );
        assert_eq!(uuid::Uuid::parse_str(&rendered("{{ uuid() }}").unwrap()).unwrap().get_version_num(), 4);
    }

    #[test]
    fn what_cannot_be_done_says_why() {
        for (text, why) in [
            ("{{ random_int(2, 1) }}", "random_int(2, 1): the first number must not be the larger one"),
            ("{{ random_choice([]) }}", "random_choice: the list is empty"),
            ("{{ random_string(0) }}", "random_string(0): from 1 to 4096 characters"),
            ("{{ env('SERIN_NO_SUCH_VARIABLE') }}", "env: $SERIN_NO_SUCH_VARIABLE is not set"),
            (
                "{{ totp('GEZDGNBV', digits=9) }}",
                "totp: `digits` is 6, 7 or 8, and `period` from 1 to 3600 seconds",
            ),
        ] {
            assert_eq!(rendered(text).unwrap_err(), why, "{text}");
        }
    }
}
