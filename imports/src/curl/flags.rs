//! The options of curl: what each says of the request.

use std::time::Duration;

use url::form_urlencoded::byte_serialize;

use crate::draft::Field;
use crate::text::Text;

/// A journey follows no more.
const MOST_REDIRECTS: u64 = 50;

/// What one request of a command is.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub(super) urls: Vec<String>,
    pub(super) method: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) data: Vec<Data>,
    pub(super) parts: Vec<(String, Field)>,
    pub(super) user: Option<(String, String)>,
    pub(super) cookies: Vec<String>,
    pub(super) agent: Option<String>,
    pub(super) get: bool,
    pub(super) head: bool,
    pub(super) redirects: Option<u64>,
    pub(super) version: Option<&'static str>,
    pub(super) timeout: Option<Duration>,
    pub(super) cert: Option<String>,
    pub(super) key: Option<String>,
    pub(super) ca: Option<String>,
    pub(super) remarks: Vec<String>,
    /// Whether there was an option of which it is not known whether it takes a value.
    unknown: bool,
}

/// A piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    Text(String),
    Json(String),
    File(String),
}

/// Options that take a value and say nothing about the request itself.
const IGNORED_WITH_VALUE: [&str; 17] = [
    "output",
    "write-out",
    "dump-header",
    "cookie-jar",
    "stderr",
    "trace",
    "trace-ascii",
    "limit-rate",
    "speed-limit",
    "speed-time",
    "output-dir",
    "keepalive-time",
    "parallel-max",
    "connect-timeout",
    "retry",
    "retry-delay",
    "retry-max-time",
];

/// Options without a value that say nothing about the request itself.
const IGNORED: [&str; 29] = [
    "silent",
    "show-error",
    "verbose",
    "include",
    "compressed",
    "fail",
    "fail-with-body",
    "no-progress-meter",
    "progress-bar",
    "remote-name",
    "globoff",
    "no-buffer",
    "location-trusted",
    "ipv4",
    "ipv6",
    "no-keepalive",
    "path-as-is",
    "http0.9",
    "tcp-nodelay",
    "parallel",
    "create-dirs",
    "remote-name-all",
    "basic",
    "styled-output",
    "ssl-reqd",
    "tlsv1",
    "tlsv1.2",
    "tlsv1.3",
    "no-sessionid",
];

/// What the letters stand for.
const LETTERS: [(char, &str); 35] = [
    ('X', "request"),
    ('H', "header"),
    ('d', "data"),
    ('F', "form"),
    ('u', "user"),
    ('b', "cookie"),
    ('A', "user-agent"),
    ('e', "referer"),
    ('k', "insecure"),
    ('L', "location"),
    ('G', "get"),
    ('I', "head"),
    ('m', "max-time"),
    ('o', "output"),
    ('w', "write-out"),
    ('D', "dump-header"),
    ('c', "cookie-jar"),
    ('s', "silent"),
    ('S', "show-error"),
    ('v', "verbose"),
    ('i', "include"),
    ('f', "fail"),
    ('#', "progress-bar"),
    ('O', "remote-name"),
    ('g', "globoff"),
    ('N', "no-buffer"),
    ('4', "ipv4"),
    ('6', "ipv6"),
    ('x', "proxy"),
    ('T', "upload-file"),
    ('E', "cert"),
    ('0', "http1.0"),
    ('1', "tlsv1"),
    (':', "next"),
    ('Z', "parallel"),
];

/// The requests of a command, or `None` if it is no curl.
pub(super) fn read(words: Vec<String>) -> Option<Vec<Command>> {
    let mut words = words
        .into_iter()
        .skip_while(|word| word.contains('=') || matches!(word.as_str(), "$" | "sudo" | "time"));
    let program = words.next()?;
    let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
    if !matches!(program, "curl" | "curl.exe") {
        return None;
    }
    let mut commands = Vec::new();
    let mut command = Command::default();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        if only_urls || !word.starts_with('-') || word == "-" {
            command.urls.push(word);
        } else if word == "--" {
            only_urls = true;
        } else if matches!(word.as_str(), "--next" | "-:") {
            commands.push(std::mem::take(&mut command).finished());
        } else if let Some(long) = word.strip_prefix("--") {
            command.long(long, &mut words);
        } else {
            command.short(&word[1..], &mut words);
        }
    }
    commands.push(command.finished());
    Some(commands)
}

impl Command {
    /// Behind an option that is not known, what is no whole URL may be its value.
    fn finished(mut self) -> Self {
        if self.unknown && self.urls.iter().any(|url| url.contains("://")) {
            self.urls.retain(|url| url.contains("://"));
        }
        self
    }

    fn long(&mut self, option: &str, words: &mut impl Iterator<Item = String>) {
        if IGNORED.contains(&option) {
            return;
        }
        if IGNORED_WITH_VALUE.contains(&option) {
            words.next();
        } else if !self.switch(option) && !self.setting(option, words) {
            self.unknown = true;
            self.remarks.push(format!("curl's `--{option}` is not known here and was left out."));
        }
    }

    /// Letters behind one `-`: several without a value, and the last one with it, `-sXPOST`.
    fn short(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) {
        for (at, letter) in letters.char_indices() {
            let Some((_, option)) = LETTERS.iter().find(|(known, _)| *known == letter) else {
                self.unknown = true;
                self.remarks.push(format!("curl's `-{letter}` is not known here and was left out."));
                continue;
            };
            if IGNORED.contains(option) || self.switch(option) {
                continue;
            }
            let behind = &letters[at + letter.len_utf8()..];
            let given = (!behind.is_empty()).then(|| behind.to_owned());
            self.long(option, &mut given.into_iter().chain(words));
            return;
        }
    }

    /// An option without a value.
    fn switch(&mut self, option: &str) -> bool {
        const REDIRECTS: u64 = 10;
        match option {
            "get" => self.get = true,
            "head" => self.head = true,
            "location" => self.redirects = self.redirects.or(Some(REDIRECTS)),
            "http1.1" | "http1.0" => self.version = Some("1.1"),
            "http2" | "http2-prior-knowledge" => self.version = Some("2"),
            "insecure" => self.remarks.push(
                "curl's `-k` has no counterpart: certificates are always checked. Name the authority with `ca:`.".to_owned(),
            ),
            "digest" | "ntlm" | "negotiate" | "anyauth" | "http3" => {
                self.remarks.push(format!("curl's `--{option}` has no counterpart and was left out."));
            }
            _ => return false,
        }
        true
    }

    /// An option with a value.
    fn setting(&mut self, option: &str, words: &mut impl Iterator<Item = String>) -> bool {
        const KNOWN: [&str; 25] = [
            "request",
            "url",
            "header",
            "data",
            "data-ascii",
            "data-binary",
            "data-raw",
            "data-urlencode",
            "json",
            "form",
            "form-string",
            "user",
            "oauth2-bearer",
            "cookie",
            "user-agent",
            "referer",
            "max-time",
            "max-redirs",
            "cert",
            "key",
            "cacert",
            "proxy",
            "resolve",
            "connect-to",
            "upload-file",
        ];
        if !KNOWN.contains(&option) {
            return false;
        }
        let Some(value) = words.next() else {
            self.remarks.push(format!("curl's `--{option}` has no value."));
            return true;
        };
        match option {
            "request" => self.method = Some(value),
            "url" => self.urls.push(value),
            "header" => self.header(&value),
            "data-raw" => self.data.push(Data::Text(value)),
            "data" | "data-ascii" | "data-binary" => {
                self.data.push(value.strip_prefix('@').map_or_else(|| Data::Text(value.clone()), |path| Data::File(path.to_owned())));
            }
            "json" => {
                self.data.push(value.strip_prefix('@').map_or_else(|| Data::Json(value.clone()), |path| Data::File(path.to_owned())));
            }
            "data-urlencode" => self.data.push(encoded(&value)),
            "form" => self.part(&value),
            "form-string" => {
                let (name, text) = value.split_once('=').unwrap_or((&value, ""));
                self.parts.push((name.to_owned(), Field::Text(text.into())));
            }
            "user" => {
                let (name, password) = value.split_once(':').unwrap_or((&value, ""));
                self.user = Some((name.to_owned(), password.to_owned()));
            }
            "oauth2-bearer" => self.headers.push(("authorization".to_owned(), format!("Bearer {value}"))),
            "cookie" if value.contains('=') => self.cookies.push(value),
            "cookie" => {
                self.remarks.push("The cookies of a file were left out: sign in with a step of its own.".to_owned());
            }
            "user-agent" => self.agent = Some(value),
            "referer" => self.headers.push(("referer".to_owned(), value)),
            "max-time" => self.timeout = seconds(&value),
            "max-redirs" => self.redirects = Some(value.parse().unwrap_or(MOST_REDIRECTS).min(MOST_REDIRECTS)),
            "cert" => self.cert = value.split(':').next().map(str::to_owned),
            "key" => self.key = Some(value),
            "cacert" => self.ca = Some(value),
            "upload-file" => {
                self.method.get_or_insert_with(|| "PUT".to_owned());
                self.data.push(Data::File(value));
            }
            _ => self.remarks.push(format!(
                "curl's `--{option} {value}` was left out: where a journey connects to is its route's business."
            )),
        }
        true
    }

    fn header(&mut self, value: &str) {
        match value.split_once(':') {
            Some((name, value)) if !value.trim().is_empty() => {
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            // `-H 'Accept:'` takes a header of curl's own away, which is not sent here in any case.
            Some(_) => {}
            None => match value.strip_suffix(';') {
                Some(name) => self.headers.push((name.to_owned(), String::new())),
                None => self.remarks.push(format!("The header `{value}` has no value and was left out.")),
            },
        }
    }

    /// `name=text`, `name=@path;type=image/png`, `name=<path`.
    fn part(&mut self, value: &str) {
        let (name, content) = value.split_once('=').unwrap_or((value, ""));
        let field = match content.strip_prefix(['@', '<']) {
            Some(rest) => {
                let mut pieces = rest.split(';');
                let path = pieces.next().unwrap_or_default().trim_matches('"').to_owned();
                let mime = pieces.find_map(|piece| piece.trim().strip_prefix("type=").map(str::to_owned));
                Field::File { path, mime }
            }
            None => Field::Text(Text::from(content.split(";type=").next().unwrap_or_default())),
        };
        self.parts.push((name.to_owned(), field));
    }
}

/// `--data-urlencode`: `content`, `=content`, `name=content`, `@path`, `name@path`.
fn encoded(value: &str) -> Data {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    match value.find(['=', '@']) {
        Some(at) if value[at..].starts_with('=') => {
            let (name, text) = (&value[..at], &value[at + 1..]);
            Data::Text(if name.is_empty() { encode(text) } else { format!("{name}={}", encode(text)) })
        }
        Some(at) => Data::File(value[at + 1..].to_owned()),
        None => Data::Text(encode(value)),
    }
}

/// Seconds, with a fraction if need be; what is no time of a step is none.
fn seconds(value: &str) -> Option<Duration> {
    const LONGEST: f64 = 3_600.0;
    let seconds: f64 = value.parse().ok().filter(|seconds| *seconds >= 0.001 && *seconds <= LONGEST)?;
    let whole = Duration::from_secs_f64(seconds).as_millis();
    Some(Duration::from_millis(u64::try_from(whole).unwrap_or_default()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn read_one(line: &str) -> Command {
        read(line.split(' ').map(str::to_owned).collect()).unwrap().remove(0)
    }

    #[test]
    fn letters_may_stand_together_with_a_value_behind_the_last() {
        let command = read_one("curl -sSLXPUT -m2.5 -dab https://a.example");
        assert_eq!((command.method.as_deref(), command.redirects), (Some("PUT"), Some(10)));
        assert_eq!(
            (command.timeout, command.data.as_slice()),
            (Some(Duration::from_millis(2500)), &[Data::Text("ab".to_owned())][..])
        );
        assert_eq!(command.urls, ["https://a.example"]);
        assert!(command.remarks.is_empty());
    }

    #[test]
    fn what_is_not_known_is_said_and_nothing_else_comes_of_it() {
        let command = read_one("curl --frobnicate much -q https://a.example");
        assert_eq!(command.remarks.len(), 2);
        assert_eq!(command.urls, ["https://a.example"]);
        assert!(read(vec!["wget".to_owned()]).is_none());
    }

    #[test]
    fn data_is_encoded_where_curl_would() {
        assert_eq!(encoded("a=b c&d"), Data::Text("a=b+c%26d".to_owned()));
        assert_eq!(encoded("=b c"), Data::Text("b+c".to_owned()));
        assert_eq!(encoded("n@f"), Data::File("f".to_owned()));
    }
}
