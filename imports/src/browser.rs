//! What a browser sends of its own accord, and what it is made to send: neither is its user's.

/// Headers of a request that Serin sends itself, or that belong to the browser and its cache.
const BROWSERS: [&str; 29] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "accept-encoding",
    "accept-language",
    "user-agent",
    "cookie",
    "referer",
    "upgrade-insecure-requests",
    "cache-control",
    "pragma",
    "dnt",
    "priority",
    "te",
    "trailer",
    "keep-alive",
    "proxy-connection",
    "if-none-match",
    "if-modified-since",
    "save-data",
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "expect",
    "alt-used",
];

/// Cookies with which users are watched, by how their names begin.
const WATCHING: [&str; 14] = [
    "_ga",
    "_gid",
    "_gat",
    "_gcl",
    "_fbp",
    "_fbc",
    "_hj",
    "ajs_",
    "amp_",
    "mp_",
    "optanon",
    "intercom-",
    "_dd_s",
    "_clck",
];

/// Whether this header is the browser's own; the name in small letters.
pub(crate) fn sends(name: &str, value: &str) -> bool {
    // A document's `accept` names what the browser can show; a script's is meant.
    let anything = name == "accept" && (value.starts_with("*/*") || value.starts_with("text/html,"));
    anything || BROWSERS.contains(&name) || is_marked(name)
}

/// Whether only browsers send a header of this name, for scripts may not (Fetch, "forbidden request-header"), or whether it
/// is none at all (RFC 9113 section 8.3).
pub(crate) fn is_marked(name: &str) -> bool {
    name.starts_with("sec-") || name.starts_with(':')
}

/// Whether users are watched by this cookie.
pub(crate) fn watches(cookie: &str) -> bool {
    let cookie = cookie.to_ascii_lowercase();
    WATCHING.iter().any(|begin| cookie.starts_with(begin))
}
