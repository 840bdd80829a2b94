//! Values that several subcommands are given.

use std::time::Duration;

/// A duration as it is written everywhere, of a day at most.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(86_400);
    let duration = humantime::parse_duration(text).ok().filter(|duration| *duration <= DAY);
    duration.ok_or_else(|| "write a number and its unit, a day at most: 800ms, 10s, 2m".to_owned())
}

/// The URL of an API.
pub(super) fn api(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| "write http://HOST:PORT, as `serin run` prints it".to_owned())
}
