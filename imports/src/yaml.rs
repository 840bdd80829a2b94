//! YAML in the shape of the journeys that ship: what fits stands on one line, quotes only where they are needed.

use crate::doc::Json;

/// A value that is to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    /// A text, quoted if it must be.
    Text(String),
    /// A number, `true`, `false` or `null`.
    Word(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// The width of a line, where words allow it.
const WIDTH: usize = 110;

/// Words that a YAML reader of some version takes for something else than a text.
const WORDS: [&str; 13] =
    ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf", "infinity", "undefined"];

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&Json> for Yaml {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Word("null".to_owned()),
            Json::Bool(value) => Self::Word(value.to_string()),
            Json::Number(number) => Self::Word(number.to_string()),
            Json::Text(text) => Self::Text(text.template()),
            Json::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Json::Map(fields) => {
                Self::Map(fields.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

impl Yaml {
    /// `key: value`, on one line if that fits into what is left of the width, else on several.
    pub(crate) fn entry(key: &str, value: &Self, indent: usize) -> Vec<String> {
        let key = written_key(key);
        let room = WIDTH.saturating_sub(indent + key.chars().count() + 2);
        if let Some(line) = value.line(room) {
            return vec![format!("{key}: {line}")];
        }
        let mut lines = vec![format!("{key}:")];
        lines.extend(value.lines(indent + 2).into_iter().map(|line| format!("  {line}")));
        lines
    }

    /// The whole on one line; a scalar always, a list or a mapping if it fits and needs no other quotes for it.
    fn line(&self, room: usize) -> Option<String> {
        match self {
            Self::Text(text) => Some(scalar(text, false)),
            Self::Word(word) => Some(word.clone()),
            Self::List(items) if items.is_empty() => Some("[]".to_owned()),
            Self::Map(fields) if fields.is_empty() => Some("{}".to_owned()),
            Self::List(_) | Self::Map(_) => {
                self.flow(room).filter(|line| line.chars().count() <= room && !self.better_in_a_block())
            }
        }
    }

    /// On one line, with brackets; `None` as soon as it is seen to be too long.
    fn flow(&self, room: usize) -> Option<String> {
        let (open, parts, close) = match self {
            Self::Text(text) => return Some(scalar(text, true)),
            Self::Word(word) => return Some(word.clone()),
            Self::List(items) => ("[", flow_parts(items.iter().map(|item| item.flow(room)), room)?, "]"),
            Self::Map(fields) if fields.is_empty() => ("{", String::new(), "}"),
            Self::Map(fields) => {
                let field = |(key, value): &(String, Self)| {
                    Some(format!("{}: {}", written_key(key), value.flow(room)?))
                };
                ("{ ", flow_parts(fields.iter().map(field), room)?, " }")
            }
        };
        Some(format!("{open}{parts}{close}"))
    }

    /// What needs quotes only because of the brackets around it is easier to read without.
    fn better_in_a_block(&self) -> bool {
        let needs_quotes =
            |item: &Self| matches!(item, Self::Text(text) if is_plain(text, false) && !is_plain(text, true));
        match self {
            Self::List(items) => items.iter().any(needs_quotes),
            // A template in braces is usual there; paths and selectors in brackets are hard enough to read.
            Self::Map(fields) => fields.iter().any(|(_, value)| {
                needs_quotes(value) && matches!(value, Self::Text(text) if text.contains('['))
            }),
            Self::Text(_) | Self::Word(_) => false,
        }
    }

    /// On lines of its own.
    fn lines(&self, indent: usize) -> Vec<String> {
        match self {
            Self::Text(_) | Self::Word(_) => self.line(0).into_iter().collect(),
            Self::List(items) => items.iter().flat_map(|item| item.item(indent)).collect(),
            Self::Map(fields) => {
                fields.iter().flat_map(|(key, value)| Self::entry(key, value, indent)).collect()
            }
        }
    }

    /// An item of a list, behind `- `.
    pub(crate) fn item(&self, indent: usize) -> Vec<String> {
        let lines = match self.line(WIDTH.saturating_sub(indent + 2)) {
            Some(line) => vec![line],
            None => self.lines(indent + 2),
        };
        let behind = |(index, line): (usize, String)| {
            if index == 0 { format!("- {line}") } else { format!("  {line}") }
        };
        lines.into_iter().enumerate().map(behind).collect()
    }
}

fn flow_parts(parts: impl Iterator<Item = Option<String>>, room: usize) -> Option<String> {
    let mut joined = String::new();
    for part in parts {
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(&part?);
        if joined.len() > room.saturating_mul(4) {
            return None;
        }
    }
    Some(joined)
}

/// A text, as it must be written to be read as that text.
fn scalar(text: &str, flow: bool) -> String {
    if is_plain(text, flow) { text.to_owned() } else { quoted(text) }
}

fn written_key(key: &str) -> String {
    if is_plain(key, true) && !key.contains(' ') { key.to_owned() } else { quoted(key) }
}

/// Whether a text needs no quotes: it begins like a word, holds nothing that means something to YAML there, and is no
/// word that stands for something else.
fn is_plain(text: &str, flow: bool) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_');
    let fine = |c: char| {
        c.is_alphanumeric()
            || c == ' '
            || (c.is_ascii_punctuation() && !(flow && matches!(c, ',' | '[' | ']' | '{' | '}')))
    };
    text.starts_with(begins)
        && text.chars().all(fine)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// In double quotes, with YAML's escapes (YAML 1.2, section 5.7).
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            // What cannot be seen, breaks a line, or is no character at all.
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                written.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use proptest::prelude::*;
    use serde_json::Number;

    use super::*;
    use crate::doc::{Doc, Tree};

    fn written(value: &Yaml) -> String {
        Yaml::entry("key", value, 0).join("\n") + "\n"
    }

    #[test]
    fn quotes_stand_only_where_they_must() {
        for (text, line) in [
            ("GET {{ api }}/users?a=b", "key: GET {{ api }}/users?a=b"),
            ("{{ token }}", "key: \"{{ token }}\""),
            ("json $.a == \"b\"", "key: json $.a == \"b\""),
            ("a: b", "key: \"a: b\""),
            ("a #b", "key: \"a #b\""),
            ("No", "key: \"No\""),
            ("1e3", "key: \"1e3\""),
            ("", "key: \"\""),
            ("größe\n", "key: \"größe\\n\""),
        ] {
            assert_eq!(Yaml::entry("key", &text.into(), 0).join("\n"), line);
        }
    }

    #[test]
    fn what_fits_stands_on_one_line() {
        let short = Yaml::List(vec!["status == 200".into(), "body exists".into()]);
        assert_eq!(written(&short), "key: [status == 200, body exists]\n");
        let bracket = Yaml::List(vec!["status == 200".into(), "json $.a[0] == 1".into()]);
        assert_eq!(written(&bracket), "key:\n  - status == 200\n  - json $.a[0] == 1\n");
        let long = Yaml::Map(vec![("a".to_owned(), "x".repeat(120).into()), ("b".to_owned(), short)]);
        let expected = format!("key:\n  a: {}\n  b: [status == 200, body exists]\n", "x".repeat(120));
        assert_eq!(written(&long), expected);
    }

    fn anything() -> impl Strategy<Value = Tree> {
        let text = prop_oneof![
            ".{0,40}".prop_map(|text| text),
            "[-:#{}\\[\\],&*!|>'\"%@`~?0-9eE.+ \\n\\t\\\\tfnaruleso]{0,20}".prop_map(|text| text),
            proptest::sample::select(vec![
                "~",
                "null",
                "0x1f",
                "0o7",
                "1_000",
                "2026-01-01",
                "12:30:45",
                ".inf",
                "<<",
                "=",
                "---",
                "..."
            ])
            .prop_map(str::to_owned),
            "(?s).{100,300}",
        ];
        let leaf = prop_oneof![
            Just(Doc::Null),
            any::<bool>().prop_map(Doc::Bool),
            any::<i64>().prop_map(|n| Doc::Number(n.into())),
            any::<u64>().prop_map(|n| Doc::Number(n.into())),
            any::<f64>().prop_map(|n| Number::from_f64(n).map_or(Doc::Null, Doc::Number)),
            text.clone().prop_map(Doc::Text),
        ];
        leaf.prop_recursive(6, 60, 8, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Doc::List),
                prop::collection::btree_map(text.clone(), inner, 0..8)
                    .prop_map(|map| Doc::Map(map.into_iter().collect())),
            ]
        })
    }

    fn plain(tree: &Tree) -> Yaml {
        match tree {
            Doc::Text(text) => Yaml::Text(text.clone()),
            Doc::List(items) => Yaml::List(items.iter().map(plain).collect()),
            Doc::Map(fields) => {
                Yaml::Map(fields.iter().map(|(key, value)| (key.clone(), plain(value))).collect())
            }
            scalar => Yaml::from(&scalar.to_json()),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_as_the_same(tree in anything()) {
            let text = written(&plain(&tree));
            let read: Tree = serde_yaml::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert_eq!(read.get("key").unwrap(), &tree, "{}", text);
        }
    }
}
