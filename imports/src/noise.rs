//! What a browser does beside its user's way: left out, and counted.

use std::collections::BTreeMap;

use url::Url;

/// Why a request is no part of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Noise {
    /// Analytics, advertisements, error reports, consent banners.
    Analytics,
    /// Fonts, wherever they come from.
    Font,
    Image,
    Script,
    Stylesheet,
    Media,
    /// What a page sends when it is left.
    Beacon,
    /// A question whether the real request is allowed (CORS).
    Preflight,
    /// WebSockets and event streams, which are no exchange of one request for one answer.
    Stream,
    /// What the browser itself has, and asks nobody for.
    Inner,
    /// What was never answered.
    Unanswered,
}

/// Hosts, and all below them, that watch users.
const WATCHERS: [&str; 38] = [
    "google-analytics.com",
    "analytics.google.com",
    "googletagmanager.com",
    "doubleclick.net",
    "googlesyndication.com",
    "googleadservices.com",
    "facebook.net",
    "connect.facebook.com",
    "segment.io",
    "segment.com",
    "mixpanel.com",
    "amplitude.com",
    "hotjar.com",
    "hotjar.io",
    "fullstory.com",
    "clarity.ms",
    "bat.bing.com",
    "sentry.io",
    "bugsnag.com",
    "rollbar.com",
    "nr-data.net",
    "newrelic.com",
    "datadoghq.com",
    "datadoghq.eu",
    "browser-intake-datadoghq.com",
    "intercom.io",
    "intercomcdn.com",
    "optimizely.com",
    "cookielaw.org",
    "onetrust.com",
    "cookiebot.com",
    "heap.io",
    "heapanalytics.com",
    "matomo.cloud",
    "plausible.io",
    "posthog.com",
    "ads.linkedin.com",
    "cloudflareinsights.com",
];

/// A request as far as it matters here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen<'r> {
    pub(crate) method: &'r str,
    pub(crate) url: &'r str,
    /// What the browser says that it is, in small letters, if it says so.
    pub(crate) kind: &'r str,
    /// The type of the answer, without parameters.
    pub(crate) mime: &'r str,
    /// The status, 0 without an answer.
    pub(crate) status: i64,
    /// Whether it asks whether another request is allowed.
    pub(crate) asks_permission: bool,
}

impl Noise {
    /// What the request is besides a user's way, if it is.
    pub(crate) fn of(seen: &Seen<'_>) -> Option<Self> {
        let url = Url::parse(seen.url).ok();
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss")) else {
            return Some(Self::Inner);
        };
        if matches!(url.scheme(), "ws" | "wss")
            || matches!(seen.kind, "websocket" | "eventsource")
            || seen.mime == "text/event-stream"
            || seen.status == 101
        {
            return Some(Self::Stream);
        }
        let host = url.host_str().unwrap_or_default();
        let watches = |watcher: &&str| {
            host.strip_suffix(*watcher).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if WATCHERS.iter().any(watches) {
            return Some(Self::Analytics);
        }
        if seen.kind == "preflight" || (seen.method == "OPTIONS" && seen.asks_permission) {
            return Some(Self::Preflight);
        }
        if matches!(seen.kind, "ping" | "beacon" | "csp-report" | "cspviolationreport") {
            return Some(Self::Beacon);
        }
        if host == "fonts.googleapis.com" || host == "fonts.gstatic.com" || host == "use.typekit.net" {
            return Some(Self::Font);
        }
        if seen.status <= 0 {
            return Some(Self::Unanswered);
        }
        // What is sent is part of the way, whatever it is answered with.
        if !matches!(seen.method, "GET" | "HEAD") {
            return None;
        }
        of_type(seen).or_else(|| of_ending(url.path(), seen.mime))
    }

    /// What it is called when they are counted.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Analytics => ("request to analytics", "requests to analytics"),
            Self::Font => ("font", "fonts"),
            Self::Image => ("image", "images"),
            Self::Script => ("script", "scripts"),
            Self::Stylesheet => ("stylesheet", "stylesheets"),
            Self::Media => ("video or sound", "videos or sounds"),
            Self::Beacon => ("beacon", "beacons"),
            Self::Preflight => ("preflight", "preflights"),
            Self::Stream => ("stream or WebSocket", "streams or WebSockets"),
            Self::Inner => ("URL that is not HTTP", "URLs that are not HTTP"),
            Self::Unanswered => ("request without an answer", "requests without an answer"),
        }
    }
}

fn of_type(seen: &Seen<'_>) -> Option<Noise> {
    match (seen.kind, seen.mime) {
        ("font", _) => Some(Noise::Font),
        ("image", _) => Some(Noise::Image),
        ("script" | "manifest", _) => Some(Noise::Script),
        ("stylesheet", _) => Some(Noise::Stylesheet),
        ("media" | "texttrack", _) => Some(Noise::Media),
        (_, mime) if mime.starts_with("font/") || mime.contains("font-") => Some(Noise::Font),
        (_, mime) if mime.starts_with("image/") => Some(Noise::Image),
        (_, mime) if mime.starts_with("video/") || mime.starts_with("audio/") => Some(Noise::Media),
        (_, "text/css") => Some(Noise::Stylesheet),
        (_, mime) if mime.ends_with("javascript") || mime == "application/wasm" => Some(Noise::Script),
        _ => None,
    }
}

/// By the name's ending, where the answer does not say that it is something to read after all.
fn of_ending(path: &str, mime: &str) -> Option<Noise> {
    if mime.ends_with("json") || mime == "text/html" {
        return None;
    }
    let (_, ending) = path.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "woff" | "woff2" | "ttf" | "otf" | "eot" => Some(Noise::Font),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "svg" | "ico" => Some(Noise::Image),
        "js" | "mjs" | "map" | "wasm" => Some(Noise::Script),
        "css" => Some(Noise::Stylesheet),
        "mp4" | "webm" | "mp3" | "ogg" | "m3u8" => Some(Noise::Media),
        _ => None,
    }
}

/// How much was left out, in a line: `Left out: 3 images, 1 font.`
pub(crate) fn remark(counts: &BTreeMap<Noise, usize>) -> Option<String> {
    let count = |(noise, count): (&Noise, &usize)| {
        let (one, several) = noise.words();
        format!("{count} {}", if *count == 1 { one } else { several })
    };
    let counted: Vec<_> = counts.iter().map(count).collect();
    (!counted.is_empty()).then(|| format!("Left out: {}.", counted.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_the_way_is_known_by_host_kind_type_or_ending() {
        let get = Seen { method: "GET", status: 200, ..Seen::default() };
        for (seen, noise) in [
            (Seen { url: "https://www.google-analytics.com/g/collect", ..get }, Some(Noise::Analytics)),
            (Seen { url: "https://notsentry.io.acme.example/", ..get }, None),
            (Seen { url: "https://a.example/x", kind: "font", ..get }, Some(Noise::Font)),
            (Seen { url: "https://a.example/x", mime: "image/png", ..get }, Some(Noise::Image)),
            (Seen { url: "https://a.example/app.js", ..get }, Some(Noise::Script)),
            (Seen { url: "https://a.example/report.css", mime: "text/html", ..get }, None),
            (Seen { url: "data:text/plain,x", ..get }, Some(Noise::Inner)),
            (Seen { url: "wss://a.example/", ..get }, Some(Noise::Stream)),
            (Seen { url: "https://a.example/x", status: 0, ..get }, Some(Noise::Unanswered)),
            (Seen { url: "https://a.example/x", method: "POST", mime: "image/gif", ..get }, None),
            (
                Seen { url: "https://a.example/x", method: "OPTIONS", asks_permission: true, ..get },
                Some(Noise::Preflight),
            ),
            (Seen { url: "https://a.example/x", mime: "application/json", kind: "xhr", ..get }, None),
        ] {
            assert_eq!(Noise::of(&seen), noise, "{seen:?}");
        }
    }

    #[test]
    fn they_are_counted_in_a_line() {
        let counts = BTreeMap::from([(Noise::Font, 2), (Noise::Analytics, 1)]);
        assert_eq!(remark(&counts).as_deref(), Some("Left out: 1 request to analytics, 2 fonts."));
        assert_eq!(remark(&BTreeMap::new()), None);
    }
}
