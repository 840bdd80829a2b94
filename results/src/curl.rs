//! A request as a curl line that makes it again.

use std::net::{IpAddr, SocketAddr};

use cutover::Route;
use journeys::{Asked, Sent};

/// The curl line of a request. On a pinned route it goes to the `peer` that was really connected; `authority` is a file
/// with the certificate authority that is trusted beside the public ones.
pub(crate) fn line(asked: &Asked, route: Route, peer: Option<SocketAddr>, authority: Option<&str>) -> String {
    let quoted = |text: &str| quoted(text, &asked.marks);
    let mut words = vec!["curl".to_owned()];
    match (&*asked.method, &asked.body) {
        ("GET", Sent::Nothing) => {}
        ("HEAD", _) => words.push("--head".to_owned()),
        (method, _) => words.extend(["-X".to_owned(), quoted(method)]),
    }
    if let Some(pin) = peer.filter(|_| route.pinned().is_some()).and_then(|peer| pin(&asked.url, peer)) {
        words.extend(["--resolve".to_owned(), quoted(&pin)]);
    }
    if let Some(file) = authority.filter(|_| asked.url.starts_with("https:")) {
        words.extend(["--cacert".to_owned(), quoted(file)]);
    }
    for (name, value) in &asked.headers {
        // Without a value curl would take the header away.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        words.extend(["-H".to_owned(), quoted(&header)]);
    }
    match &asked.body {
        Sent::Nothing => {}
        Sent::Text(text) => words.extend(["--data-raw".to_owned(), quoted(text)]),
        Sent::Bytes(_) => words.extend(["--data-binary".to_owned(), "@body".to_owned()]),
    }
    words.push(quoted(&asked.url));
    if let Sent::Bytes(count) = asked.body {
        words.push(format!("# body: the {count} bytes that were sent"));
    }
    words.join(" ")
}

/// `HOST:PORT:ADDRESS`, where the URL names a host and not an address.
fn pin(url: &str, peer: SocketAddr) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => host,
    };
    if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
        return None;
    }
    Some(match peer.ip() {
        IpAddr::V4(address) => format!("{host}:{}:{address}", peer.port()),
        IpAddr::V6(address) => format!("{host}:{}:[{address}]", peer.port()),
    })
}

/// A text as one word of a shell; what stands in the place of a secret is the variable of its name.
fn quoted(text: &str, marks: &[String]) -> String {
    let first = marks.iter().filter_map(|mark| Some((text.find(mark.as_str())?, mark))).min();
    let Some((at, mark)) = first else { return literal(text) };
    let (before, after) = (&text[..at], &text[at + mark.len()..]);
    let part = |text: &str| if text.is_empty() { String::new() } else { quoted(text, marks) };
    format!("{}\"${}\"{}", part(before), variable(mark), part(after))
}

/// `[secret.password]` is `PASSWORD`.
fn variable(mark: &str) -> String {
    let name = mark.trim_matches(['[', ']']);
    let name = name.strip_prefix("secret.").unwrap_or(name);
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// A text that a shell takes as it is; one with control characters in the form that bash, zsh and ksh know.
fn literal(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut literal = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\'' | '\\' => literal.extend(['\\', c]),
            // Byte by byte, as every shell reads it.
            c if c.is_control() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| literal.push_str(&format!("\\{byte:03o}")));
            }
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use journeys::Redactor;

    use super::*;

    fn asked(method: &str, url: &str, body: &str) -> Asked {
        let clean = |text: &str| Redactor::default().clean(text);
        Asked {
            method: method.into(),
            url: clean(url),
            headers: vec![("content-type".into(), clean("application/json"))],
            body: if body.is_empty() { Sent::Nothing } else { Sent::Text(clean(body)) },
            marks: vec!["[secret.api-password]".to_owned(), "[token]".to_owned()],
        }
    }

    #[test]
    fn a_request_can_be_made_again() {
        let peer = "198.51.100.10:8443".parse().ok();
        let url = "https://api.acme.example:8443/users?a=b c";
        let body = r#"{"name":"O'Neil","password":"[secret.api-password]"}"#;
        assert_eq!(
            line(&asked("POST", url, body), Route::New, peer, Some("my ca.pem")),
            "curl -X POST --resolve api.acme.example:8443:198.51.100.10 --cacert 'my ca.pem' \
             -H 'content-type: application/json' --data-raw \
             '{\"name\":\"O'\\''Neil\",\"password\":\"'\"$API_PASSWORD\"'\"}' \
             'https://api.acme.example:8443/users?a=b c'"
        );
        assert_eq!(
            line(&asked("GET", "http://127.0.0.1/[token]", ""), Route::Live, peer, Some("ca.pem")),
            "curl -H 'content-type: application/json' http://127.0.0.1/\"$TOKEN\""
        );
    }

    #[test]
    fn only_a_name_is_pinned() {
        let peer = |text: &str| text.parse::<SocketAddr>().ok();
        let pinned = |url, at| peer(at).and_then(|peer| pin(url, peer));
        assert_eq!(
            pinned("https://a.example/x:1", "192.0.2.1:443").as_deref(),
            Some("a.example:443:192.0.2.1")
        );
        assert_eq!(
            pinned("https://a.example?x", "[2001:db8::1]:443").as_deref(),
            Some("a.example:443:[2001:db8::1]")
        );
        assert_eq!(
            pinned("https://me:pw@a.example:8443/", "192.0.2.1:8443").as_deref(),
            Some("a.example:8443:192.0.2.1")
        );
        assert_eq!(pinned("https://192.0.2.1/", "192.0.2.1:443"), None);
        assert_eq!(pinned("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"), None);
    }

    #[test]
    fn no_terminal_obeys_a_word() {
        assert_eq!(literal("a\u{1b}[2J'\\\nb"), "$'a\\033[2J\\'\\\\\\nb'");
        assert_eq!(literal(""), "''");
        assert_eq!(literal("\u{9b}"), "$'\\302\\233'");
    }
}
