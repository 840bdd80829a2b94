//! The options of curl: what each says of the request.

use super::command::{Command, Data, encoded, seconds};
use super::options::{IGNORED, IGNORED_WITH_VALUE, LETTERS, WITH_VALUE};
use crate::draft::Field;

/// A journey follows no more.
const MOST_REDIRECTS: u64 = 50;

/// So much of a program's name is told.
const LONGEST_NAME: usize = 30;
/// A step is tried no more often.
const MOST_ATTEMPTS: u64 = 100;

/// What a command is.
#[derive(Debug)]
pub(super) enum Read {
    /// The requests of a curl.
    Curl(Vec<Command>),
    /// Another program, by its name.
    Other(String),
    /// None: it only sets variables.
    Nothing,
}

/// Reads a command's words.
pub(super) fn read(words: Vec<String>) -> Read {
    let mut words = words
        .into_iter()
        .skip_while(|word| word.contains('=') || matches!(word.as_str(), "$" | "sudo" | "time"));
    let Some(program) = words.next() else { return Read::Nothing };
    let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
    if !matches!(program, "curl" | "curl.exe") {
        // What it is given is nobody's business.
        return Read::Other(program.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect());
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
    Read::Curl(commands)
}

impl Command {
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
        if !WITH_VALUE.contains(&option) {
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
            // So many times more than once.
            "retry" => {
                let again = value.parse().ok().filter(|again| *again > 0);
                self.attempts = again.map(|again: u64| again.saturating_add(1).min(MOST_ATTEMPTS));
            }
            "retry-delay" | "retry-max-time" => self.remarks.push(format!(
                "curl's `--{option}` was left out: `retry: {{ attempts: 3, every: 1s }}` says what lies between attempts."
            )),
            "cert" => self.cert = Some(certificate(&value)),
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
}

/// The file of `--cert FILE[:PASSWORD]`; a colon of its own has a backslash before it, and so has a backslash.
fn certificate(value: &str) -> String {
    let mut file = String::new();
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', Some(&escaped @ (':' | '\\'))) => {
                file.push(escaped);
                rest.next();
            }
            (':', _) => break,
            _ => file.push(c),
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read_one(line: &str) -> Command {
        let Read::Curl(mut commands) = read(line.split(' ').map(str::to_owned).collect()) else {
            unreachable!("{line}")
        };
        commands.remove(0)
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
        let read_none = |line: &str| read(line.split(' ').map(str::to_owned).collect());
        assert!(matches!(read_none("/usr/bin/wget -q x"), Read::Other(name) if name == "wget"));
        assert!(matches!(read_none("A=b"), Read::Nothing));
    }

    #[test]
    fn a_certificate_ends_at_its_password() {
        for (value, file) in
            [("me.pem:hunter2", "me.pem"), (r"c\:me.pem", "c:me.pem"), (r"a\\b\c:", r"a\b\c")]
        {
            assert_eq!(certificate(value), file);
        }
    }
}
