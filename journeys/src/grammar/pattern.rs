//! Regular expressions, between slashes.

use regex::{Regex, RegexBuilder};

use super::{Cursor, GrammarError};

/// What a compiled expression may take in memory: `\w{2000}` takes more.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// Reads `/expression/`. A slash within it is written `\/`, except within brackets or where the line ends with the
/// last one.
pub(crate) fn read(cursor: &mut Cursor<'_>, last: bool) -> Result<Regex, GrammarError> {
    let rest = cursor.rest();
    let from = cursor.position();
    let Some(inside) = rest.strip_prefix('/') else {
        cursor.word();
        let help = "a regular expression stands between slashes: /err(or)?/".to_owned();
        return Err(cursor.error(from, "a regular expression is missing", Some(help)));
    };
    let pattern = match inside.strip_suffix('/') {
        Some(pattern) if last => pattern,
        _ => match end(inside) {
            Some(end) => &inside[..end],
            None => {
                cursor.advance(rest.len());
                let help = "it ends with a slash: /err(or)?/".to_owned();
                return Err(cursor.error(from, "the regular expression has no end", Some(help)));
            }
        },
    };
    cursor.advance(pattern.len() + 2);
    if let Some(flags) = flags(&inside[pattern.len() + 1..]) {
        let to = cursor.position() + flags.len();
        let help = format!("flags stand within the expression: /(?{flags}).../");
        let message = format!("`{flags}` stands behind the regular expression");
        return Err(cursor.error_at(cursor.position(), to, message, Some(help)));
    }
    RegexBuilder::new(&pattern.replace("\\/", "/")).size_limit(LARGEST).build().map_err(|error| {
        let reason = match error {
            regex::Error::CompiledTooBig(_) => "it is too large when compiled".to_owned(),
            // The last line of the crate's message says what is wrong; those before it draw their own marks.
            error => {
                let text = error.to_string();
                text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
            }
        };
        cursor.error(from, format!("bad regular expression: {reason}"), None)
    })
}

/// Where the expression ends: at the first slash that is neither escaped nor in brackets.
fn end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let mut bracket = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => bracket = true,
            ']' => bracket = false,
            '/' if !bracket => return Some(index),
            _ => {}
        }
    }
    None
}

/// Letters right behind the last slash, as other languages have them.
fn flags(behind: &str) -> Option<&str> {
    let word = behind.split_whitespace().next().filter(|_| !behind.starts_with(char::is_whitespace))?;
    word.chars().all(|c| c.is_ascii_alphabetic()).then_some(word)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn pattern(text: &str, last: bool) -> (String, String) {
        let mut cursor = Cursor::new(text);
        let regex = read(&mut cursor, last).unwrap();
        (regex.as_str().to_owned(), cursor.rest().to_owned())
    }

    #[test]
    fn an_expression_ends_at_its_slash() {
        assert_eq!(pattern(r"/id=(\d+)\/x/ == 7", false), (r"id=(\d+)/x".to_owned(), "== 7".to_owned()));
        assert_eq!(pattern("/a[/]b/ exists", false), ("a[/]b".to_owned(), "exists".to_owned()));
        assert_eq!(pattern("/a/b/", true), ("a/b".to_owned(), String::new()));
        assert_eq!(pattern("/a/ b", true), ("a".to_owned(), "b".to_owned()));
    }

    #[test]
    fn a_bad_expression_says_why() {
        let error = |text: &str| read(&mut Cursor::new(text), false).unwrap_err().to_string();
        let cases = [
            (
                "error",
                "a regular expression is missing (at character 1); a regular expression stands between slashes: /err(or)?/",
            ),
            ("/a", "the regular expression has no end (at character 1); it ends with a slash: /err(or)?/"),
            ("/(/", "bad regular expression: unclosed group (at character 1)"),
            (
                "/a/i",
                "`i` stands behind the regular expression (at character 4); flags stand within the expression: /(?i).../",
            ),
            (r"/\w{2000}/", "bad regular expression: it is too large when compiled (at character 1)"),
        ];
        for (text, message) in cases {
            assert_eq!(error(text), message, "{text}");
        }
    }
}
