//! The words of a curl line.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use journeys::{Asked, Piece, Sent};
use probes::HttpVersion;

use super::shell::word;

/// The length of a body at which curl begins to ask first.
const LONG: usize = 1 << 20;

/// How a line is to reach its peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'w> {
    /// Who was connected, and is to be again whatever DNS says.
    pub(crate) peer: Option<SocketAddr>,
    /// The file with the certificate authority that all steps trust beside the public ones.
    pub(crate) authority: Option<&'w str>,
}

/// The curl line of a request.
pub(crate) fn line(asked: &Asked, way: Way<'_>) -> String {
    let mut line = Line { words: vec!["curl".to_owned()], marks: &asked.marks };
    line.how(asked);
    line.whither(asked, way);
    line.headers(asked);
    line.body(&asked.body);
    line.word(&asked.url);
    if asked.body == Sent::Bytes {
        line.words.push(format!("# body: the {} bytes that were sent", asked.length));
    }
    line.words.join(" ")
}

/// A line that is being written.
struct Line<'l> {
    words: Vec<String>,
    marks: &'l BTreeSet<String>,
}

impl Line<'_> {
    fn word(&mut self, text: &str) {
        self.words.push(word(text, self.marks));
    }

    fn option(&mut self, option: &str, value: &str) {
        self.words.push(option.to_owned());
        self.word(value);
    }

    /// The method and the version of HTTP.
    fn how(&mut self, asked: &Asked) {
        match (&*asked.method, &asked.body) {
            ("GET", Sent::Nothing) => {}
            ("HEAD", Sent::Nothing) => self.words.push("--head".to_owned()),
            // With a body that is what curl does in any case.
            ("POST", body) if *body != Sent::Nothing => {}
            (method, _) => self.option("-X", method),
        }
        let version = match asked.version {
            None => None,
            Some(HttpVersion::One) => Some("--http1.1"),
            Some(HttpVersion::Two) if asked.url.starts_with("https:") => Some("--http2"),
            Some(HttpVersion::Two) => Some("--http2-prior-knowledge"),
        };
        self.words.extend(version.map(str::to_owned));
        // To curl they would be a range or a choice.
        if word(&asked.url, self.marks).contains(['[', ']', '{', '}']) {
            self.words.push("--globoff".to_owned());
        }
    }

    /// The peer, and by what each believes the other.
    fn whither(&mut self, asked: &Asked, way: Way<'_>) {
        if let Some(pin) = way.peer.and_then(|peer| pin(&asked.url, peer)) {
            self.option("--resolve", &pin);
        }
        if !asked.url.starts_with("https:") {
            return;
        }
        // curl takes one file: what the step says is the more likely one.
        if let Some(file) = asked.ca.as_deref().or(way.authority) {
            self.option("--cacert", file);
        }
        if let Some((certificate, key)) = &asked.certificate {
            // What is behind a colon would be its password.
            self.option("--cert", &certificate.replace('\\', "\\\\").replace(':', "\\:"));
            self.option("--key", key);
        }
    }

    fn headers(&mut self, asked: &Asked) {
        if let Some((name, password)) = &asked.credentials {
            self.option("-u", &format!("{name}:{password}"));
        }
        for (name, value) in &asked.headers {
            match &**name {
                "accept" if value == "*/*" => continue,
                // It says where each piece ends, which is curl's to choose.
                "content-type" if matches!(asked.body, Sent::Pieces(_)) => continue,
                "accept-encoding" => self.words.push("--compressed".to_owned()),
                _ => {}
            }
            // Without a value curl would take the header away.
            let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            self.option("-H", &header);
        }
        // Before a long body curl would ask whether it is wanted.
        if asked.length > LONG {
            self.option("-H", "expect:");
        }
    }

    fn body(&mut self, body: &Sent) {
        match body {
            Sent::Nothing => {}
            Sent::Text(text) => self.option("--data-raw", text),
            Sent::File(path) => self.option("--data-binary", &format!("@{path}")),
            Sent::Pieces(pieces) => pieces.iter().for_each(|(name, piece)| self.piece(name, piece)),
            Sent::Bytes => self.option("--data-binary", "@body"),
        }
    }

    fn piece(&mut self, name: &str, piece: &Piece) {
        match piece {
            Piece::Text(text) => self.option("--form-string", &format!("{name}={text}")),
            Piece::File { path, kind } => {
                let path = path.replace('\\', "\\\\").replace('"', "\\\"");
                self.option("-F", &format!("{name}=@\"{path}\";type={kind}"));
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use journeys::{Clean, Redactor};

    use super::*;

    fn clean(text: &str) -> Clean {
        Redactor::default().clean(text)
    }

    fn asked(method: &str, url: &str, body: &str) -> Asked {
        Asked {
            method: method.into(),
            url: clean(url),
            headers: vec![("content-type".into(), clean("application/json"))],
            credentials: None,
            length: body.len(),
            body: if body.is_empty() { Sent::Nothing } else { Sent::Text(clean(body)) },
            version: None,
            ca: None,
            certificate: None,
            peer: None,
            status: None,
            marks: ["[secret.api-password]", "[token]"].map(str::to_owned).into(),
        }
    }

    const ANY: Way<'_> = Way { peer: None, authority: None };

    #[test]
    fn a_request_can_be_made_again() {
        let peer = "198.51.100.10:8443".parse().ok();
        let url = "https://api.acme.example:8443/users?a=b c";
        let body = r#"{"name":"O'Neil","password":"[secret.api-password]"}"#;
        assert_eq!(
            line(&asked("POST", url, body), Way { peer, authority: Some("my ca.pem") }),
            "curl --resolve api.acme.example:8443:198.51.100.10 --cacert 'my ca.pem' \
             -H 'content-type: application/json' --data-raw \
             '{\"name\":\"O'\\''Neil\",\"password\":\"'\"$API_PASSWORD\"'\"}' \
             'https://api.acme.example:8443/users?a=b c'"
        );
        assert_eq!(
            line(&asked("GET", "http://127.0.0.1/[token]", ""), Way { authority: Some("ca.pem"), peer }),
            "curl -H 'content-type: application/json' http://127.0.0.1/\"$TOKEN\""
        );
    }

    #[test]
    fn what_a_step_has_of_its_own_is_said() {
        let mut request = asked("PUT", "https://a.example/", "");
        request.credentials = Some((clean("me"), clean("[token]")));
        request.version = Some(HttpVersion::Two);
        request.ca = Some("own.pem".into());
        request.certificate = Some(("c:me.pem".into(), "me.key".into()));
        request.headers = ["accept: */*", "accept-encoding: gzip", "cookie: a=b; c=d", "x-empty: "]
            .map(|header| header.split_once(": ").map(|(name, value)| (name.into(), clean(value))))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(
            line(&request, Way { authority: Some("ca.pem"), ..ANY }),
            "curl -X PUT --http2 --cacert own.pem --cert 'c\\:me.pem' --key me.key -u me:\"$TOKEN\" --compressed \
             -H 'accept-encoding: gzip' -H 'cookie: a=b; c=d' -H 'x-empty;' https://a.example/"
        );
    }

    #[test]
    fn no_url_is_taken_for_a_pattern() {
        let request = asked("GET", "http://a.example/?filter[a]={b}", "");
        assert_eq!(
            line(&request, ANY),
            "curl --globoff -H 'content-type: application/json' 'http://a.example/?filter[a]={b}'"
        );
    }

    #[test]
    fn bodies_are_sent_from_where_they_lie() {
        let mut request = asked("POST", "http://a.example/", "");
        request.version = Some(HttpVersion::Two);
        request.body = Sent::File("my file".into());
        let sent = |request: &Asked| line(request, ANY).split_once("-H ").map(|(_, rest)| rest.to_owned());
        let of = |rest: &str| Some(format!("'content-type: application/json' {rest} http://a.example/"));
        assert_eq!(sent(&request), of("--data-binary '@my file'"));
        assert!(line(&request, ANY).starts_with("curl --http2-prior-knowledge -H"));
        (request.body, request.length) = (Sent::Bytes, 7);
        assert_eq!(
            sent(&request),
            of("--data-binary @body").map(|line| line + " # body: the 7 bytes that were sent")
        );
        let photo = Piece::File { path: "a\"b.png".into(), kind: "image/png".into() };
        request.body = Sent::Pieces(vec![
            ("who".to_owned(), Piece::Text(clean("@me;you"))),
            ("photo".to_owned(), photo),
        ]);
        assert_eq!(
            line(&request, ANY),
            "curl --http2-prior-knowledge --form-string 'who=@me;you' \
             -F 'photo=@\"a\\\"b.png\";type=image/png' http://a.example/"
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
}
