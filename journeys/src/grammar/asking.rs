//! Reading queries.

use std::str::FromStr;

use cutover::Part;
use http::HeaderName;

use super::{CertificatePart, Cursor, GrammarError, Path, Query, Selection, Vital, pattern};
use document::did_you_mean;

/// The words with which queries begin.
pub(crate) const fn query_words() -> &'static [&'static str] {
    &WORDS
}

/// The queries in two parts: `duration.connect`, `certificate.names`.
pub(crate) fn query_parts() -> impl Iterator<Item = &'static str> {
    DURATIONS.iter().map(|(word, _)| *word).chain(CERTIFICATES.iter().map(|(word, _)| *word))
}

const WORDS: [&str; 25] = [
    "status",
    "header",
    "cookie",
    "body",
    "json",
    "css",
    "regex",
    "bytes",
    "sha256",
    "duration",
    "certificate",
    "redirects",
    "url",
    "reached",
    "answered",
    "version",
    "topic",
    "rcode",
    "addresses",
    "ttl",
    "title",
    "ttfb",
    "fcp",
    "lcp",
    "cls",
];

const DURATIONS: [(&str, Part); 5] = [
    ("duration.resolve", Part::Resolve),
    ("duration.connect", Part::Connect),
    ("duration.tls", Part::Tls),
    ("duration.wait", Part::Wait),
    ("duration.transfer", Part::Transfer),
];

const CERTIFICATES: [(&str, CertificatePart); 4] = [
    ("certificate.days-left", CertificatePart::DaysLeft),
    ("certificate.names", CertificatePart::Names),
    ("certificate.issuer", CertificatePart::Issuer),
    ("certificate.subject", CertificatePart::Subject),
];

impl Query {
    /// Reads a query.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let word = cursor.word();
        if let Some(meant) = meant(word) {
            let help = Some(format!("did you mean `{meant}`?"));
            return Err(cursor.error(from, format!("`{word}` is no query"), help));
        }
        if let Some((family, _)) = word.split_once('.') {
            return Self::part(cursor, from, family, word);
        }
        Ok(match word {
            "status" => Self::Status,
            "header" => Self::Header(header_name(cursor)?),
            "cookie" => Self::Cookie(cookie_name(cursor)?),
            "body" => Self::Body,
            "json" => Self::Json(Path::read(cursor)?),
            "css" => Self::Css(Selection::read(cursor)?),
            "regex" => Self::Regex(pattern::read(cursor, false)?),
            "bytes" => Self::Bytes,
            "sha256" => Self::Sha256,
            "duration" => Self::Duration(Part::Total),
            "redirects" => Self::Redirects,
            "url" => Self::Url,
            "reached" => Self::Reached,
            "answered" => Self::Answered,
            "topic" => Self::Topic,
            "version" => Self::Version,
            "rcode" => Self::Rcode,
            "addresses" => Self::Addresses,
            "ttl" => Self::Ttl,
            "title" => Self::Title,
            "ttfb" => Self::Vital(Vital::Ttfb),
            "fcp" => Self::Vital(Vital::Fcp),
            "lcp" => Self::Vital(Vital::Lcp),
            "cls" => Self::Cls,
            "certificate" => {
                let help = format!("one of {}", CERTIFICATES.map(|(word, _)| word).join(", "));
                return Err(cursor.error(from, "what of the certificate is missing", Some(help)));
            }
            "" => {
                let help = format!("one of {}", WORDS.join(", "));
                return Err(cursor.error(from, "a query is missing", Some(help)));
            }
            "xpath" => {
                let help = "HTML is asked with a selector: css \"ul.menu a\" @href".to_owned();
                return Err(cursor.error(from, "`xpath` is no query", Some(help)));
            }
            other => {
                let message = format!("`{other}` is no query");
                return Err(cursor.error(from, message, Some(did_you_mean(other, WORDS))));
            }
        })
    }

    /// A query in two parts, `duration.connect`.
    fn part(cursor: &Cursor<'_>, from: usize, family: &str, word: &str) -> Result<Self, GrammarError> {
        let duration = DURATIONS.iter().find(|(name, _)| *name == word);
        let certificate = CERTIFICATES.iter().find(|(name, _)| *name == word);
        match (duration, certificate) {
            (Some((_, part)), _) => Ok(Self::Duration(*part)),
            (None, Some((_, part))) => Ok(Self::Certificate(*part)),
            (None, None) => {
                let durations = DURATIONS.iter().map(|(name, _)| *name);
                let certificates = CERTIFICATES.iter().map(|(name, _)| *name);
                let all: Vec<_> = durations.chain(certificates).collect();
                let of_family: Vec<_> = all
                    .iter()
                    .copied()
                    .filter(|name| name.split_once('.').is_some_and(|it| it.0 == family))
                    .collect();
                let known = if of_family.is_empty() { all } else { of_family };
                let help = did_you_mean(word, known.iter().copied());
                Err(cursor.error(from, format!("`{word}` is no query"), Some(help)))
            }
        }
    }
}

/// What is meant by what others write: `$.state`, `json.state`, `response.status`, `duration.total`.
fn meant(word: &str) -> Option<String> {
    let (family, rest) = word.split_once('.')?;
    match family {
        _ if word.starts_with('$') => Some(format!("json {word}")),
        "json" => Some(format!("json $.{rest}")),
        "response" | "res" => WORDS.contains(&rest).then(|| rest.to_owned()),
        "duration" if rest == "total" => Some("duration".to_owned()),
        _ => None,
    }
}

fn header_name(cursor: &mut Cursor<'_>) -> Result<HeaderName, GrammarError> {
    cursor.rest();
    let from = cursor.position();
    let name = cursor.word();
    if name.is_empty() {
        return Err(cursor.error(from, "the header's name is missing", None));
    }
    HeaderName::from_str(name)
        .map_err(|_| cursor.error(from, format!("`{name}` cannot be a header's name"), None))
}

/// A cookie's name is a token, as a header's is (RFC 6265, section 4.1.1); its case counts.
fn cookie_name(cursor: &mut Cursor<'_>) -> Result<String, GrammarError> {
    cursor.rest();
    let from = cursor.position();
    let name = cursor.word();
    if name.is_empty() {
        return Err(cursor.error(from, "the cookie's name is missing", None));
    }
    match HeaderName::from_str(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err(cursor.error(from, format!("`{name}` cannot be a cookie's name"), None)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_is_its_own() {
        let arguments = [
            ("header", " x-a"),
            ("cookie", " SID"),
            ("json", " $.a"),
            ("css", " h1"),
            ("regex", " /a/"),
            ("certificate", ".issuer"),
        ];
        for word in WORDS {
            let argument = arguments.iter().find(|(name, _)| *name == word).map_or("", |(_, it)| it);
            let query = Query::read(&mut Cursor::new(&format!("{word}{argument} exists"))).unwrap();
            assert_eq!(query.word(), word);
        }
        for (word, _) in DURATIONS {
            assert_eq!(Query::read(&mut Cursor::new(word)).unwrap().word(), "duration");
        }
        for (word, _) in CERTIFICATES {
            assert_eq!(Query::read(&mut Cursor::new(word)).unwrap().word(), "certificate");
        }
    }

    #[test]
    fn a_path_may_hold_spaces_in_brackets_and_quotes() {
        let mut cursor = Cursor::new("json $.items[?(@.name == 'a ] b')].value == 21.5");
        assert!(matches!(Query::read(&mut cursor).unwrap(), Query::Json(_)));
        assert_eq!(cursor.rest(), "== 21.5");
        let mut cursor = Cursor::new("css \"ul li\" @title contains x");
        assert!(matches!(Query::read(&mut cursor).unwrap(), Query::Css(_)));
        assert_eq!(cursor.rest(), "contains x");
    }

    #[test]
    fn errors_point_at_the_word() {
        let error = |text: &str| Query::read(&mut Cursor::new(text)).unwrap_err();
        assert_eq!((error("statsu == 2").at, error("statsu == 2").width), (0, 6));
        assert_eq!(error("statsu == 2").help.unwrap(), "did you mean `status`?");
        assert_eq!(error("json items").at, 5);
        assert_eq!(error("json $.a[").message, "`$.a[` is no JSONPath");
        assert_eq!(error("json $.größe[x]").at, 12);
        assert_eq!(error("header é").message, "`é` cannot be a header's name");
        assert_eq!(error("cookie").message, "the cookie's name is missing");
        assert_eq!(error("cookie a/b").message, "`a/b` cannot be a cookie's name");
        assert_eq!(error("duration.conect < 1s").help.unwrap(), "did you mean `duration.connect`?");
        assert_eq!(error("certificate.days > 1").message, "`certificate.days` is no query");
        assert_eq!(error("certificate").message, "what of the certificate is missing");
        assert_eq!(error("xpath //a").message, "`xpath` is no query");
        assert_eq!(error("").message, "a query is missing");
        for (text, meant) in [
            ("$.state == 1", "json $.state"),
            ("json.state == 1", "json $.state"),
            ("response.status == 200", "status"),
            ("duration.total < 1s", "duration"),
        ] {
            assert_eq!(error(text).help.unwrap(), format!("did you mean `{meant}`?"));
        }
    }
}
